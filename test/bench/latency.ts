import { parseArgs } from 'node:util'
import { median, ratios, verdict } from './figures.js'
import type { Latency } from './fixed-rate.js'
import { sendOne, fixedRate, wrk, wrkScript } from './load.js'
import { backendCommand, BACKENDS, BASE, PEERS, portOf } from './peers.js'
import { LOAD_CORE, PROXY_CORE, start, stop } from '../support/processes/processes.js'
import { workingFolder } from './working-folder.js'

/**
 * Latency at a fixed rate, counted from the time at which a request was due: every proxy in turn, round by round.
 * The first line is the generator and the back-end without a proxy: what is above it is the proxy's.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '3000' },
    connections: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '7' },
    warmup: { type: 'string', default: '6' },
    only: { type: 'string' }
  }
})
const OURS = ['ours: round robin', 'ours: ClientID', 'ours: seed 000']
const ALONE = 'no proxy'
/** Microseconds; from here on the generator says more about the machine than about proxies. */
const LATE = 200
const wanted = values.only?.split(',') ?? ['nginx', BASE, ...OURS]
const folder = workingFolder('latency')

const script = wrkScript(folder)
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
const measured: { name: string, port: number, rounds: Latency[], end: () => Promise<void> }[] = [
  { name: ALONE, port: BACKENDS[0], rounds: [], end: () => stop(backend) }
]
for (const [at, peer] of PEERS.entries()) {
  if (!wanted.some(each => each === peer.name || (values.only !== undefined && peer.name.includes(each)))) continue
  if (peer.missing !== undefined) { console.log(`left out: ${peer.name}: ${peer.missing}`); continue }
  const port = portOf(at)
  const child = await start(PROXY_CORE, peer.command(port, folder), port, peer.env)
  measured.push({ name: peer.name, port, rounds: [], end: () => stop(child) })
  await sendOne(port)
  await wrk(script, port, 64, Math.max(Number(values.warmup), peer.warmup ?? 0))
}
for (let round = 0; round < Number(values.rounds); round++) {
  for (const { port, rounds } of round % 2 === 0 ? measured : measured.toReversed()) {
    rounds.push(await fixedRate(port, values))
  }
}

const figures = (name: string, of: (each: Latency) => number): number[] | undefined =>
  measured.find(each => each.name === name)?.rounds.map(of)
const p50 = ({ p50 }: Latency): number => p50
const p99 = ({ p99 }: Latency): number => p99
console.log(
  `Node ${process.version}; ${values.rate} requests/s over ${values.connections} connections, ${values.rounds} rounds of ${values.seconds} s; µs since a request was due, medians of rounds`
)
console.log(
  `${'proxy'.padEnd(22)} ${['p50', 'p99', 'p99.9', 'max', 'req/s', 'own p99', 'queued', 'errors'].map(each => each.padStart(8)).join(' ')}`
)
for (const { name, rounds } of measured) {
  const cells = [
    p50,
    p99,
    ({ p999 }: Latency) => p999,
    ({ max }: Latency) => max,
    ({ rate }: Latency) => rate,
    ({ late99 }: Latency) => late99,
    ({ queued }: Latency) => queued
  ].map(of => median(rounds.map(of)))
  console.log(
    `${name.padEnd(22)} ${[...cells, rounds.reduce((sum, { errors }) => sum + errors, 0)].map(each => String(each).padStart(8)).join(' ')}`
  )
}
console.log('own p99: how late the generator itself was; queued: requests that waited for a connection\n')
const own = median(measured[0]!.rounds.map(({ late99 }) => late99))
if (own > LATE) {
  console.log(
    `In doubt: without a proxy the generator itself was ${own} µs late at p99. This machine has other work.`
  )
}
for (const name of OURS) {
  const [ours, nginx, ours99, base] = [
    figures(name, p50),
    figures('nginx', p50),
    figures(name, p99),
    figures(BASE, p99)
  ]
  if (ours !== undefined && nginx !== undefined) {
    verdict(`${name}, p50 × nginx's`, 'at most', 1.15, median(ratios(ours, nginx)))
  }
  if (ours99 !== undefined && base !== undefined) {
    verdict(`${name}, p99 × plain ${BASE}'s`, 'at most', 1, median(ratios(ours99, base)))
  }
}
await Promise.all(measured.map(({ end }) => end()))
process.exit(0)
