import { connect } from 'node:net'
import type { Arrivals } from './endpoint.js'
import { MessageReader } from './http-message.js'
import type { Seen } from './checks.js'
import type { Step } from './row.js'
import { runSteps } from './run-steps.js'

export interface ClientRun {
  readonly port: number
  readonly steps: readonly Step[]
  readonly quietFor?: number | undefined
  readonly settle?: number | undefined
  readonly within?: number | undefined
  readonly head?: boolean | undefined
  readonly arrivals?: Arrivals | undefined
  /** Whether what was observed so far, and what reached the endpoint, is what the row expects. Default: always. */
  readonly holds?: ((observed: Observed) => boolean) | undefined
}

const QUIET_MS = 2_000
/** After a complete response: what else comes would be a second one. */
const SETTLED = 60
const WITHIN = 8_000

export type Observed = Pick<Seen, 'responses' | 'received' | 'problem' | 'end' | 'ms'>

/**
 * Runs a client with a bare connection, until it has ended, or nothing happens any more, with what the row expects; or
 * until the time for it is over. So a busy machine makes a row longer, and only a hang makes it fail.
 */
export async function runClient ({
  port,
  steps,
  quietFor = QUIET_MS,
  settle = SETTLED,
  within = WITHIN,
  head = false,
  arrivals,
  holds = () => true
}: ClientRun): Promise<Observed> {
  const begun = performance.now()
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const waiting = new Set<() => void>()
  const received: string[] = []
  const times = { last: begun, first: 0 }
  let end: Observed['end'] = 'open'
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
  const observed = (ms: number): Observed => ({
    responses: reader.final,
    received: received.join(''),
    problem: reader.problem,
    end,
    ms
  })
  let performing = true
  const complete = (): number => reader.final.filter(each => each.complete).length
  void runSteps(socket, steps, {
    responses: count => until(() => end !== 'open' || complete() >= count),
    reached: async count => await Promise.race([arrivals?.reached(count), until(() => end !== 'open')])
  })
    .catch(() => {})
    .finally(() => {
      performing = false
      changed()
    })
  await new Promise<void>(resolve => {
    const poll = (): void => {
      const now = performance.now()
      const quiet = now - times.last
      const isQuiet =
        end !== 'open' || (!performing && quiet >= (complete() > 0 && !reader.isInside ? settle : quietFor))
      const over = now - begun >= within || (isQuiet && holds(observed(times.last - begun)))
      if (!over) return
      clearInterval(timer)
      waiting.delete(poll)
      resolve()
    }
    const timer = setInterval(poll, 15)
    waiting.add(poll)
  })
  socket.destroy()
  reader.settle()
  return observed(times.last - begun)
}
