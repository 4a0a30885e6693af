import { once } from 'node:events'
import { startBackend } from './sample/server.js'

export interface SampleBackendOptions {
  /** 0: any free port. */
  readonly port: number
  readonly name?: string | undefined
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined
}

/**
 * Runs one sample back-end until SIGTERM or SIGINT. It prints what it does to standard output, as the sample server of
 * Axis2 does.
 * @throws Error naming the port, if it is taken
 */
export async function sampleBackend ({ port, name, host = '127.0.0.1' }: SampleBackendOptions): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const print = (line: string): void => { process.stdout.write(`${line}\n`) }
  const log = (line: string): void => print(`${new Date().toISOString()} ${line}`)
  const server = await startBackend({ port, name, host, log }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new Error(`port ${port} is in use`) : error
  })
  print(`${name ??
    'an unnamed server'} listens on http://${host}:${server.port}/services/LBService1 and …/SimpleStockQuoteService`)
  await stopped
  await server.close()
}
