import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { median, ratios } from './figures.js'
import { wrk, wrkScript } from './load.js'
import { backendCommand, BACKENDS, portOf } from './peers.js'
import { cpuSeconds, LOAD_CORE, peakMemory, PROXY_CORE, start, stop } from './processes.js'

/** What it costs to have more of something: the same load on a configuration that is small, and on one with many proxies or endpoints, in turn. */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' } } })
const folder = mkdtempSync(join(tmpdir(), 'bench-scale-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const proxy = (endpoints: number): object => ({
  in: [{ kind: 'send', endpoint: { kind: 'loadbalance', session: { kind: 'simpleClientSession' }, members: Array.from({ length: endpoints }, (_, at) => ({ kind: 'address', uri: `http://127.0.0.1:${BACKENDS[at % 3]}/services/LBService1${at < 3 ? '' : `/${at}`}` })) } }]
})
const configuration = (proxies: number, endpoints: number): string => {
  const file = join(folder, `${proxies}-${endpoints}.json`)
  const others = Object.fromEntries(Array.from({ length: proxies - 1 }, (_, at) => [`Proxy${at}`, proxy(1)]))
  writeFileSync(file, JSON.stringify({ proxies: { ...others, LBProxy: proxy(endpoints) } }))
  return file
}
const VARIANTS = [
  { name: '1 proxy, 3 endpoints', proxies: 1, endpoints: 3, connections: 64 },
  { name: '1,000 proxies', proxies: 1000, endpoints: 3, connections: 64 },
  { name: '1,000 endpoints', proxies: 1, endpoints: 1000, connections: 64 },
  { name: '1,000 connections', proxies: 1, endpoints: 3, connections: 1000 }
]

const script = wrkScript(folder)
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
const running = []
for (const [at, variant] of VARIANTS.entries()) {
  const port = portOf(at)
  const begin = Date.now()
  const child = await start(PROXY_CORE, [process.execPath, fileURLToPath(new URL('../../lib/cli.js', import.meta.url)), 'serve', configuration(variant.proxies, variant.endpoints), '--port', String(port), '--host', '127.0.0.1', '--log-level', 'warn'], port)
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
const [base] = running
console.log(`Node ${process.version}; ${values.rounds} rounds of ${values.seconds} s; against the first line, round by round`)
for (const each of running) {
  console.log(`${each.name.padEnd(24)} ${median(each.rates).toFixed(0).padStart(7)} req/s × ${median(ratios(each.rates, base!.rates)).toFixed(2)}   ${median(each.cpus).toFixed(1)} µs CPU × ${median(ratios(each.cpus, base!.cpus)).toFixed(2)}   peak ${peakMemory(each.child.pid!).toFixed(0)} MB   listens after ${each.started} ms`)
  await stop(each.child)
}
await stop(backend)
process.exit(0)
