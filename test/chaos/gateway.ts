import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { StateChange } from './history.js'
import { knownName } from './services.js'
import { RESOURCE_OPTIONS, resourcesOf } from '../support/processes/process-resources.js'
import type { ProcessResources } from '../support/processes/process-resources-hook.js'

/** The command `serve` in a process of its own. */
export interface Gateway {
  readonly url: string
  readonly pid: number
  /** Changes of state since the last call. */
  takeStateChanges (): StateChange[]
  /** Lines of its log at level error or above, and everything that it wrote to standard error. */
  readonly errorLines: readonly string[]
  resources(): Promise<ProcessResources>
  /** Every sample of its metrics, by name and labels as they are written. */
  metrics(): Promise<ReadonlyMap<string, number>>
  /** Sends SIGHUP: it reloads its configuration. */
  reload (): void
  /** Sends SIGTERM. Resolves with its exit code. */
  stop(): Promise<number | null>
}

const CLI = fileURLToPath(new URL('../../lib/cli.js', import.meta.url))
const ERROR = 50

interface Line {
  readonly level: number
  readonly time: number
  readonly msg: string
  readonly endpoint?: string
  readonly from?: string
  readonly to?: string
  readonly cause?: string
}

export interface GatewayOptions {
  /** Further arguments of `serve`. */
  readonly more?: readonly string[]
  /** How many file descriptors its process may have beyond those of its start. Default: no limit of its own */
  readonly descriptors?: number | undefined
}

export async function startGateway (
  configuration: string,
  { more = [], descriptors }: GatewayOptions = {}
): Promise<Gateway> {
  const child = spawn(
    process.execPath,
    [
      ...RESOURCE_OPTIONS,
      CLI,
      'serve',
      configuration,
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--admin-port',
      '0',
      ...more
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }
  )
  const end = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', end)
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => {
    process.off('exit', end)
    return code ?? null
  })
  let stateChanges: StateChange[] = []
  const errorLines: string[] = []
  let onLine = (_message: string): void => {}
  createInterface(child.stderr!).on('line', line => errorLines.push(line))
  createInterface(child.stdout!).on('line', text => {
    const line = parsed(text)
    if (line === undefined || line.level >= ERROR) errorLines.push(text)
    if (line?.to !== undefined && line.from !== undefined) {
      stateChanges.push({ at: line.time, endpoint: knownName(line.endpoint!), to: line.to, cause: line.cause })
    }
    if (line !== undefined) onLine(line.msg)
  })
  const [url, admin] = await Promise.race([
    new Promise<string[]>(resolve => {
      const addresses: Record<string, string> = {}
      onLine = message => {
        const [, listener, address] = /^(Server|Admin) listening at (http:\/\/\S+)/.exec(message) ?? []
        if (listener !== undefined) addresses[listener] = address!
        const { Server: server, Admin: admin } = addresses
        if (server !== undefined && admin !== undefined) resolve([server, admin])
      }
    }),
    ended.then(() => {
      throw new Error(`the gateway does not start: ${errorLines.join('\n')}`)
    })
  ])
  if (descriptors !== undefined) limitDescriptors(child.pid!, descriptors)
  return {
    url: url!,
    pid: child.pid!,
    takeStateChanges () {
      const taken = stateChanges
      stateChanges = []
      return taken
    },
    errorLines,
    resources: async () => await resourcesOf(child),
    async metrics () {
      const text = await (await fetch(`${admin}/metrics`, { headers: { connection: 'close' } })).text()
      return new Map(
        text
          .split('\n')
          .filter(line => line !== '' && !line.startsWith('#'))
          .map(line => {
            const at = line.lastIndexOf(' ')
            return [line.slice(0, at), Number(line.slice(at + 1))]
          })
      )
    },
    reload () {
      child.kill('SIGHUP')
    },
    async stop () {
      child.kill('SIGTERM')
      return await ended
    }
  }
}

/** Limits the descriptors of a process to `more` than it has now. @throws without the command prlimit (util-linux) */
function limitDescriptors (pid: number, more: number): void {
  const limit = readdirSync(`/proc/${pid}/fd`).length + more
  const { error, status } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${limit}`])
  if (error !== undefined || status !== 0) throw new Error('prlimit cannot limit the file descriptors of the gateway')
}

function parsed (text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}
