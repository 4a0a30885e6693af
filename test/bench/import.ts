import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { differences, median, quartiles, ratios, verdict } from './figures.js'

/**
 * What import and registration cost beyond Fastify itself: milliseconds of CPU and MB of memory, beside
 * `@fastify/http-proxy`, each imported by its name. Each run is a process of its own; the three take turns. Figures are
 * medians with quartiles; ratios and differences are made within a turn.
 */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '11' } } })
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const HTTP_PROXY = '@fastify/http-proxy'
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
  [HTTP_PROXY]: registered(HTTP_PROXY, { prefix: '/services/P', upstream: UPSTREAM }),
  ours: registered('fastify-proxy-services', { definitions: { proxies: { P: { endpoint } } } })
}

type Name = keyof typeof PROGRAMS
interface Cost {
  readonly cpu: number
  readonly memory: number
}
const NAMES = Object.keys(PROGRAMS) as Name[]
const costs: Record<Name, Cost[]> = { fastify: [], [HTTP_PROXY]: [], ours: [] }

// The first time, files are read from the disk.
for (let run = -1; run < Number(values.runs); run++) {
  for (const name of NAMES) {
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAMS[name]], { cwd: ROOT })
    if (run >= 0) costs[name].push(JSON.parse(printed.toString()) as Cost)
  }
}

const figures = (name: Name, what: keyof Cost): number[] => costs[name].map(cost => cost[what])
const beyondFastify = (name: Name, what: keyof Cost): number[] =>
  differences(figures(name, what), figures('fastify', what))

console.log(`Node ${process.version}; medians [quartiles] of ${values.runs} processes`)
for (const name of NAMES) {
  console.log(
    `${name.padEnd(20)} ${quartiles(figures(name, 'cpu'), 0)} ms CPU, ${quartiles(figures(name, 'memory'), 0)} MB; beyond ` +
      `Fastify ${quartiles(beyondFastify(name, 'cpu'), 0)} ms, ${quartiles(beyondFastify(name, 'memory'), 1)} MB`
  )
}
const cpu = ratios(figures('ours', 'cpu'), figures(HTTP_PROXY, 'cpu'))
const memory = differences(figures('ours', 'memory'), figures(HTTP_PROXY, 'memory'))
console.log(`ours against ${HTTP_PROXY}: ${quartiles(cpu)} × its CPU, ${quartiles(memory, 1)} MB more`)
verdict(`import and registration, CPU × ${HTTP_PROXY}`, 'at most', 1.5, median(cpu))
verdict(`import and registration, MB more than ${HTTP_PROXY}`, 'at most', 12, median(memory), ' MB')
