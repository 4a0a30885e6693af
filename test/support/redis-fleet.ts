import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { SERVER } from './redis.js'
import { freePort } from './free-port.js'

/** One process of a server, a sentinel or a node of a cluster, on loopback. */
export interface RedisProcess {
  readonly port: number
  readonly child: ChildProcess
  readonly call: (...words: readonly [string, ...string[]]) => Promise<unknown>
  readonly kill: () => Promise<void>
}

/** A free port; that of the cluster bus is 10,000 above. Ports of the system begin at 32,768: one is found soon. */
async function nodePort (): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port < 55_000) return port
  }
}

/** Starts a process with these lines of configuration. */
export async function redisProcess (
  t: Test,
  lines: readonly string[],
  words: readonly string[] = []
): Promise<RedisProcess> {
  const port = await nodePort()
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'redis.conf')
  const isPlain = !lines.some(line => line.startsWith('tls-port'))
  const own = [isPlain ? `port ${port}` : 'port 0', 'bind 127.0.0.1', `dir ${folder}`, ...lines]
  writeFileSync(file, own.map(line => line.replaceAll('PORT', String(port))).join('\n') + '\n')
  const child = spawn(SERVER!, [file, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => {
    child.kill('SIGKILL')
  })
  let said = ''
  for await (const chunk of child.stdout) if (/Ready to accept|monitor master/.test((said += String(chunk)))) break
  if (!/Ready to accept|monitor master/.test(said)) throw new Error(`${SERVER} did not start: ${said}`)
  child.stdout.resume()
  const direct = isPlain
    ? new Redis({ port, host: '127.0.0.1', lazyConnect: true, maxRetriesPerRequest: 1 })
    : undefined
  direct?.on('error', () => {})
  t.teardown(() => direct?.disconnect())
  return {
    port,
    child,
    call: async (command, ...rest) => await direct!.call(command, ...rest),
    async kill () {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }
}

const NOTHING_ON_DISK = ['save ""', 'appendonly no']

/** A primary with one replica, and one sentinel that fails over after half a second. */
export async function sentinelFleet (
  t: Test
): Promise<{
  readonly url: string
  readonly primary: RedisProcess
  readonly replica: RedisProcess
  /** Resolves when the replica has what the primary had when it was called. */
  readonly replicated: () => Promise<void>
}> {
  const login = ['requirepass secret', 'masterauth secret']
  const primary = await redisProcess(t, [...NOTHING_ON_DISK, ...login])
  const replica = await redisProcess(t, [...NOTHING_ON_DISK, ...login, `replicaof 127.0.0.1 ${primary.port}`])
  const sentinel = await redisProcess(
    t,
    [
      `sentinel monitor mymaster 127.0.0.1 ${primary.port} 1`,
      'sentinel auth-pass mymaster secret',
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 3000'
    ],
    ['--sentinel']
  )
  const knows = async (): Promise<boolean> =>
    ((await sentinel.call('SENTINEL', 'replicas', 'mymaster')) as unknown[]).length > 0
  while (!(await knows())) await delay(50)
  const direct = async (command: string): Promise<string> => {
    const client = new Redis({ port: replica.port, host: '127.0.0.1', password: 'secret' })
    try {
      return String(await client.call(command))
    } finally {
      client.disconnect()
    }
  }
  while (!(await direct('INFO')).includes('master_link_status:up')) await delay(50)
  const replicated = async (): Promise<void> => {
    const client = new Redis({ port: primary.port, host: '127.0.0.1', password: 'secret' })
    client.on('error', () => {})
    await client.call('SET', 'replicated', '1')
    await client.call('WAIT', '1', '0')
    client.disconnect()
  }
  return { url: `redis+sentinel://:secret@127.0.0.1:${sentinel.port}/mymaster`, primary, replica, replicated }
}

/** A cluster of three primaries without replicas: one that is lost takes a third of the keys along. */
export async function clusterFleet (
  t: Test
): Promise<{ readonly url: string; readonly nodes: readonly RedisProcess[] }> {
  const lines = [
    ...NOTHING_ON_DISK,
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    'cluster-node-timeout 1000',
    'cluster-require-full-coverage no'
  ]
  const nodes = await Promise.all([1, 2, 3].map(async () => await redisProcess(t, lines)))
  const [first] = nodes
  const ranges = [
    [0, 5460],
    [5461, 10922],
    [10923, 16383]
  ] as const
  for (const [at, { call, port }] of nodes.entries()) {
    await call('CLUSTER', 'ADDSLOTSRANGE', String(ranges[at]![0]), String(ranges[at]![1]))
    if (at > 0) await first!.call('CLUSTER', 'MEET', '127.0.0.1', String(port))
  }
  const isWhole = async ({ call }: RedisProcess): Promise<boolean> =>
    /cluster_state:ok[^]*cluster_known_nodes:3/.test(String(await call('CLUSTER', 'INFO'))) &&
    /cluster_slots_assigned:16384/.test(String(await call('CLUSTER', 'INFO')))
  for (const node of nodes) while (!(await isWhole(node))) await delay(50)
  return { url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`, nodes }
}
