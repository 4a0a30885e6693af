import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { median, ratios, verdict } from './figures.js'
import { wrk, wrkScript } from './load.js'
import { backendCommand, BACKENDS, BASE, PEERS, portOf } from './peers.js'
import { cpuSeconds, LOAD_CORE, peakMemory, PROXY_CORE, start, stop } from '../support/processes/processes.js'
import { workingFolder } from './working-folder.js'

/**
 * What it costs to have more of something: the same load on a configuration that is small, and on one with many
 * proxies or endpoints, in turn.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } }
})
const folder = workingFolder('scale')

const proxy = (endpoints: number): object => ({
  in: [
    {
      kind: 'send',
      endpoint: {
        kind: 'loadbalance',
        session: { kind: 'simpleClientSession' },
        members: Array.from({ length: endpoints }, (_, at) => ({
          kind: 'address',
          uri: `http://127.0.0.1:${BACKENDS[at % 3]}/services/LBService1${at < 3 ? '' : `/${at}`}`
        }))
      }
    }
  ]
})
const configuration = (proxies: number, endpoints: number): string => {
  const file = join(folder, `${proxies}-${endpoints}.json`)
  const others = Object.fromEntries(Array.from({ length: proxies - 1 }, (_, at) => [`Proxy${at}`, proxy(1)]))
  writeFileSync(file, JSON.stringify({ proxies: { ...others, LBProxy: proxy(endpoints) } }))
  return file
}
const ours =
  (proxies: number, endpoints: number, ...flags: string[]) =>
    (port: number): readonly string[] => [
      process.execPath,
      ...flags,
      fileURLToPath(new URL('../../lib/cli.js', import.meta.url)),
      'serve',
      configuration(proxies, endpoints),
      '--port',
      String(port),
      '--host',
      '127.0.0.1',
      '--log-level',
      'warn'
    ]
const plain = (port: number): readonly string[] => PEERS.find(({ name }) => name === BASE)!.command(port, folder)
const FEW = '1 proxy, 3 endpoints'
/** `within`: how far throughput may be from that of the first. */
const VARIANTS: readonly {
  readonly name: string
  readonly command: (port: number) => readonly string[]
  readonly connections: number
  readonly to?: string
  readonly within?: number
}[] = [
  { name: FEW, command: ours(1, 3), connections: 64 },
  { name: '1,000 proxies', command: ours(1000, 3), connections: 64, within: 0.1 },
  { name: '1,000 endpoints', command: ours(1, 1000), connections: 64, within: 0.1 },
  { name: '256 connections', command: ours(1, 3), connections: 256 },
  { name: '1,000 connections', command: ours(1, 3), connections: 1000 },
  { name: '1,000, larger young space', command: ours(1, 3, '--max-semi-space-size=64'), connections: 1000 },
  { name: BASE, command: plain, connections: 64, to: BASE },
  { name: `${BASE}, 1,000`, command: plain, connections: 1000, to: BASE }
]

const script = wrkScript(folder)
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
const running = []
for (const [at, variant] of VARIANTS.entries()) {
  const port = portOf(at)
  const begin = Date.now()
  const child = await start(PROXY_CORE, variant.command(port), port)
  running.push({ ...variant, port, child, started: Date.now() - begin, rates: [] as number[], cpus: [] as number[] })
}
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const each of round % 2 === 0 ? running : running.toReversed()) {
    const before = cpuSeconds(each.child.pid!)
    const { requests, seconds } = await wrk(script, each.port, each.connections, Number(values.seconds))
    if (round === 0) continue
    each.rates.push(requests / seconds)
    each.cpus.push((cpuSeconds(each.child.pid!) - before) / requests * 1e6)
  }
}
console.log(
  `Node ${process.version}; ${values.rounds} rounds of ${values.seconds} s; against the first line of ours, or of ${BASE}, round by round`
)
const verdicts: (() => void)[] = []
for (const each of running) {
  const base = running.find(({ name }) => name === (each.to ?? FEW))!
  const rate = median(ratios(each.rates, base.rates))
  console.log(
    `${each.name.padEnd(26)} ${median(each.rates).toFixed(0).padStart(7)} req/s × ${rate.toFixed(2)}   ${median(each.cpus).toFixed(1)} µs CPU × ${median(ratios(each.cpus, base.cpus)).toFixed(2)}   peak ${peakMemory(each.child.pid!).toFixed(0)} MB   listens after ${each.started} ms`
  )
  if (each.within !== undefined) {
    verdicts.push(() => verdict(`${each.name}: throughput × ${FEW}`, 'at least', 1 - each.within!, rate))
  }
  await stop(each.child)
}
console.log()
for (const report of verdicts) report()
await stop(backend)
process.exit(0)
