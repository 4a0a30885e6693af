import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { median, quartiles, ratios, verdict } from './figures.js'
import { sendOne, wrk, wrkScript, type MessageKind } from './load.js'
import {
  ADDRESSED_BASE, ADDRESSED_PEERS, BACKENDS, backendCommand, BASE, PEERS, portOf, SYNAPSE, type Peer
} from './peers.js'
import {
  cpuSeconds,
  isInstalled,
  LOAD_CORE,
  peakMemory,
  PROXY_CORE,
  start,
  stop
} from '../support/processes/processes.js'
import { workingFolder } from './working-folder.js'

/**
 * Every proxy before the same back-ends under the same load, in turn, round by round: figures are medians of rounds,
 * ratios are made within a round. The proxy has a core of its own; load and back-ends share the other one. Each proxy
 * is warmed until its CPU time for a request no longer falls, which takes some of them 80,000 requests; --settle limits
 * the seconds of that. --client undici measures ours with the other client. With --fresh each round has a new process
 * of each proxy: what a just-in-time compiler makes of one and the same program differs by a fifth.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '64,256,1' },
    only: { type: 'string' },
    warmup: { type: 'string', default: '6' },
    settle: { type: 'string', default: '60' },
    client: { type: 'string', default: 'own' },
    fresh: { type: 'boolean', default: false }
  }
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const folder = workingFolder('run')

for (const tool of ['wrk', 'nginx', 'taskset']) {
  if (isInstalled(tool)) continue
  console.error(`${tool} is needed for load and back-ends, and is not installed`)
  process.exit(2)
}

interface Sample {
  readonly rate: number
  readonly cpu: number
  readonly p50: number
  readonly p99: number
  readonly errors: number
}
const rate = (sample: Sample): number => sample.rate
const cpu = (sample: Sample): number => sample.cpu
const p50 = (sample: Sample): number => sample.p50
const p99 = (sample: Sample): number => sample.p99

/** What is wanted of one against another, by the number of connections. */
interface Target {
  readonly what: string
  readonly of: string
  readonly to: string
  readonly by: (sample: Sample) => number
  readonly at: 'at least' | 'at most'
  readonly limit: Readonly<Record<number, number>>
}
/** Ours in its main use. */
const MAIN = 'ours: ClientID'
const ADDRESSED = 'ours: addressed'
const ONE = 'ours: one address'
const TARGETS: readonly Target[] = [
  { what: 'requests/s', of: ONE, to: BASE, by: rate, at: 'at least', limit: { 64: 2.6 } },
  { what: 'requests/s', of: MAIN, to: BASE, by: rate, at: 'at least', limit: { 64: 2.2, 1: 1.4 } },
  { what: 'requests/s', of: ADDRESSED, to: ADDRESSED_BASE, by: rate, at: 'at least', limit: { 64: 2, 1: 1.4 } },
  { what: 'requests/s', of: 'ours: seed 000', to: BASE, by: rate, at: 'at least', limit: { 64: 2 } },
  { what: 'requests/s', of: 'ours: round robin', to: BASE, by: rate, at: 'at least', limit: { 64: 2.4 } },
  { what: 'requests/s', of: ONE, to: 'fast-proxy', by: rate, at: 'at least', limit: { 64: 1.4 } },
  { what: 'CPU', of: ONE, to: 'nginx', by: cpu, at: 'at most', limit: { 64: 2.5 } },
  { what: 'CPU', of: MAIN, to: 'nginx', by: cpu, at: 'at most', limit: { 64: 2.9 } },
  { what: 'CPU', of: MAIN, to: 'ours: one address', by: cpu, at: 'at most', limit: { 64: 1.15 } },
  { what: 'requests/s', of: 'ours: ClientID, access log', to: MAIN, by: rate, at: 'at least', limit: { 64: 0.85 } },
  { what: 'requests/s', of: MAIN, to: SYNAPSE, by: rate, at: 'at least', limit: { 64: 2.2 } },
  { what: 'CPU', of: MAIN, to: SYNAPSE, by: cpu, at: 'at most', limit: { 64: 0.45 } },
  { what: 'p99', of: MAIN, to: SYNAPSE, by: p99, at: 'at most', limit: { 64: 1 / 6 } }
]

const scripts: Readonly<Record<MessageKind, string>> = {
  plain: wrkScript(folder),
  addressed: wrkScript(folder, 'addressed')
}

async function measure (
  port: number, connections: number, duration: number, pid?: number, message: MessageKind = 'plain'
): Promise<Sample> {
  const before = pid === undefined ? 0 : cpuSeconds(pid)
  const { requests, seconds, p50, p99, errors } = await wrk(scripts[message], port, connections, duration)
  return {
    rate: requests / seconds,
    cpu: pid === undefined ? 0 : ((cpuSeconds(pid) - before) / requests) * 1e4,
    p50,
    p99,
    errors
  }
}

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${rounds} rounds of ${seconds} s`)
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
const alone = await measure(BACKENDS[0], 64, seconds)
console.log(
  `load and back-end without a proxy: ${Math.round(alone.rate)} requests/s on one core, ${alone.errors} errors\n`
)

const wanted = values.only?.split(',')
interface Running { readonly peer: Peer, readonly port: number, pid: number, end: () => Promise<void> }
const peers: Running[] = []

async function begin (peer: Peer, port: number): Promise<Running> {
  const child = await start(PROXY_CORE, peer.command(port, folder), port, peer.env)
  await sendOne(port, peer.message)
  return { peer, port, pid: child.pid!, end: async () => await stop(child) }
}
const warmupOf = ({ warmup = 0 }: Peer): number => Math.max(Number(values.warmup), warmup)

/** Seconds of one step of the warm-up, and the share by which CPU time must fall in the last steps to go on. */
const STEP = 2
const FALL = 0.03
const LAST_STEPS = 3

/** Warms a proxy until its CPU time for a request no longer falls. */
async function settle ({ peer, port, pid }: Running): Promise<void> {
  const least = warmupOf(peer)
  const steps: number[] = []
  let requests = 0
  for (let spent = 0; spent < Math.max(least, Number(values.settle)); spent += STEP) {
    const { rate, cpu } = await measure(port, 64, STEP, pid, peer.message)
    requests += rate * STEP
    steps.push(cpu)
    const before = Math.min(...steps.slice(0, -LAST_STEPS))
    if (spent >= least && Math.min(...steps.slice(-LAST_STEPS)) > before * (1 - FALL)) break
  }
  console.log(`${peer.name.padEnd(26)} settled after ${Math.round(requests)} requests`)
}

/** Who needs long to get warm stays. */
async function renewed (running: Running): Promise<void> {
  if (!values.fresh || running.peer.warmup !== undefined) return
  await running.end()
  Object.assign(running, await begin(running.peer, running.port))
  await settle(running)
}

for (const [at, peer] of [...PEERS, ...ADDRESSED_PEERS].entries()) {
  if (wanted && peer.name !== BASE && !wanted.some(each => peer.name.includes(each))) continue
  if (peer.missing !== undefined) {
    console.log(`left out: ${peer.name}: ${peer.missing}`)
    continue
  }
  try {
    peers.push(await begin(peer, portOf(at)))
  } catch (error) {
    console.log(`left out: ${peer.name}: ${(error as Error).message.slice(0, 300)}`)
  }
}
for (const running of peers) {
  if (!values.fresh || running.peer.warmup !== undefined) await settle(running)
}

for (const connections of values.connections.split(',').map(Number)) {
  const samples = new Map<Peer, Sample[]>(peers.map(({ peer }) => [peer, []]))
  for (let round = 0; round < rounds; round++) {
    for (const running of round % 2 === 0 ? peers : peers.toReversed()) {
      await renewed(running)
      const { peer, port, pid } = running
      samples.get(peer)!.push(await measure(port, connections, seconds, pid, peer.message))
    }
  }
  const find = (name: string): Sample[] | undefined => [...samples].find(([peer]) => peer.name === name)?.[1]
  const [base, nginx] = [find(BASE)!, find('nginx')]
  console.log(`\n${connections} connections`)
  console.log(
    `${'proxy'.padEnd(26)} ${'req/s'.padStart(8)} ${'× http-proxy'.padStart(18)} ${'CPU s/10k'.padStart(10)} ${'CPU × nginx'.padStart(18)} ${'least CPU'.padStart(10)} ${'p50 µs'.padStart(8)} ${'p99 µs'.padStart(8)} ${'peak MB'.padStart(8)} errors`
  )
  for (const { peer, pid } of peers) {
    const own = samples.get(peer)!
    const against = quartiles(ratios(own.map(rate), base.map(rate)))
    const work = nginx === undefined ? '-' : quartiles(ratios(own.map(cpu), nginx.map(cpu)))
    console.log(
      `${peer.name.padEnd(26)} ${String(Math.round(median(own.map(rate)))).padStart(8)} ${against.padStart(18)} ${median(own.map(cpu)).toFixed(3).padStart(10)} ${work.padStart(18)} ${Math.min(
        ...own.map(cpu)
      )
        .toFixed(3)
        .padStart(
          10
        )} ${String(median(own.map(p50))).padStart(8)} ${String(median(own.map(p99))).padStart(8)} ${peakMemory(pid).toFixed(0).padStart(8)} ${own.reduce((sum, { errors }) => sum + errors, 0)}`
    )
  }
  console.log()
  for (const { what, of, to, by, at, limit } of TARGETS) {
    const [one, other, bound] = [find(of), find(to), limit[connections]]
    if (one !== undefined && other !== undefined && bound !== undefined) {
      verdict(`${of}: ${what} × ${to}`, at, bound, median(ratios(one.map(by), other.map(by))))
    }
  }
  const [ours, engine] = [MAIN, SYNAPSE].map(name => peers.find(({ peer }) => peer.name === name))
  if (connections === 64 && ours !== undefined && engine !== undefined) {
    verdict(`${MAIN}: peak memory × ${SYNAPSE}`, 'at most', 0.2, peakMemory(ours.pid) / peakMemory(engine.pid))
  }
}
await Promise.all(peers.map(({ end }) => end()))
await stop(backend)
process.exit(0)
