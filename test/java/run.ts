import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startGateway } from '../../lib/cli/serve/gateway.js'
import { startBackend, type Backend } from '../../lib/cli/sample/server.js'

/**
 * The unmodified Java client of the documentation against config/lb-proxy.xml: `npm run test:java`. It needs a JDK and
 * Maven, which brings the released artefact that the client is a part of; both stay outside of this folder. Each
 * response is counted, each session stays at one server.
 */
const ARTEFACT = 'org.apache.synapse:synapse-distribution:2.1.0:zip:bin'
const REQUESTS = 100
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fastify-proxy-services', 'java-client')

for (const [command, how] of [
  ['java', 'a JDK, such as openjdk-17-jdk'],
  ['mvn', 'Maven'],
  ['unzip', 'unzip']
] as const) {
  if (spawnSync('which', [command]).status === 0) continue
  console.error(`${command} is not installed: this test needs ${how}`)
  process.exit(2)
}

function unpacked (): string {
  const home = join(cache, 'synapse-2.1.0')
  if (existsSync(join(home, 'samples/axis2Client'))) return home
  mkdirSync(cache, { recursive: true })
  console.log(`fetching ${ARTEFACT}`)
  execFileSync('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${ARTEFACT}`, `-DoutputDirectory=${cache}`], {
    cwd: cache,
    stdio: ['ignore', 'inherit', 'inherit']
  })
  execFileSync('unzip', ['-q', '-o', join(cache, readdirSync(cache).find(name => name.endsWith('.zip'))!), '-d', cache])
  return home
}

interface Reported { readonly session: string, readonly server: string | undefined }

/** Runs the client until it has reported all its requests. It does not end by itself then. */
async function client (home: string, mode: 'session' | 'simple', onReported: (count: number) => void): Promise<Reported[]> {
  const child = spawn(
    'java',
    [
      '--add-opens',
      'java.base/java.lang=ALL-UNNAMED',
      '-cp',
      join(home, 'lib', '*') +
        ':' +
        join(home, 'samples/axis2Client/target/classes') +
        ':' +
        join(home, 'samples/axis2Client'),
      '-Drepository=client_repo',
      `-Dmode=${mode}`,
      `-Di=${REQUESTS}`,
      '-Dtrpurl=http://localhost:8280/services/LBProxy',
      'samples.userguide.LoadbalanceFailoverClient'
    ],
    { cwd: join(home, 'samples/axis2Client'), stdio: ['ignore', 'pipe', 'pipe'] }
  )
  const reported: Reported[] = []
  let rest = ''
  let errors = ''
  child.stderr.on('data', chunk => { errors = (errors + String(chunk)).slice(-4000) })
  await new Promise<void>((resolve, reject) => {
    const timeout = setTimeout(
      () => reject(new Error(`the client reported ${reported.length} requests in three minutes\n${errors}`)),
      180_000
    )
    child.once('error', reject)
    child.once('exit', () => resolve())
    child.stdout.on('data', chunk => {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const found = /^Request:? *\d*(?: *with session id:? *(\S+))?.*?(?:Response from server: *(\S+))?$/i.exec(
          line.trim()
        )
        if (found === null) continue
        reported.push({ session: found[1] ?? '-', server: found[2] })
        onReported(reported.length)
        if (reported.length === REQUESTS) { clearTimeout(timeout); resolve() }
      }
    })
  })
  child.kill('SIGKILL')
  if (reported.length === 0) console.error(errors)
  return reported
}

const home = unpacked()
const backends = new Map<string, Backend>()
for (const at of [1, 2, 3]) {
  backends.set(`MyServer${at}`, await startBackend({ port: 9000 + at, host: '127.0.0.1', name: `MyServer${at}` }))
}
const gateway = await startGateway({
  config: fileURLToPath(new URL('../../../config/lb-proxy.xml', import.meta.url)),
  port: 8280,
  host: '127.0.0.1',
  logLevel: 'silent'
})
let failed = 0
const check = (holds: boolean, what: string): void => {
  console.log(`${holds ? 'ok' : 'NOT OK'} ${what}`)
  if (!holds) failed++
}
const serversOf = (reported: readonly Reported[]): Map<string, Set<string>> => {
  const servers = new Map<string, Set<string>>()
  for (const { session, server } of reported) {
    if (server !== undefined) servers.set(session, (servers.get(session) ?? new Set()).add(server))
  }
  return servers
}

const sessions = await client(home, 'session', () => {})
check(sessions.length === REQUESTS, `mode=session: ${sessions.length} of ${REQUESTS} requests were answered`)
check(sessions.every(({ server }) => server !== undefined), 'each by a server')
check(
  [...serversOf(sessions).values()].every(servers => servers.size === 1),
  `each session stays at one: ${[...serversOf(sessions)].map(([session, servers]) => `${session} at ${[...servers].join(', ')}`).join('; ')}`
)

const simple = await client(home, 'simple', () => {})
check(
  simple.length === REQUESTS && simple.every(({ server }) => server !== undefined),
  `mode=simple: ${simple.length} of ${REQUESTS} requests were answered by a server`
)
check(new Set(simple.map(({ server }) => server)).size === 3, 'by all three of them')

let stopping: Promise<void> | undefined
const dying = await client(home, 'session', count => {
  if (count === REQUESTS / 2) stopping = backends.get('MyServer2')!.close()
})
await stopping
const lost = dying.filter(({ server }) => server === undefined)
const bound = [...serversOf(dying)].filter(([, servers]) => servers.has('MyServer2')).map(([session]) => session)
check(
  [...serversOf(dying).values()].every(servers => servers.size === 1),
  `a back-end dies half-way: no session moves (${dying.length} reported, ${lost.length} faults)`
)
check(lost.every(({ session }) => bound.includes(session)), 'only the sessions of that back-end get faults')

await gateway.close()
for (const each of backends.values()) await each.close().catch(() => {})
console.log(failed === 0 ? 'all well' : `${failed} went wrong`)
process.exit(failed === 0 ? 0 : 1)
