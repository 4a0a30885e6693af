/**
 * What a session costs in memory, what a touch costs in time, and the longest pause while a table fills, is used and
 * expires; next to a Map of objects.
 *
 *     node dist/test/bench/sessions.js [--million 1] [--ten-million] [--rounds 3]
 *
 * Every measurement has a process of its own, the two kinds take turns, and the medians of all rounds are printed (for
 * pauses also the least and the greatest).
 */
import { execFileSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createSessionTable, type SessionPolicy, type SessionTable } from '../../lib/state/session-table.js'

/** The methods that are measured. */
type Measured = Pick<SessionTable, 'get' | 'set' | 'size' | 'evicted' | 'sweep'>

/** The simplest implementation: one object for each session, and a sweep that visits all of them. */
function mapOfObjects ({ timeout }: SessionPolicy, now: () => number): Measured {
  const sessions = new Map<string, { member: number, until: number }>()
  return {
    get (id) {
      const session = sessions.get(id)
      const time = now()
      if (session === undefined || session.until < time) return undefined
      session.until = time + timeout
      return session.member
    },
    set (id, member) {
      sessions.set(id, { member, until: now() + timeout })
      return member
    },
    get size () { return sessions.size },
    evicted: 0,
    sweep () {
      const time = now()
      for (const [id, { until }] of sessions) if (until < time) sessions.delete(id)
      return 0
    }
  }
}

// Unlike the session table the Map has no limit, so where the table is full it merely grows.
const KINDS = { 'session table': createSessionTable, 'Map of objects': mapOfObjects }
type Kind = keyof typeof KINDS
const TIMEOUT = 1_200_000
const MEASURES = {
  bytesUsed: 'bytes a session (heap and buffers)',
  bytesResident: 'bytes a session (resident)',
  bytesIdle: 'bytes of an empty table',
  touch: 'ns a touch, the id at hand',
  touchWithId: 'ns a touch, building the id included',
  unknown: 'ns a look-up of an unknown id',
  newInFull: 'ns a new session, the table full',
  fillPause: 'ms longest pause in fill',
  touchPause: 'ms longest pause in touch',
  expiryPause: 'ms longest pause in expiry of 90 %',
  expiryTotal: 'ms expiry of 90 % in all',
  noPause: 'ms longest pause of building ids alone'
}
type Measures = Record<keyof typeof MEASURES, number>

/** 41 characters cut fresh from bytes, as a key is cut from a message. */
const bytes = Buffer.from('urn:uuid:'.padEnd(41, '0'))
function id (n: number): string {
  const scrambled = Math.imul(n, 0x9e3779b1)
  for (let digit = 0; digit < 8; digit++) bytes[33 + digit] = 97 + (scrambled >>> 4 * digit & 15)
  return bytes.toString('latin1')
}

const cpuNow = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Runs `step` with 0, 1, 2 …, and returns the milliseconds of the longest. What passes on the clock without work of
 * this process (another process had the processor) is no pause of ours, so the lesser of clock and processor time
 * counts.
 */
function longest (steps: number, step: (n: number) => void): number {
  let worst = 0
  for (let n = 0, clock = performance.now(), work = cpuNow(); n < steps; n++) {
    step(n)
    const clockAfter = performance.now()
    const workAfter = cpuNow()
    worst = Math.max(worst, Math.min(clockAfter - clock, workAfter - work))
    clock = clockAfter
    work = workAfter
  }
  return worst
}

function measure (kind: Kind, sessions: number): Measures {
  let ahead = 0
  let seed = 1
  const random = () => (seed = Math.imul(seed, 0x915f77f5) + 1 | 0) >>> 0
  const used = () => {
    for (let n = 0; n < 3; n++) globalThis.gc!() // buffers are only released by the next one
    const { heapUsed, external, rss } = process.memoryUsage()
    return { used: heapUsed + external, rss }
  }
  const make = (maxSessions: number) =>
    KINDS[kind]({ timeout: TIMEOUT, expiry: 'sliding', maxSessions }, () => Date.now() + ahead)

  const warm = make(50_000)
  for (let n = 0; n < 200_000; n++) warm.get(id(warm.set(id(n), n % 3)))

  const before = used()
  const table = make(sessions)
  const empty = used()
  const fillPause = longest(sessions, n => table.set(id(n), n % 3))
  const full = used()

  const batch: string[] = new Array(50_000)
  const perId = (offset: number) => {
    let total = 0
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < batch.length; i++) batch[i] = id(offset + random() % sessions)
      const start = performance.now()
      for (let i = 0; i < batch.length; i++) table.get(batch[i]!)
      total += performance.now() - start
    }
    return total * 1e6 / 20 / batch.length
  }
  const touch = perId(0)
  const unknown = perId(sessions)
  const start = performance.now()
  for (let n = 0; n < 1e6; n++) table.get(id(random() % sessions))
  const touchWithId = performance.now() - start
  const touchPause = longest(1e6, () => table.get(id(random() % sessions)))

  ahead += TIMEOUT / 2
  for (let n = 0; n < sessions; n += 10) table.get(id(n))
  ahead += TIMEOUT / 2 + 60_000
  const left = Math.ceil(sessions / 10)
  let expiryTotal = performance.now()
  let expiryPause = 0
  while (table.size > left) expiryPause = Math.max(expiryPause, longest(1, () => table.sweep()))
  expiryTotal = performance.now() - expiryTotal

  for (let n = 0; table.size < sessions; n++) table.set(id(2 * sessions + n), 0)
  const flood = performance.now()
  for (let n = 0; n < 1e5; n++) table.set(id(4 * sessions + n), 0)
  const newInFull = (performance.now() - flood) * 1e6 / 1e5

  return {
    bytesUsed: (full.used - before.used) / sessions,
    bytesResident: (full.rss - before.rss) / sessions,
    bytesIdle: empty.used - before.used,
    touch,
    touchWithId,
    unknown,
    newInFull,
    fillPause,
    touchPause,
    expiryPause,
    expiryTotal,
    noPause: longest(sessions, id)
  }
}

function compare (sessions: number, rounds: number): void {
  const kinds = Object.keys(KINDS) as Kind[]
  const runs = new Map<Kind, Measures[]>(kinds.map(kind => [kind, []]))
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      const child = [
        '--expose-gc',
        '--max-old-space-size=8192',
        fileURLToPath(import.meta.url),
        '--kind',
        kind,
        '--sessions',
        String(sessions)
      ]
      runs.get(kind)!.push(JSON.parse(execFileSync(process.execPath, child, { encoding: 'utf8' })))
    }
  }
  console.log(
    `\n${sessions.toLocaleString('en')} sessions, ${rounds} rounds\n${''.padEnd(40)}${kinds.map(kind => kind.padStart(28)).join('')}`
  )
  for (const [measure, label] of Object.entries(MEASURES) as Array<[keyof Measures, string]>) {
    const cells = kinds.map(kind => {
      const sorted = runs.get(kind)!.map(run => run[measure]).sort((a, b) => a - b)
      const median = sorted[sorted.length >> 1]!.toFixed(label.startsWith('ms') ? 1 : 0)
      return (
        label.includes('pause') ? `${median} [${sorted[0]!.toFixed(1)} – ${sorted.at(-1)!.toFixed(1)}]` : median
      ).padStart(28)
    })
    console.log(label.padEnd(40) + cells.join(''))
  }
}

const { values } = parseArgs({
  options: {
    million: { type: 'string', default: '1' },
    'ten-million': { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    kind: { type: 'string' },
    sessions: { type: 'string' }
  }
})
if (values.kind !== undefined) {
  console.log(JSON.stringify(measure(values.kind as Kind, Number(values.sessions))))
} else {
  compare(Number(values.million) * 1e6, Number(values.rounds))
  if (values['ten-million']) compare(1e7, Number(values.rounds))
}
