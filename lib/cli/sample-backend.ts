import { once } from 'node:events'
import { startBackend } from './sample/server.js'

/**
 * Runs one sample back-end until SIGTERM or SIGINT. It prints what it does to standard output, as the sample server of Axis2 does.
 * @param options.port 0: any free one. @param options.host `127.0.0.1` unless told. @throws Error naming the port, if it is taken
 */
export async function sampleBackend ({ port, name, host = '127.0.0.1' }: { port: number, name?: string | undefined, host?: string | undefined }): Promise<void> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const print = (line: string): void => { process.stdout.write(`${line}\n`) }
  const server = await startBackend({ port, name, host, log: line => print(`${new Date().toISOString()} ${line}`) }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new Error(`port ${port} is in use`) : error
  })
  print(`${name ?? 'a server without a name'} listens on http://${host}:${server.port}/services/LBService1 and …/SimpleStockQuoteService`)
  await stopped
  await server.close()
}
