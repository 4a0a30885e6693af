import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { median, quartiles, ratios, verdict } from './figures.js'
import { sendOne, wrk, wrkScript } from './load.js'
import { BACKENDS, backendCommand, PEERS, portOf, type Peer } from './peers.js'
import { cpuSeconds, start, stop } from '../support/processes/processes.js'
import { workingFolder } from './working-folder.js'

/**
 * One process of `serve` against several workers, in turn, round by round, with the configuration of --peer. Gateway,
 * load and back-ends share all cores: what counts is the CPU time of a request, that of the primary included, and
 * whether the gateway uses more than one core. Where load and back-ends have cores of their own, requests/s say more.
 * With ClientID sessions (`--peer 'ours: ClientID'`) each worker asks the primary for each of 10,000 sessions once in
 * the time of its near cache: the fewer messages a session has in that time, the more they cost.
 */
const { values } = parseArgs({
  options: {
    peer: { type: 'string', default: 'ours: round robin' },
    workers: { type: 'string', default: '2' },
    connections: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '24' }
  }
})
const [seconds, rounds, connections] = [values.seconds, values.rounds, values.connections].map(Number) as
  [number, number, number]
const CORES = `0-${cpus().length - 1}`
/** CPU time of a request with workers, at most so many times that of one process. */
const MOST_CPU = 1.1

interface Sample {
  readonly rate: number
  /** Seconds of CPU for 10,000 requests. */
  readonly cpu: number
  /** Cores that the gateway used on average. */
  readonly cores: number
  /** The share of the time in which the least busy core of the machine was busy. */
  readonly leastBusy: number
  readonly errors: number
}

interface Running {
  readonly name: string
  readonly port: number
  readonly pid: number
  readonly samples: Sample[]
  readonly end: () => Promise<void>
}

const folder = workingFolder('workers')
const script = wrkScript(folder)

/** Busy and all ticks of each core since the start of the machine. */
function ticks (): [busy: number, all: number][] {
  return readFileSync('/proc/stat', 'latin1').split('\n').filter(line => /^cpu\d/.test(line)).map(line => {
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0] =
      line.split(/\s+/).slice(1).map(Number)
    const busy = user + nice + system + irq + softIrq
    return [busy, busy + idle + wait]
  })
}

async function measure ({ port, pid }: Running, duration: number): Promise<Sample> {
  const [cpuBefore, before] = [cpuSeconds(pid), ticks()]
  const run = await wrk(script, port, connections, duration, CORES)
  const [used, after] = [cpuSeconds(pid) - cpuBefore, ticks()]
  const busy = after.map(([busy, all], core) => (busy - before[core]![0]) / (all - before[core]![1]))
  return {
    rate: run.requests / run.seconds,
    cpu: used / run.requests * 1e4,
    cores: used / run.seconds,
    leastBusy: Math.min(...busy),
    errors: run.errors
  }
}

async function begin (name: string, peer: Peer, more: readonly string[], at: number): Promise<Running> {
  const port = portOf(at)
  const child = await start(CORES, [...peer.command(port, folder), ...more], port)
  await sendOne(port)
  return { name, port, pid: child.pid!, samples: [], end: async () => await stop(child) }
}

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${rounds} rounds of ${seconds} s, ` +
  `${connections} connections, ${values.peer}`)
const backend = await start(CORES, backendCommand(folder), BACKENDS[0])
const peer = PEERS.find(({ name }) => name === values.peer)
if (peer === undefined) throw new Error(`--peer ${values.peer}: ${PEERS.map(({ name }) => name).join(', ')}`)
const one = await begin('one process', peer, [], 0)
const several = await begin(`${values.workers} workers`, peer, ['--workers', values.workers], 1)
const all = [one, several]
for (const running of all) await measure(running, Number(values.warmup))
for (let round = 0; round < rounds; round++) {
  for (const running of round % 2 === 0 ? all : all.toReversed()) {
    running.samples.push(await measure(running, seconds))
  }
}

const figures = (running: Running, of: (sample: Sample) => number): number[] => running.samples.map(of)
const rate = ({ rate }: Sample): number => rate
const cpu = ({ cpu }: Sample): number => cpu
const columns = ['requests/s', 'CPU s per 10,000', 'cores used', 'least busy core', 'errors']
console.log(['gateway'.padEnd(14), ...columns.map(each => each.padStart(18))].join(''))
for (const running of all) {
  const cells = [
    String(Math.round(median(figures(running, rate)))),
    quartiles(figures(running, cpu)),
    quartiles(figures(running, ({ cores }) => cores)),
    quartiles(figures(running, ({ leastBusy }) => leastBusy)),
    String(figures(running, ({ errors }) => errors).reduce((sum, each) => sum + each, 0))
  ]
  console.log([running.name.padEnd(14), ...cells.map(each => each.padStart(18))].join(''))
}
console.log(`${several.name} against one process, round by round: requests/s × ` +
  `${quartiles(ratios(figures(several, rate), figures(one, rate)))}, CPU a request × ` +
  `${quartiles(ratios(figures(several, cpu), figures(one, cpu)))}`)
verdict(`${several.name}: CPU of a request × one process`, 'at most', MOST_CPU,
  median(ratios(figures(several, cpu), figures(one, cpu))))
await Promise.all(all.map(({ end }) => end()))
await stop(backend)
process.exit(0)
