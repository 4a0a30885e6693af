import { spawn } from 'node:child_process'
import { isInstalled, LOAD_CORE } from '../support/processes/processes.js'
import type { Peer } from './peers.js'

const PORT = 19180

/**
 * The proxy of ours with its sessions in Redis: read for each message, and with results that are cached. Redis is on
 * the core of the load.
 */
export const withRedis = (ours: Peer): readonly Peer[] =>
  (
    [
      ['Redis', '0'],
      ['Redis, near cache', undefined]
    ] as const
  ).map(([name, nearCache]) => ({
    name: `${ours.name}, ${name}`,
    missing: isInstalled('redis-server')
      ? undefined
      : 'redis-server is not installed (apt-get install redis-server)',
    command (port, folder) {
      startOnce()
      return [
        ...ours.command(port, folder),
        '--session-store',
        `redis://127.0.0.1:${PORT}`,
        ...(nearCache === undefined ? [] : ['--session-cache-ttl', nearCache])
      ]
    }
  }))

let started = false
/** Not by the proxy: what it takes is not the proxy's. */
function startOnce (): void {
  if (started) return
  started = true
  const child = spawn(
    'taskset',
    [
      '-c',
      LOAD_CORE,
      'redis-server',
      '--port',
      String(PORT),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no'
    ],
    { stdio: 'ignore' }
  )
  process.on('exit', () => child.kill('SIGKILL'))
}
