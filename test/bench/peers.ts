import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { RESPONSE, type MessageKind } from './load.js'
import { isThere, synapseCommand } from '../support/processes/synapse.js'
import { isInstalled } from '../support/processes/processes.js'
import { withRedis } from './session-store.js'

/** A proxy that is measured: how it is started on a port, before these back-ends; or why it is not. */
export interface Peer {
  readonly name: string
  readonly command: (port: number, folder: string) => readonly string[]
  readonly env?: Record<string, string>
  readonly missing?: string | undefined
  /** Seconds of load that it needs at least before it is as fast as it gets. */
  readonly warmup?: number
  /** The message that it gets. Default: `plain` */
  readonly message?: MessageKind
}

/** Ports from here on are used; BENCH_PORT says another, for two benchmarks side by side. */
const FIRST_PORT = Number(process.env['BENCH_PORT'] ?? 19100)
export const BACKENDS = [FIRST_PORT + 1, FIRST_PORT + 2, FIRST_PORT + 3] as const
export const portOf = (at: number): number => FIRST_PORT + 100 + at

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const uri = (port: number, service = 'LBService1'): string => `http://127.0.0.1:${port}/services/${service}`

/** What sends the requests of ours to back-ends: `--client own` or `--client undici`. */
const {
  values: { client }
} = parseArgs({ strict: false, options: { client: { type: 'string', default: 'own' } } })

const needs = (command: string, how: string): string | undefined =>
  isInstalled(command) ? undefined : `${command} is not installed (${how})`
const package_ = (name: string): string | undefined => {
  try {
    createRequire(import.meta.url).resolve(name)
    return undefined
  } catch {
    return `${name} is not installed (npm i --no-save ${name})`
  }
}

/** A configuration of ours, written to a file. */
function configuration (name: string, endpoint: object, folder: string): string {
  const file = join(folder, `${name.replace(/\W+/g, '-')}.json`)
  writeFileSync(
    file,
    JSON.stringify({
      proxies: {
        LBProxy: {
          in: [{ kind: 'send', endpoint }],
          out: [{ kind: 'send' }],
          fault: [
            {
              kind: 'makefault',
              version: 'soap12',
              code: {
                value: { prefix: 's', namespace: 'http://www.w3.org/2003/05/soap-envelope', name: 'Receiver' }
              },
              reason: { value: 'down' }
            },
            { kind: 'respond' }
          ]
        }
      }
    })
  )
  return file
}
const ours = (name: string, endpoint: object): Peer => ({
  name,
  command: (port, folder) => [
    process.execPath,
    here('../../lib/cli.js'),
    'serve',
    configuration(name, endpoint, folder),
    '--port',
    String(port),
    '--host',
    '127.0.0.1',
    '--log-level',
    'warn',
    '--upstream-client',
    String(client)
  ]
})
/** The same with a line in the log for each request. */
const logged = (peer: Peer): Peer => ({
  name: `${peer.name}, access log`,
  command: (port, folder) =>
    [...peer.command(port, folder).map(each => (each === 'warn' ? 'info' : each)), '--access-log']
})
/** The same with its output in a file. */
const intoFile = (peer: Peer): Peer => ({
  ...peer,
  command: (port, folder) =>
    ['bash', '-c', 'exec "$@" > "$0"', join(folder, 'access.log'), ...peer.command(port, folder)]
})
/** Ours with another limit for bodies that are kept for a second try. */
const limited = (name: string, endpoint: object, replayLimit: number): Peer => ({
  name,
  command: (port, folder) => [
    process.execPath,
    here('peers/limited.js'),
    configuration(name, endpoint, folder),
    String(port),
    String(replayLimit)
  ]
})
const members = BACKENDS.map(port => ({ kind: 'address', uri: uri(port) }))
const seed = BACKENDS.map(port => ({
  kind: 'address',
  uri: uri(port),
  enableAddressing: true,
  suspendOnFailure: { initialDuration: 20_000, progressionFactor: 1 }
}))
const group = { kind: 'loadbalance', members }
const sessions = { ...group, session: { kind: 'simpleClientSession' } }
const clientID = ours('ours: ClientID', sessions)

const bare = {
  name: 'node:http and undici',
  command: (port: number) => [process.execPath, here('peers/bare.js'), String(port), ...BACKENDS.map(String)]
}
const bareOwn = {
  name: 'node:http and own client',
  command: (port: number) => [process.execPath, here('peers/bare-own.js'), String(port), ...BACKENDS.map(String)]
}
const oneAddress = ours('ours: one address', members[0]!)
const roundRobin = ours('ours: round robin', group)
const sampleProxy = ours('ours: seed 000', { ...group, members: seed, session: { kind: 'simpleClientSession' } })

export const BASE = 'http-proxy'
export const ADDRESSED_BASE = 'http-proxy, addressed'
export const SYNAPSE = 'Apache Synapse'

export const PEERS: readonly Peer[] = [
  {
    name: BASE,
    command: port => [process.execPath, here('peers/http-proxy.js'), String(port), ...BACKENDS.map(String)]
  },
  bare,
  bareOwn,
  oneAddress,
  roundRobin,
  clientID,
  intoFile(logged(clientID)),
  ...withRedis(clientID),
  ours('ours: cookie', { ...group, session: { kind: 'http', cookies: ['ROUTE'] } }),
  sampleProxy,
  {
    name: 'fast-proxy',
    missing: package_('fast-proxy'),
    command: port => [process.execPath, here('peers/fast-proxy.js'), String(port), ...BACKENDS.map(String)]
  },
  {
    name: 'nginx',
    missing: needs('nginx', 'apt-get install nginx-light'),
    command (port, folder) {
      const file = join(folder, 'nginx-proxy.conf')
      writeFileSync(
        file,
        `daemon off; user root; worker_processes 1; pid ${folder}/nginx-proxy.pid; error_log ${folder}/nginx-proxy.log; events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000; client_max_body_size 0; proxy_request_buffering off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream b { ${BACKENDS.map(each => `server 127.0.0.1:${each};`).join(' ')} keepalive 512; keepalive_requests 1000000; }
  server { listen 127.0.0.1:${port} backlog=4096; location / { proxy_pass http://b; proxy_http_version 1.1; proxy_set_header Connection ""; } } }\n`
      )
      return ['nginx', '-c', file, '-p', folder]
    }
  },
  ...(['round robin', 'stick-table'] as const).map((name): Peer => ({
    name: `haproxy ${name}`,
    missing: needs('haproxy', 'apt-get install haproxy'),
    command (port, folder) {
      const file = join(folder, `haproxy-${name.replace(' ', '-')}.cfg`)
      const stick =
        name === 'stick-table'
          ? '  stick-table type string len 32 size 1m expire 30m\n  stick on req.hdr(X-Session)\n'
          : ''
      writeFileSync(
        file,
        `global\n  nbthread 1\n  maxconn 4000\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n  option http-keep-alive\n  http-reuse always\nfrontend f\n  bind 127.0.0.1:${port}\n  default_backend b\nbackend b\n  balance roundrobin\n${stick}${BACKENDS.map((each, at) => `  server s${at} 127.0.0.1:${each}\n`).join('')}`
      )
      return ['haproxy', '-f', file, '-db']
    }
  })),
  {
    name: 'caddy',
    missing: needs('caddy', 'apt-get install caddy'),
    env: { GOMAXPROCS: '1' },
    command (port, folder) {
      const file = join(folder, 'caddy.json')
      mkdirSync(join(folder, 'caddy'), { recursive: true })
      writeFileSync(
        file,
        JSON.stringify({
          admin: { disabled: true },
          logging: { logs: { default: { level: 'ERROR' } } },
          apps: {
            http: {
              servers: {
                s: {
                  listen: [`127.0.0.1:${port}`],
                  automatic_https: { disable: true },
                  routes: [
                    {
                      handle: [
                        {
                          handler: 'reverse_proxy',
                          load_balancing: { selection_policy: { policy: 'round_robin' } },
                          upstreams: BACKENDS.map(each => ({ dial: `127.0.0.1:${each}` }))
                        }
                      ]
                    }
                  ]
                }
              }
            }
          }
        })
      )
      return ['caddy', 'run', '--config', file]
    }
  },
  {
    name: SYNAPSE,
    warmup: 40,
    missing: !isThere()
      ? 'it is not there (npm run bench:synapse, or SYNAPSE_HOME)'
      : needs('java', 'a JDK, such as openjdk-17-jdk'),
    command: (port, folder) =>
      synapseCommand(
        `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="LBProxy" transports="http"><target><inSequence><send><endpoint><session type="simpleClientSession"/><loadbalance>${BACKENDS.map(each => `<endpoint><address uri="${uri(each)}"/></endpoint>`).join('')}</loadbalance></endpoint></send></inSequence><outSequence><send/></outSequence></target></proxy></definitions>`,
        port,
        folder
      )
  }
]
/** Measured with messages in SOAP 1.1 with WS-Addressing, to which the back-ends respond in SOAP 1.1. */
export const ADDRESSED_PEERS: readonly Peer[] = [
  {
    name: ADDRESSED_BASE,
    message: 'addressed',
    command: port => [process.execPath, here('peers/http-proxy.js'), String(port), ...BACKENDS.map(String)]
  },
  {
    ...ours('ours: addressed', {
      ...sessions,
      members: BACKENDS.map(port => ({ kind: 'address', uri: uri(port, 'LBService11') }))
    }),
    message: 'addressed'
  }
]
/** Whose instructions are counted. */
export const COUNTED_PEERS: readonly Peer[] = [
  {
    name: 'node:http alone',
    command: port => [process.execPath, here('peers/bare-server.js'), String(port)]
  },
  bareOwn,
  bare,
  oneAddress,
  roundRobin,
  clientID,
  logged(clientID),
  sampleProxy
]
/** Measured only where it is about bodies that are kept. */
export const KEEPING: readonly Peer[] = [limited('ours: ClientID, 16 KiB kept', sessions, 16_384)]

/** The back-end: nginx with a response of its own. The command also measures it alone: it is no bottleneck. */
export function backendCommand (folder: string): readonly string[] {
  const file = join(folder, 'nginx-backend.conf')
  const response = `<s:Envelope xmlns:s=\\"http://www.w3.org/2003/05/soap-envelope\\"><s:Body><Value>${RESPONSE}</Value></s:Body></s:Envelope>`
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx-backend.pid; error_log ${folder}/nginx-backend.log; events { worker_connections 8192; }
http { access_log off; keepalive_requests 100000000; client_max_body_size 0; client_body_buffer_size 1m; client_body_temp_path ${folder}/bb; proxy_temp_path ${folder}/bp; fastcgi_temp_path ${folder}/bf; uwsgi_temp_path ${folder}/bu; scgi_temp_path ${folder}/bs;
  server { ${BACKENDS.map(each => `listen 127.0.0.1:${each} backlog=4096;`).join(' ')} default_type "application/soap+xml; charset=UTF-8"; location / { return 200 "${response}"; }
    location = /services/LBService11 { default_type "text/xml; charset=UTF-8"; return 200 "${response.replace('http://www.w3.org/2003/05/soap-envelope', 'http://schemas.xmlsoap.org/soap/envelope/')}"; } } }\n`
  )
  return ['nginx', '-c', file, '-p', folder]
}
