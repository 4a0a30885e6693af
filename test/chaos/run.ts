/**
 * npm run chaos: clients, a gateway and back-ends that fail, each in a process of its own. What happened is held
 * against what is promised.
 *
 *     calm ──▶ quiet ──▶ storm ──▶ calm again ──▶ quiet ──▶ stopped
 *               │ look                            │ look: sockets, memory, what is under way
 *
 *     npm run chaos -- [--seed N] [--seconds 30] [--requests N] [--clients 64] [--backends 5]
 *     npm run chaos -- --soak MINUTES    load without faults, a reload every 20 s: nothing may grow
 *
 * The seed decides which faults there are and when, and what each client sends; time is real. Exit code 1: a law is
 * broken. Linux only (/proc, 127.0.1.x).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openClients } from './client.js'
import { startGateway } from './gateway.js'
import type { History, Reply } from './history.js'
import { judge, type Law } from './laws.js'
import { held, megabytes, quiet } from './holdings.js'
import { processMember } from './member.js'
import { conduct, planned } from './plan.js'
import { seeded } from './random.js'
import { soak } from './soak.js'
import { configurationFor, endpointName, servicesFor, SUSPENSION } from './services.js'

/** How long a back-end may take for an answer, in milliseconds. */
const PATIENCE = 1_500
/** How late a busy machine may notice what was done to another process, in milliseconds. */
const GRACE = 1_000
/** How long there is load without faults, before and after, in milliseconds. */
const CALM = 5_000
/** What all that is not the storm may take, in milliseconds. */
const LONGEST = 120_000
/** After the last fault every back-end is back, and no client gets a fault, within this time, in milliseconds. */
const RECOVERY = SUSPENSION + PATIENCE + 1_000
/**
 * What a process may hold more after the storm than before it, in megabytes: objects and buffers once garbage is
 * collected, and memory of the system.
 */
const HEAP_GROWTH = 8
const RESIDENT_GROWTH = 64

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    requests: { type: 'string', default: '0' },
    clients: { type: 'string', default: '64' },
    backends: { type: 'string', default: '5' },
    soak: { type: 'string' }
  }
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const [seconds, clients, backends] = [Number(values.seconds), Number(values.clients), Number(values.backends)]
/** Further storms follow until so many requests were made. */
const requests = Number(values.requests)
if (!(seconds > 0 && clients >= 1 && backends >= 3)) {
  throw new Error('--seconds above 0, --clients from 1, --backends from 3')
}

if (values.soak !== undefined) {
  const minutes = Number(values.soak)
  if (!(minutes > 0)) throw new Error('--soak above 0')
  process.exit((await soak(minutes, seed, backends)) ? 0 : 1)
}
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))
let watchdog = setTimeout(giveUp, seconds * 1000 + LONGEST).unref()

const random = seeded(seed)
const folder = await mkdtemp(join(tmpdir(), 'chaos-'))
console.log(`seed ${seed}: ${clients} clients, ${backends} back-ends, ${seconds} s of faults`)

const members = await Promise.all(
  Array.from({ length: backends }, async (_, number) => await processMember(number, folder))
)
const services = servicesFor(backends)
const configuration = join(folder, 'chaos.xml')
await writeFile(
  configuration,
  configurationFor(
    services,
    members.map(({ origin }) => origin),
    PATIENCE
  )
)
const gateway = await startGateway(configuration)
const fresh = await gateway.look()

const before = openClients(gateway.url, services, clients, random.fork(), 'calm')
await pause(CALM)
await before.stop()
const first = await quiet(gateway, members, fresh)

const storm = openClients(gateway.url, services, clients, random.fork(), 'storm')
const stormBegan = Date.now()
const troubles = []
do {
  clearTimeout(watchdog)
  watchdog = setTimeout(giveUp, seconds * 1000 + LONGEST).unref()
  troubles.push(...(await conduct(planned(random.fork(), backends, seconds * 1000), members)))
} while (storm.replies.length < requests)
const over = Date.now()
await pause(CALM)
await storm.stop()
const last = await quiet(gateway, members, fresh)
const metrics = await gateway.metrics()
const code = await gateway.stop()
await Promise.all(members.map(async member => await member.close()))

const history: History = {
  replies: [...before.replies, ...storm.replies],
  sights: members.flatMap(member => member.sights()),
  troubles,
  turns: gateway.turns
}
await rm(folder, { recursive: true })

const recovered =
  Math.max(over, ...storm.replies.filter(({ got }) => got.kind === 'fault').map(({ ended }) => ended)) - over
const back = Math.max(over, ...gateway.turns.map(({ at }) => at)) - over
const judgement = judge(
  history,
  services,
  members.map(({ name }) => name),
  { patience: PATIENCE, grace: GRACE }
)
const sample = (name: string): [string, number][] =>
  [...metrics].filter(([key]) => key.startsWith(`proxy_services_${name}`))
const not = (value: number, samples: [string, number][]): string[] =>
  samples.length === 0
    ? ['not told']
    : samples.filter(([, found]) => found !== value).map(([key, found]) => `${key} ${found}`)
const more = (what: string, grown: number, most: number): string[] =>
  grown <= most ? [] : [`${what}: ${grown} more, at most ${most}`]
const idle = history.sights.filter(({ at }) => at > over + RECOVERY)
const standbys = services.flatMap(({ name, places }) =>
  places.flatMap(place => place.slice(1).map(member => endpointName(name, member)))
)
const isStandby = (key: string): boolean => standbys.some(name => key.includes(`endpoint="${name}"`))
const laws: Law[] = [
  ...judgement.laws,
  {
    law: 'members come back after their suspension',
    broken: [
      ...not(
        1,
        sample('endpoint_ready').filter(([key]) => !isStandby(key))
      ),
      // A stand-in gets no message while its place has a better member: it stays half-open.
      ...not(
        0,
        sample('endpoint_state').filter(([key]) => isStandby(key) && !/state="(active|half-open)"/.test(key))
      ),
      ...members
        .filter(({ name }) => !idle.some(({ from }) => from === name))
        .map(({ name }) => `${name} got no order any more`)
    ]
  },
  {
    law: `after the last fault all is well within ${RECOVERY} ms`,
    broken: more('milliseconds', Math.max(recovered, back), RECOVERY)
  },
  {
    law: 'nothing is under way any more',
    broken: [...not(0, sample('endpoint_requests_in_flight')), ...not(0, sample('buffered_body_bytes'))]
  },
  { law: 'no socket is left behind', broken: more('sockets', last.sockets - fresh.sockets, 0) },
  { law: 'no timer is left behind', broken: more('timers', last.timers - fresh.timers, 0) },
  {
    law: 'no memory is left behind',
    broken: [
      ...more('MB of objects and buffers', held(last) - held(first), HEAP_GROWTH),
      ...more('MB of the process', megabytes(last.resident - first.resident), RESIDENT_GROWTH)
    ]
  },
  {
    law: 'the gateway complains of nothing and stops when it is told',
    broken: [...gateway.complaints, ...(code === 0 ? [] : [`exit code ${code}`])]
  }
]

const numbers: Record<string, number | string> = {
  ...judgement.numbers,
  'orders per second in the storm': Math.round(storm.replies.length / ((over - stormBegan + CALM) / 1000)),
  'answer, median and 99 of 100, ms': [0.5, 0.99].map(part => quantile(storm.replies, part)).join(' / '),
  'last fault reply after the last fault, ms': recovered,
  'last change of state after the last fault, ms': back,
  'sockets: at first, after the calm, after the storm': [fresh, first, last]
    .map(({ sockets }) => sockets)
    .join(' / '),
  timers: [fresh, first, last].map(({ timers }) => timers).join(' / '),
  'objects and buffers, MB': [fresh, first, last].map(held).join(' / '),
  'memory of the process, MB': [fresh, first, last].map(({ resident }) => megabytes(resident)).join(' / '),
  'could not be repeated, as the gateway counts': sample('retries_impossible_total')[0]?.[1] ?? '-'
}
for (const [name, value] of Object.entries(numbers)) console.log(`${name.padEnd(64)} ${String(value).padStart(20)}`)
console.log()
for (const { law, broken } of laws) {
  console.log(`${broken.length === 0 ? 'kept  ' : 'BROKEN'} ${law.padEnd(72)} ${String(broken.length).padStart(5)}`)
  for (const each of broken.slice(0, 5)) console.log(`         ${each}`)
}
process.exit(laws.every(({ broken }) => broken.length === 0) ? 0 : 1)

function giveUp (): never {
  console.error('it does not come to its end')
  process.exit(1)
}

function quantile (replies: readonly Reply[], part: number): number {
  const times = replies
    .filter(({ got }) => got.kind === 'answer')
    .map(({ sent, ended }) => ended - sent)
    .sort((a, b) => a - b)
  return times[Math.floor(times.length * part)] ?? 0
}
