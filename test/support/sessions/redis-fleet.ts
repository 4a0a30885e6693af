import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis, type RedisOptions } from 'ioredis'
import type { Test } from 'tap'
import { Authority } from '../http/authority.js'
import { SERVER } from './redis.js'
import { freePort } from '../free-port.js'
import { until } from '../until.js'

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

/** TLS with a private authority, where both sides have certificates, and users that may do no more than they need. */
export interface Security {
  readonly lines: readonly string[]
  /** How tests connect: with the user `fleet`, which the processes among themselves are, too. */
  readonly direct: Omit<RedisOptions, 'replyMapping'>
  /** Files for a gateway. Its user is `gateway`, with the password `pass/word`. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string }
}

/** @param mayBesides commands of the gateway besides those for its keys */
export function securityOf (t: Test, mayBesides = ''): Security {
  const authority = new Authority(t)
  const [server, gateway] = [authority.issue('/CN=redis'), authority.issue('/CN=gateway')]
  return {
    lines: [
      `tls-cert-file ${server.cert}`,
      `tls-key-file ${server.key}`,
      `tls-ca-cert-file ${authority.file}`,
      'user default off',
      'user fleet on >secret ~* &* +@all',
      `user gateway on >pass/word ~proxy-services:session:* +get +set +del +eval +scan +info ${mayBesides}`
    ],
    direct: { username: 'fleet', password: 'secret', tls: { ca: authority.pem, ...server.pem } },
    tls: { ca: authority.file, cert: gateway.cert, key: gateway.key }
  }
}

/** Starts a process with these lines of configuration. */
export async function redisProcess (
  t: Test,
  lines: readonly string[],
  words: readonly string[] = [],
  security?: Security
): Promise<RedisProcess> {
  const port = await nodePort()
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'redis.conf')
  // A sentinel does not know the commands of the gateway's user.
  const secure = security?.lines.filter(line => words.length === 0 || !line.startsWith('user gateway'))
  const listening = secure === undefined ? [`port ${port}`] : ['port 0', `tls-port ${port}`, ...secure]
  const own = [...listening, 'bind 127.0.0.1', `dir ${folder}`, ...lines]
  writeFileSync(file, own.join('\n') + '\n')
  const child = spawn(SERVER!, [file, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => {
    child.kill('SIGKILL')
  })
  let said = ''
  for await (const chunk of child.stdout) if (/Ready to accept|monitor master/.test((said += String(chunk)))) break
  if (!/Ready to accept|monitor master/.test(said)) throw new Error(`${SERVER} did not start: ${said}`)
  child.stdout.resume()
  const options = { port, host: '127.0.0.1', lazyConnect: true, maxRetriesPerRequest: 1, ...security?.direct }
  const direct = new Redis(options).on('error', () => {})
  t.teardown(() => direct.disconnect())
  return {
    port,
    child,
    call: async (command, ...rest) => await direct.call(command, ...rest),
    async kill () {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }
}

const NOTHING_ON_DISK = ['save ""', 'appendonly no']

const PRIMARY = 'mymaster'

/** A primary with one replica, and one sentinel that fails over after three seconds. */
export async function sentinelFleet (
  t: Test,
  security?: Security
): Promise<{
  readonly url: string
  readonly primary: RedisProcess
  readonly replica: RedisProcess
  /** Resolves when the replica has what the primary had when it was called. */
  readonly replicated: () => Promise<void>
}> {
  const login = security === undefined
    ? ['requirepass secret', 'masterauth secret']
    : ['masteruser fleet', 'masterauth secret', 'tls-replication yes']
  const start = async (more: readonly string[], words: readonly string[] = []): Promise<RedisProcess> =>
    await redisProcess(t, more, words, security)
  const primary = await start([...NOTHING_ON_DISK, ...login])
  const replica = await start([...NOTHING_ON_DISK, ...login, `replicaof 127.0.0.1 ${primary.port}`])
  const sentinel = await start(
    [
      ...(security === undefined ? [] : ['tls-replication yes']),
      `sentinel monitor ${PRIMARY} 127.0.0.1 ${primary.port} 1`,
      ...(security === undefined ? [] : [`sentinel auth-user ${PRIMARY} fleet`]),
      `sentinel auth-pass ${PRIMARY} secret`,
      `sentinel down-after-milliseconds ${PRIMARY} 3000`,
      `sentinel failover-timeout ${PRIMARY} 3000`
    ],
    ['--sentinel']
  )
  const knows = async (): Promise<boolean> =>
    ((await sentinel.call('SENTINEL', 'replicas', PRIMARY)) as unknown[]).length > 0
  await until(knows, 'the sentinel knows the replica')
  const send = async ({ port }: RedisProcess, ...commands: readonly [string, ...string[]][]): Promise<string> => {
    const client = new Redis({ port, host: '127.0.0.1', password: 'secret', ...security?.direct })
    client.on('error', () => {})
    try {
      let response: unknown
      for (const [command, ...words] of commands) response = await client.call(command, ...words)
      return String(response)
    } finally {
      client.disconnect()
    }
  }
  await until(
    async () => (await send(replica, ['INFO'])).includes('master_link_status:up'),
    'the replica follows its primary'
  )
  const replicated = async (): Promise<void> => {
    await send(primary, ['SET', 'replicated', '1'], ['WAIT', '1', '0'])
  }
  const at = `127.0.0.1:${sentinel.port}/${PRIMARY}`
  const url = security === undefined
    ? `redis+sentinel://:secret@${at}`
    : `rediss+sentinel://gateway:pass%2Fword@${at}?sentinelUsername=fleet&sentinelPassword=secret`
  return { url, primary, replica, replicated }
}

/** A cluster of three primaries without replicas: one that is lost takes a third of the keys along. */
export async function clusterFleet (
  t: Test,
  security?: Security
): Promise<{ readonly url: string; readonly nodes: readonly RedisProcess[] }> {
  const lines = [
    ...NOTHING_ON_DISK,
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    'cluster-node-timeout 1000',
    'cluster-require-full-coverage no',
    ...(security === undefined ? [] : ['tls-cluster yes'])
  ]
  const nodes = await Promise.all([1, 2, 3].map(async () => await redisProcess(t, lines, [], security)))
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
  for (const node of nodes) await until(async () => await isWhole(node), 'the cluster is whole')
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')
  const start = security === undefined ? 'redis+cluster://' : 'rediss+cluster://gateway:pass%2Fword@'
  return { url: `${start}${hosts}`, nodes }
}
