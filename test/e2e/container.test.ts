import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { DCLinter } from 'dclint'
import { test, type Test } from 'tap'
import { parse } from 'yaml'
import { placeOrder, sessionClient } from '../../lib/cli/sample/client.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const text = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8')

interface Service {
  image: string
  command: string[]
  environment?: Record<string, string>
  network_mode?: string
  ports?: string[]
  healthcheck?: { test: string[] }
}
const { services } = parse(text('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> }

/** The instructions of a Dockerfile, in order, a line that ends in `\` together with the next one. */
const instructions = text('Dockerfile')
  .replaceAll(/\\\n/g, '')
  .split('\n')
  .filter(line => /^[A-Z]/.test(line))
  .map(line => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line)!
    return { name: name!, rest: rest!.trim() }
  })
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))
const last = (name: string): string => lastStage.findLast(each => each.name === name)!.rest
const imageEnvironment = Object.fromEntries(
  lastStage.filter(({ name }) => name === 'ENV').map(({ rest }) => rest.split('=') as [string, string])
)
const imageCheck: string[] = JSON.parse(/CMD\s+(\[.*\])$/.exec(last('HEALTHCHECK'))![1]!)

/** The command of a container and what it finds in its environment, as the image and the service together say. */
const containerOf = ({ command, environment = {}, healthcheck }: Service) => ({
  command: [...JSON.parse(last('ENTRYPOINT')) as string[], ...command],
  environment: { ...imageEnvironment, ...environment },
  check: healthcheck?.test.slice(1) ?? imageCheck
})

const option = (args: readonly string[], name: string): string | undefined => args[args.indexOf(name) + 1]
/** Where a service listens. */
const portsOf = (service: Service): number[] => {
  const { command, environment } = containerOf(service)
  return (
    command.includes('sample-backend')
      ? [option(command, '--port')]
      : [environment.PROXY_SERVICES_PORT, environment.PROXY_SERVICES_ADMIN_PORT]
  ).map(Number)
}
const every = Object.entries(services)
const gateways = every.filter(([, { command }]) => command[0] === 'serve')
const backends = every.filter(([, { command }]) => command[0] === 'sample-backend')

test('docker-compose.yml is what the Compose Specification allows, and has none of the common mistakes', t => {
  const style = ['service-keys-order', 'services-alphabetical-order', 'top-level-properties-order']
  const linter = new DCLinter({
    rules: Object.fromEntries(style.map(rule => [rule, 0])),
    exclude: [],
    quiet: false,
    debug: false
  } as never)
  const results = linter.lintFiles([`${ROOT}docker-compose.yml`], false)
  t.equal(results.length, 1)
  t.same(results[0]!.messages.map(({ rule, message }: { rule: string, message: string }) => `${rule}: ${message}`), [])
  t.end()
})

test('one image, one network, and each port has one listener', t => {
  const { version } = JSON.parse(text('package.json')) as { version: string }
  t.same([...new Set(every.map(([, { image }]) => image))], [`fastify-proxy-services:${version}`])
  for (const [name, { network_mode: network, ports }] of every) {
    if (name === 'gateway') t.equal(network, undefined)
    else t.same([network, ports], ['service:gateway', undefined], name)
  }
  const listening = every.flatMap(([, service]) => portsOf(service))
  t.equal(new Set(listening).size, listening.length)
  const published = services.gateway!.ports!.map(each => each.split(':').slice(-2).map(Number))
  t.same(published.map(([outside]) => outside), published.map(([, inside]) => inside))
  t.same(published.map(([, inside]) => inside).sort(), gateways.flatMap(([, service]) => portsOf(service)).sort())
  t.end()
})

test('the back-ends listen at the addresses of the documented configurations', t => {
  const ports = backends.map(([, service]) => portsOf(service)[0])
  for (const file of ['config/lb-proxy.xml', 'config/stock-quote/proxy-services/LoadBalanceProxy.xml']) {
    t.same([...text(file).matchAll(/uri="http:\/\/localhost:(\d+)\//g)].map(match => Number(match[1])), ports, file)
  }
  t.same(backends.map(([, { command }]) => option(command, '--name')), ['MyServer1', 'MyServer2', 'MyServer3'])
  t.end()
})

test('the image runs without privileges, with the published command alone, and copies what there is', t => {
  t.equal(last('USER'), 'node')
  t.equal(last('EXPOSE'), `${imageEnvironment.PROXY_SERVICES_PORT} ${imageEnvironment.PROXY_SERVICES_ADMIN_PORT}`)
  t.equal(imageCheck[0], 'node', 'the check needs nothing that the image does not have')
  t.ok(existsSync(`${ROOT}${(JSON.parse(last('CMD')) as string[])[1]}`))
  const { bin, scripts } = JSON.parse(text('package.json')) as {
    bin: Record<string, string>
    scripts: Record<string, string>
  }
  t.strictSame(JSON.parse(last('ENTRYPOINT')), ['node', bin['proxy-services']])
  const copied = lastStage.filter(({ name }) => name === 'COPY').map(({ rest }) => rest)
  t.notOk(copied.some(rest => rest.includes('node_modules')), 'it needs no other package')
  t.ok(copied.includes('--from=build /app/dist/lib/cli/main.bundle.* ./dist/lib/cli/'), 'its licences come with it')
  t.match(scripts['build'], /node \.ci\/bundle\.js && node \.ci\/console\.js$/)
  t.ok(copied.includes('--from=build /app/dist/console ./dist/console'), 'the console comes with it')
  const allowed = text('.dockerignore').split('\n').filter(line => line.startsWith('!')).map(line => line.slice(1))
  const sources = instructions
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1))
  t.same([...new Set(sources)].sort(), [...allowed].sort(), 'what is let through is what is copied')
  for (const source of sources) t.ok(existsSync(`${ROOT}${source}`), source)
  t.end()
})

const isFree = (port: number): Promise<boolean> => new Promise(resolve => {
  const probe = createServer().once('error', () => resolve(false)).listen(port, () => probe.close(() => resolve(true)))
})

/** Runs a command as a container of this image would, as far as a process can. */
function start (t: Test, command: readonly string[], environment: Record<string, string>): ChildProcess {
  const child = spawn(command[0] === 'node' ? process.execPath : command[0]!, command.slice(1), {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  t.teardown(() => { child.kill('SIGKILL') })
  return child
}

/** Runs the check until it says healthy. Fails when the container ends before, or takes more than four minutes. */
async function healthy (
  t: Test,
  child: ChildProcess,
  check: readonly string[],
  environment: Record<string, string>
): Promise<void> {
  const deadline = performance.now() + 240_000
  while (child.exitCode === null && performance.now() < deadline) {
    if ((await code(start(t, check, environment))) === 0) return
    await delay(50)
  }
  throw new Error(
    `${child.spawnargs.slice(1).join(' ')} ${child.exitCode === null ? 'does not get healthy' : `ended with ${child.exitCode}`}`
  )
}

const code = async (child: ChildProcess): Promise<number> => ((await once(child, 'exit')) as [number])[0]

/** Reasons for which the commands cannot be run here. */
async function obstacle (): Promise<string | false> {
  if (!existsSync(`${ROOT}${(JSON.parse(last('ENTRYPOINT')) as string[])[1]}`)) return 'the project is not built'
  for (const port of every.flatMap(([, service]) => portsOf(service))) {
    if (!await isFree(port)) return `port ${port} is in use`
  }
  return false
}

test('the commands of all containers, run side by side, serve both examples', { skip: await obstacle() }, async t => {
  const containers = every.map(([name, service]) => ({ name, ...containerOf(service) }))
  for (const { check, environment } of containers) {
    t.not(await code(start(t, check, environment)), 0, 'not healthy before it runs')
  }
  const running = containers.map(container => ({
    ...container,
    child: start(t, container.command, container.environment)
  }))
  for (const { child, check, environment } of running) await healthy(t, child, check, environment)

  const servers = new Map<number, Set<string>>([[0, new Set()], [1, new Set()], [2, new Set()]])
  for await (const { session, text } of sessionClient({
    url: 'http://localhost:8280/services/LBProxy',
    requests: 30
  })) { servers.get(session)!.add(text) }
  for (const [session, texts] of servers) t.ok(texts.size <= 1, `session ${session} has one server`)
  t.strictSame(
    new Set([...servers.values()].flatMap(texts => [...texts]).map(each => each.replace(/\d$/, 'N'))),
    new Set(['Response from server: MyServerN'])
  )
  t.match(
    await placeOrder({
      url: 'http://localhost:8290/services/LoadBalanceProxy',
      symbol: 'IBM',
      quantity: 1,
      price: 1
    }),
    { status: 202 }
  )

  for (const { name, child } of running) {
    const ended = code(child)
    child.kill('SIGTERM')
    t.equal(await ended, 0, `${name} exits with 0 at SIGTERM`)
  }
})
