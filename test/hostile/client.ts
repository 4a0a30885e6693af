import { connect } from 'node:net'
import type { Arrivals } from './endpoint.js'
import { MessageReader, statusOf } from './http-message.js'
import type { Seen } from './checks.js'
import type { Step } from './row.js'
import { perform } from './script.js'

export interface Play {
  readonly port: number
  readonly steps: readonly Step[]
  readonly patience?: number | undefined
  readonly settle?: number | undefined
  readonly within?: number | undefined
  readonly head?: boolean | undefined
  readonly arrivals?: Arrivals | undefined
}

const PATIENCE = 2_000
/** After a complete response: what else comes would be a second one. */
const SETTLED = 60
const REFUSED = 1_500
const WITHIN = 8_000

export type Heard = Pick<Seen, 'responses' | 'received' | 'problem' | 'end' | 'ms'>

/** Plays a client with a bare connection, until it has ended or nothing happens any more. */
export async function play ({
  port,
  steps,
  patience = PATIENCE,
  settle = SETTLED,
  within = WITHIN,
  head = false,
  arrivals
}: Play): Promise<Heard> {
  const begun = performance.now()
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const waiting = new Set<() => void>()
  const received: string[] = []
  const times = { last: begun, first: 0 }
  let end: Heard['end'] = 'open'
  const reader = new MessageReader(true, { isBodiless: () => head })
  const changed = (): void => {
    times.last = performance.now()
    for (const each of waiting) each()
  }
  socket.on('data', chunk => {
    received.push(chunk.toString('latin1'))
    if (reader.problem === undefined) reader.push(received.at(-1)!)
    changed()
  })
  socket.on('end', () => {
    if (end === 'open') end = 'fin'
    reader.end()
    socket.end()
    changed()
  })
  socket.on('error', () => {
    end = 'reset'
    changed()
  })
  socket.on('close', () => {
    if (end === 'open') end = 'fin'
    changed()
  })
  const until = (holds: () => boolean): Promise<void> =>
    new Promise(resolve => {
      const check = (): void => {
        if (!holds()) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  /** A response that refuses may end the connection: a busy machine needs a moment for that. */
  const settled = (): number =>
    reader.final.some(each => statusOf(each) >= 400) ? Math.max(settle, REFUSED) : settle
  let performing = true
  const complete = (): number => reader.final.filter(each => each.complete).length
  void perform(socket, steps, {
    responses: count => until(() => end !== 'open' || complete() >= count),
    reached: async count => await Promise.race([arrivals?.reached(count), until(() => end !== 'open')])
  })
    .catch(() => {})
    .finally(() => {
      performing = false
      changed()
    })
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      const now = performance.now()
      const quiet = now - times.last
      const over =
        now - begun >= within ||
        end !== 'open' ||
        (!performing && quiet >= (complete() > 0 && !reader.isInside ? settled() : patience))
      if (!over) return
      clearInterval(timer)
      resolve()
    }, 15)
  })
  const ms = times.last - begun
  socket.destroy()
  reader.settle()
  return { responses: reader.final, received: received.join(''), problem: reader.problem, end, ms }
}
