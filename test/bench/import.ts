import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from './figures.js'

/**
 * What import and registration cost beyond Fastify itself: milliseconds of CPU and MB of memory, beside
 * `@fastify/http-proxy`. Each run is a process of its own; the three take turns.
 */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '11' } } })
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const OWN = new URL('../../plugins/index.js', import.meta.url).href
const UPSTREAM = 'http://127.0.0.1:1'

const program = (registration: string): string => `
const { default: Fastify } = await import('fastify')
const app = Fastify()
${registration}
await app.ready()
const { user, system } = process.cpuUsage()
console.log(JSON.stringify({ cpu: (user + system) / 1e3, memory: process.memoryUsage.rss() / 2 ** 20 }))
process.exit(0)`

const registered = (module: string, options: object): string =>
  program(`app.register((await import('${module}')).default, ${JSON.stringify(options)})`)

const endpoint = { kind: 'address', uri: UPSTREAM }
const PROGRAMS = {
  fastify: program(''),
  '@fastify/http-proxy': registered('@fastify/http-proxy', { prefix: '/services/P', upstream: UPSTREAM }),
  ours: registered(OWN, { definitions: { proxies: { P: { endpoint } } } })
}

type Name = keyof typeof PROGRAMS
interface Cost {
  readonly cpu: number
  readonly memory: number
}
const NAMES = Object.keys(PROGRAMS) as Name[]
const costs: Record<Name, Cost[]> = { fastify: [], '@fastify/http-proxy': [], ours: [] }

// The first time, files are read from the disk.
for (let run = -1; run < Number(values.runs); run++) {
  for (const name of NAMES) {
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAMS[name]], { cwd: ROOT })
    if (run >= 0) costs[name].push(JSON.parse(printed.toString()) as Cost)
  }
}

const of = (name: Name, what: keyof Cost): number => median(costs[name].map(cost => cost[what]))
console.log(`Node ${process.version}; medians of ${values.runs} processes; in brackets beyond Fastify itself`)
for (const name of NAMES) {
  const [cpu, memory] = [of(name, 'cpu'), of(name, 'memory')]
  const beyond = `(${(cpu - of('fastify', 'cpu')).toFixed(0)} ms, ${(memory - of('fastify', 'memory')).toFixed(0)} MB)`
  console.log(`${name.padEnd(20)} ${cpu.toFixed(0)} ms CPU, ${memory.toFixed(0)} MB ${beyond}`)
}
const ratio = of('ours', 'cpu') / of('@fastify/http-proxy', 'cpu')
const difference = of('ours', 'memory') - of('@fastify/http-proxy', 'memory')
console.log(`ours beside @fastify/http-proxy: ${ratio.toFixed(2)} × its CPU, ${difference.toFixed(0)} MB more`)
