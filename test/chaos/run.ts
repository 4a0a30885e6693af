/**
 * npm run chaos: clients, a gateway and back-ends that fail, each in a process of its own. What happened is held
 * against what is promised, round by round.
 *
 *     calm ──▶ quiet ──▶ (storm ──▶ calm ──▶ laws) … ──▶ quiet ──▶ stopped
 *               │ look                                    │ look: sockets, memory, what is under way
 *
 *     npm run chaos -- [--seed N] [--seconds 30] [--requests N] [--clients 64] [--backends 5] [--from ROUND]
 *     npm run chaos -- --soak MINUTES    load without faults, a reload every 20 s: nothing may grow
 *
 * A round has --seconds of faults; rounds follow until --requests were made. Only counts of them are kept. The seed and
 * the number of a round decide which faults there are and when, and what each client sends; time is real. --from plays
 * the rounds from this one on: a run that was interrupted is continued so, and one round is played again by --from
 * alone. SIGTERM ends a run behind its round. Exit code 1: a law is broken. Linux only (/proc, 127.0.1.x).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nameServer } from '../support/dns-server.js'
import { cpuSeconds } from '../bench/processes.js'
import { finalLaws } from './final-laws.js'
import { startGateway } from './gateway.js'
import type { Turn } from './history.js'
import { held, megabytes, quiet } from './holdings.js'
import { hostOf, processMember, type Member } from './member.js'
import { seeded } from './random.js'
import { MOST_LATE, playRound, type RoundResult, type Stage } from './round.js'
import { soak } from './soak.js'
import { configurationFor, MEMBERS_NAME, servicesFor } from './services.js'
import { Totals } from './totals.js'

/** How long a back-end may take for an answer, in milliseconds. */
const PATIENCE = 1_500
/** How late a busy machine may notice what was done to another process, in milliseconds. */
const GRACE = 1_000
/** What all that is not the storm may take, in milliseconds. */
const LONGEST = 120_000

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
let watchdog = setTimeout(giveUp, LONGEST).unref()

/** Each round has a chance of its own, so that it can be played without those before it. */
const chanceOf = (round: number) => seeded(Math.imul(seed + 1, 0x9e3779b1) + round)
const folder = await mkdtemp(join(tmpdir(), 'chaos-'))
console.log(`seed ${seed}: ${clients} clients, ${backends} back-ends, ${seconds} s of faults a round`)

const members: Member[] = []
for (let number = 0; number < backends; number++) {
  members.push(await processMember(number, folder, number === 0 ? 0 : Number(new URL(members[0]!.origin).port)))
}
const services = servicesFor(backends)
const names = await nameServer({ teardown: () => {} }, { [MEMBERS_NAME]: members.map((_, number) => hostOf(number)) })
const configuration = join(folder, 'chaos.xml')
const origins = members.map(({ origin }) => origin)
await writeFile(configuration, configurationFor(services, origins, PATIENCE))
const gateway = await startGateway(configuration, { more: ['--dns-servers', names.address] })
const fresh = await gateway.look()

const stage: Stage = { gateway, members, services, names, clients, times: { patience: PATIENCE, grace: GRACE } }
const totals = new Totals()
const calm = await playRound(stage, chanceOf(0), 0, 'calm-', [])
totals.add(calm, 'before the first round')
const first = await quiet(gateway, members, fresh)

let states: readonly Turn[] = calm.states
let storm = 0
const begun = performance.now()
const gatewayBefore = cpuSeconds(gateway.pid)
const ownBefore = process.cpuUsage()
for (let round = from; round === from || (storm < requests && !stopping.signal.aborted); round++) {
  clearTimeout(watchdog)
  watchdog = setTimeout(giveUp, seconds * 1000 + LONGEST).unref()
  const result = await playRound(stage, chanceOf(round), seconds * 1000, `r${round}-`, states)
  states = result.states
  storm += result.replies.length
  totals.add(result, `round ${round}`)
  if (requests > 0) console.log(progress(round, result))
}
const { user, system } = process.cpuUsage(ownBefore)
const cpu = [(user + system) / 1e6, cpuSeconds(gateway.pid) - gatewayBefore]
const last = await quiet(gateway, members, fresh)
const metrics = await gateway.metrics()
const code = await gateway.stop()
await Promise.all(members.map(async member => await member.close()))
await rm(folder, { recursive: true })
totals.addLaws(finalLaws({ services, metrics, fresh, first, last, complaints: gateway.complaints, code }), 'at the end')

const looks = [fresh, first, last]
const numbers: Record<string, number | string> = {
  ...totals.numbers,
  'orders a second': rate(),
  'CPU of 1,000 orders, ms: clients and laws / gateway': cpu.map(each => Math.round(each / storm * 1e6)).join(' / '),
  'sockets: at first, after the calm, at the end': looks.map(({ sockets }) => sockets).join(' / '),
  timers: looks.map(({ timers }) => timers).join(' / '),
  'objects and buffers, MB': looks.map(held).join(' / '),
  'memory of the process, MB': looks.map(({ resident }) => megabytes(resident)).join(' / '),
  'could not be repeated, as the gateway counts': metrics.get('proxy_services_retries_impossible_total') ?? '-'
}
for (const [name, value] of Object.entries(numbers)) console.log(`${name.padEnd(64)} ${String(value).padStart(20)}`)
console.log()
for (const line of totals.lines()) console.log(line)
process.exit(totals.broken === 0 ? 0 : 1)

function rate (): number {
  return Math.round(storm / (performance.now() - begun) * 1000)
}

/** A line for a round, and one for each time that it broke a law: nothing else is kept of it. */
function progress (round: number, { laws, late }: RoundResult): string {
  const own = megabytes(process.memoryUsage().rss)
  const broken = laws.flatMap(({ law, broken }) => broken.map(each => `\n  BROKEN ${law}: ${each}`))
  const times = late > MOST_LATE ? `, times not judged (the machine was late by ${late} ms)` : ''
  const verdict = (broken.length === 0 ? 'all laws kept' : `${broken.length} BROKEN`) + times
  return `round ${round}: ${storm} of ${requests} requests, ${rate()} a second, ${own} MB here, ${verdict}${broken.join('')}`
}

function giveUp (): never {
  console.error(`it does not come to its end: seed ${seed}`)
  process.exit(1)
}
