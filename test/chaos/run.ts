/**
 * npm run chaos: clients, a gateway and back-ends that fail, each in a process of its own. Each round is checked
 * against the rules of `rules.ts`, and the end of the run against those of `final-rules.ts`.
 *
 *     load ──▶ idle ──▶ (faults ──▶ load ──▶ check) … ──▶ idle ──▶ stop
 *               └──────── sockets, timers, memory ──────────┘
 *
 *     npm run chaos -- [--seed N] [--seconds 30] [--requests N] [--clients 64] [--backends 5] [--from ROUND]
 *     npm run chaos -- --soak MINUTES    load without faults, a reload every 20 s: nothing may grow
 *
 * A round has --seconds of faults; rounds follow until --requests were made. Only counts of them are kept. The seed and
 * the number of a round determine its faults, their times, and what each client sends; time is real. --from begins with
 * that round, which continues an interrupted run; without --requests it repeats one round. SIGTERM ends a run after its
 * round. Exit code 1: a rule is broken. Linux only (/proc, 127.0.1.x).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nameServer } from '../support/http/dns-server.js'
import { cpuSeconds } from '../support/processes/processes.js'
import { finalRules } from './final-rules.js'
import { startGateway } from './gateway.js'
import type { StateChange } from './history.js'
import { megabytesHeld, megabytes, whenIdle } from './resources.js'
import { hostOf, spawnMember, type Member } from './member.js'
import { Random } from '../support/random.js'
import { MAX_DELAY_MS, runRound, type RoundResult, type RoundSetup } from './round.js'
import { soak } from './soak.js'
import { configurationFor, MEMBERS_NAME, servicesFor } from './services.js'
import { Totals } from './totals.js'

/** The response timeout of endpoints. */
const RESPONSE_TIMEOUT_MS = 1_500
/** How far an effect may be behind its cause in another process. */
const LAG_MS = 1_000
/** How long everything but the faults of a round may take. */
const MAX_OVERHEAD_MS = 120_000

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    requests: { type: 'string', default: '0' },
    clients: { type: 'string', default: '64' },
    backends: { type: 'string', default: '5' },
    from: { type: 'string', default: '1' },
    soak: { type: 'string' }
  }
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const [seconds, clients, backends, from] = [values.seconds, values.clients, values.backends, values.from].map(Number) as
  [number, number, number, number]
const requests = Number(values.requests)
if (!(seconds > 0 && clients >= 1 && backends >= 3 && from >= 1 && requests >= 0)) {
  throw new Error('--seconds above 0, --clients from 1, --backends from 3, --from from 1, --requests from 0')
}

if (values.soak !== undefined) {
  const minutes = Number(values.soak)
  if (!(minutes > 0)) throw new Error('--soak above 0')
  process.exit((await soak(minutes, seed, backends)) ? 0 : 1)
}
const stopping = new AbortController()
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => stopping.abort())
let watchdog = setTimeout(abandon, MAX_OVERHEAD_MS).unref()

/** Each round has random numbers of its own, so that it can run without those before it. */
const randomOf = (round: number) => new Random(Math.imul(seed + 1, 0x9e3779b1) + round)
const folder = await mkdtemp(join(tmpdir(), 'chaos-'))
console.log(`seed ${seed}: ${clients} clients, ${backends} back-ends, ${seconds} s of faults a round`)

const members: Member[] = []
for (let number = 0; number < backends; number++) {
  members.push(await spawnMember(number, folder, number === 0 ? 0 : Number(new URL(members[0]!.origin).port)))
}
const services = servicesFor(backends)
const names = await nameServer({ teardown: () => {} }, { [MEMBERS_NAME]: members.map((_, number) => hostOf(number)) })
const configuration = join(folder, 'chaos.xml')
const origins = members.map(({ origin }) => origin)
await writeFile(configuration, configurationFor(services, origins, RESPONSE_TIMEOUT_MS))
const gateway = await startGateway(configuration, { more: ['--dns-servers', names.address] })
const fresh = await gateway.resources()

const times = { responseTimeout: RESPONSE_TIMEOUT_MS, lag: LAG_MS }
const setup: RoundSetup = { gateway, members, services, names, clients, times }
const totals = new Totals()
const before = await runRound(setup, randomOf(0), 0, 'before-', [])
totals.add(before, 'before the first round')
const first = await whenIdle(gateway, members, fresh)

let states: readonly StateChange[] = before.states
let orders = 0
const begun = performance.now()
const gatewayBefore = cpuSeconds(gateway.pid)
const ownBefore = process.cpuUsage()
for (let round = from; round === from || (orders < requests && !stopping.signal.aborted); round++) {
  clearTimeout(watchdog)
  watchdog = setTimeout(abandon, seconds * 1000 + MAX_OVERHEAD_MS).unref()
  const result = await runRound(setup, randomOf(round), seconds * 1000, `r${round}-`, states)
  states = result.states
  orders += result.replies.length
  totals.add(result, `round ${round}`)
  if (requests > 0) console.log(progress(round, result))
}
const { user, system } = process.cpuUsage(ownBefore)
const cpu = [(user + system) / 1e6, cpuSeconds(gateway.pid) - gatewayBefore]
const last = await whenIdle(gateway, members, fresh)
const metrics = await gateway.metrics()
const code = await gateway.stop()
await Promise.all(members.map(async member => await member.close()))
await rm(folder, { recursive: true })
const { errorLines } = gateway
totals.addRules(finalRules({ services, metrics, fresh, first, last, errorLines, code }), 'at the end')

const resources = [fresh, first, last]
const numbers: Record<string, number | string> = {
  ...totals.numbers,
  'orders a second': rate(),
  'CPU of 1,000 orders, ms: clients and rules / gateway': cpu.map(each => Math.round(each / orders * 1e6)).join(' / '),
  'sockets: at the start, before the faults, at the end': resources.map(({ sockets }) => sockets).join(' / '),
  timers: resources.map(({ timers }) => timers).join(' / '),
  'objects and buffers, MB': resources.map(megabytesHeld).join(' / '),
  'memory of the process, MB': resources.map(({ resident }) => megabytes(resident)).join(' / '),
  'retries impossible, as the gateway counts': metrics.get('proxy_services_retries_impossible_total') ?? '-'
}
for (const [name, value] of Object.entries(numbers)) console.log(`${name.padEnd(64)} ${String(value).padStart(20)}`)
console.log()
for (const line of totals.lines()) console.log(line)
process.exit(totals.broken === 0 ? 0 : 1)

function rate (): number {
  return Math.round(orders / (performance.now() - begun) * 1000)
}

/** A line for a round, and one for each violation of a rule. */
function progress (round: number, { rules, delay }: RoundResult): string {
  const own = megabytes(process.memoryUsage().rss)
  const broken = rules.flatMap(({ rule, violations }) => violations.map(each => `\n  BROKEN ${rule}: ${each}`))
  const times = delay > MAX_DELAY_MS ? `, timed rules not checked (timers were late by ${delay} ms)` : ''
  const verdict = (broken.length === 0 ? 'no rule broken' : `${broken.length} BROKEN`) + times
  const progress = `${orders} of ${requests} requests, ${rate()} a second, ${own} MB in this process`
  return `round ${round}: ${progress}, ${verdict}${broken.join('')}`
}

function abandon (): never {
  console.error(`the run with seed ${seed} did not end in time`)
  process.exit(1)
}
