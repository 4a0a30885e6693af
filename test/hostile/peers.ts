import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { family, residentMemory } from '../support/processes/processes.js'
import { engineVersion, fetchSynapse, isThere, synapseCommand } from '../support/processes/synapse.js'
import { freePort } from '../support/free-port.js'
import { RESOURCE_OPTIONS, resourcesOf } from '../support/processes/process-resources.js'
import { configuration, synapseConfiguration } from './configuration.js'

export type PeerName = 'ours' | 'nginx' | 'haproxy' | 'synapse'
export const PEERS: readonly PeerName[] = ['ours', 'nginx', 'haproxy', 'synapse']

/** Where the endpoints are. */
export interface Ports {
  readonly plain: number
  readonly tls: number
  readonly members: readonly number[]
}

/** A running gateway, and what can be seen of it from outside. */
export interface Peer {
  readonly name: PeerName
  readonly port: number
  readonly adminPort: number
  readonly process: ChildProcess
  /** What it has written to standard output and error. */
  readonly log: () => string
  /** Its sockets (Linux). */
  readonly sockets: () => number
  /** Bytes: of ours objects and buffers without garbage, of others the memory of the process (Linux). */
  readonly memory: () => Promise<number>
  readonly version: string
  stop(): Promise<number | null>
}

const CLI = resolve('dist/lib/cli.js')

const runs = (command: string, version = '-v'): boolean => spawnSync(command, [version]).status === 0

/** Why a gateway is left out; undefined: rows can run at it. Maven brings Apache Synapse the first time. */
export function whyMissing (name: PeerName): string | undefined {
  if (name === 'ours') return undefined
  if (name !== 'synapse') return runs(name) ? undefined : 'it is not installed'
  if (!runs('java', '-version')) return 'a JDK is not installed'
  if (isThere()) return undefined
  if (!runs('mvn')) return 'Maven is not installed'
  try {
    fetchSynapse()
  } catch {
    return 'Maven could not bring it'
  }
  return undefined
}

export async function start (name: PeerName, folder: string, ports: Ports): Promise<Peer> {
  mkdirSync(folder, { recursive: true })
  const [port, adminPort] = [await freePort(), await freePort()]
  const [command, args] = commandOf(name, folder, ports, port, adminPort)
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...name === 'ours' ? ['ipc' as const] : []],
    cwd: name === 'ours' ? process.cwd() : folder
  })
  const log: string[] = []
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => log.push(text))
  }
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  await listening(
    port,
    () => child.exitCode,
    () => log.join('')
  )
  return {
    name,
    port,
    adminPort,
    process: child,
    version: versionOf(name),
    log: () => log.join(''),
    sockets: () => family(child.pid!).reduce((sum, pid) => sum + socketsOf(pid), 0),
    memory: async () => {
      if (name !== 'ours') return residentMemory(child.pid!) * 2 ** 20
      const { heap, buffers } = await resourcesOf(child)
      return heap + buffers
    },
    stop: async () => {
      child.kill('SIGTERM')
      const code = await Promise.race([ended, pause(60_000, 'late' as const, { ref: false })])
      if (code !== 'late') return code
      child.kill('SIGKILL')
      return null
    }
  }
}

function commandOf (
  name: PeerName,
  folder: string,
  ports: Ports,
  port: number,
  adminPort: number
): [string, string[]] {
  if (name === 'synapse') {
    const [command = '', ...args] = synapseCommand(synapseConfiguration(ports), port, folder, { tls: true })
    return [command, args]
  }
  const file = join(folder, name === 'ours' ? 'hostile.xml' : `${name}.conf`)
  writeFileSync(
    file,
    name === 'ours' ? configuration(ports) : name === 'nginx' ? nginx(ports, port, folder) : haproxy(ports, port)
  )
  if (name === 'nginx') return ['nginx', ['-c', file, '-p', folder, '-e', join(folder, 'error.log')]]
  if (name === 'haproxy') return ['haproxy', ['-db', '-f', file]]
  return [
    process.execPath,
    [
      ...RESOURCE_OPTIONS,
      CLI,
      'serve',
      file,
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
      '--admin-port',
      String(adminPort),
      '--access-log'
    ]
  ]
}

/** Resolves when it accepts connections. */
async function listening (port: number, code: () => number | null, log: () => string): Promise<void> {
  for (let tries = 0; tries < 2_400; tries++) {
    if (code() !== null) throw new Error(`it ended before it listened: ${log().slice(-2000)}`)
    const accepted = await new Promise<boolean>(resolve => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        resolve(true)
        socket.destroy()
      }).on('error', () => resolve(false))
    })
    if (accepted) return
    await pause(50)
  }
  throw new Error('it does not listen')
}

const versionOf = (name: PeerName): string => {
  if (name === 'ours') return (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version
  if (name === 'synapse') return engineVersion()
  const { stdout, stderr } = spawnSync(name, ['-v'], { encoding: 'utf8' })
  return /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? '?'
}

function socketsOf (pid: number): number {
  try {
    const listed = readdirSync(`/proc/${pid}/fd`)
    return listed.length
  } catch {
    return 0
  }
}

const nginx = ({ plain, tls, members }: Ports, port: number, folder: string): string => `daemon off;
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${join(folder, 'body')};
  proxy_temp_path ${join(folder, 'proxy')};
  fastcgi_temp_path ${join(folder, 'fastcgi')};
  uwsgi_temp_path ${join(folder, 'uwsgi')};
  scgi_temp_path ${join(folder, 'scgi')};
  client_max_body_size 64m;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_next_upstream off;
  upstream plain { server 127.0.0.1:${plain} max_fails=0; keepalive 32; }
  upstream secure { server 127.0.0.1:${tls} max_fails=0; keepalive 32; }
  upstream other { server 127.0.0.1:${members[0]} max_fails=0; keepalive 32; }
  upstream members {
    hash $http_x_session consistent;
    ${members.map(member => `server 127.0.0.1:${member} max_fails=0;`).join(' ')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location /services/Plain/ { proxy_pass http://plain/s/; }
    location /services/Secure/ { proxy_pass https://secure/s/; }
    location /services/Other/ { proxy_pass http://other/s/; }
    location /services/Sessions { proxy_pass http://members/s; }
  }
}
`

const haproxy = ({ plain, tls, members }: Ports, port: number): string => `global
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-request 60s
  timeout http-keep-alive 60s
  option http-keep-alive
frontend in
  bind 127.0.0.1:${port}
  use_backend plain if { path_beg /services/Plain/ }
  use_backend secure if { path_beg /services/Secure/ }
  use_backend other if { path_beg /services/Other/ }
  use_backend members if { path_beg /services/Sessions }
backend plain
  http-request replace-path /services/Plain/(.*) /s/\\1
  server one 127.0.0.1:${plain}
backend other
  http-request replace-path /services/Other/(.*) /s/\\1
  server one 127.0.0.1:${members[0]}
backend secure
  http-request replace-path /services/Secure/(.*) /s/\\1
  server one 127.0.0.1:${tls} ssl verify none
backend members
  balance hdr(X-Session)
  hash-type consistent
  ${members.map((member, at) => `server m${at} 127.0.0.1:${member}`).join('\n  ')}
`
