import type { History, Reply, Turn } from './history.js'
import { DISCOVERED, endpointName } from './services.js'

/** From one instant to another, both included. */
export interface Span { readonly from: number, readonly to: number }

/** How far apart two processes may write down the same moment. */
const BLINK = 100
/** How long a name may be remembered behind its change, in milliseconds. */
export const NAME_LAG = 3_000
/** Faults that are no evidence: a back-end that has one of them is well. */
const HARMLESS: readonly string[] = ['stale', 'stale-reset', 'absent']

const meet = (a: Span, b: Span): boolean => a.from <= b.to && b.from <= a.to
const wider = ({ from, to }: Span, after: number): Span => ({ from: from - BLINK, to: to + after })
const during = ({ sent, ended }: Reply): Span => ({ from: sent, to: ended })

/** Which back-ends were healthy when, and which ones the gateway took for healthy. */
export class Timeline {
  readonly #members: readonly string[]
  readonly #grace: number
  /** By back-end, and by endpoint. */
  readonly #troubles: ReadonlyMap<string, readonly Span[]>
  readonly #absences: ReadonlyMap<string, readonly Span[]>
  readonly #stale: readonly Span[]
  readonly #outages: ReadonlyMap<string, readonly Span[]>
  readonly #failures: ReadonlyMap<string, readonly Turn[]>

  /** @param grace how far an effect may be behind its cause, in milliseconds */
  constructor ({ troubles, states, turns }: History, members: readonly string[], grace: number) {
    this.#members = members
    this.#grace = grace
    this.#troubles = grouped(troubles.filter(({ fault }) => !HARMLESS.includes(fault)), ({ name }) => name)
    this.#absences = grouped(troubles.filter(({ fault }) => fault === 'absent'), ({ name }) => name)
    this.#stale = troubles.filter(({ fault }) => fault.startsWith('stale'))
    this.#outages = outagesIn([...states, ...turns])
    this.#failures = grouped(turns.filter(isFailure), ({ endpoint }) => endpoint)
  }

  /** Whether the back-end was not well at any moment of it, or a moment ago. */
  wasUnwell (member: string, span: Span): boolean {
    return this.#troubles.get(member)?.some(trouble => meet(wider(trouble, this.#grace), span)) === true
  }

  /** Whether any back-end ended idle connections meanwhile. */
  wasStale (reply: Reply): boolean {
    return this.#stale.some(each => meet(wider(each, this.#grace), during(reply)))
  }

  /** Whether the name had lost the back-end before this order was sent, and longer ago than it may be remembered. */
  hadLeft (member: string, { sent }: Reply, at: number): boolean {
    return this.#absences.get(member)?.some(({ from, to }) =>
      sent > from + NAME_LAG + this.#grace && at < to) === true
  }

  /**
   * Whether a back-end could have answered all the time: healthy, and taken for healthy by the service of this order.
   */
  somebodyFor (reply: Reply): boolean {
    return this.#members.some((_, member) => this.#wasThere(member, reply))
  }

  everybodyFor (reply: Reply): boolean {
    return this.#members.every((_, member) => this.#wasThere(member, reply))
  }

  /**
   * Whether an endpoint failed while the order was under way, be it with this order or with another one. The log of the
   * gateway sums up lines: a further failure of an endpoint within a second is written behind it.
   */
  failedWith (reply: Reply, member: number): boolean {
    return (
      this.#failures
        .get(endpointName(reply.order.service, member))
        ?.some(({ at }) => meet({ from: at, to: at }, wider(during(reply), this.#grace))) === true
    )
  }

  #wasThere (member: number, reply: Reply): boolean {
    const span = during(reply)
    return (
      !this.wasUnwell(this.#members[member]!, span) &&
      !this.#mayBeUnknown(member, reply) &&
      this.#outages
        .get(endpointName(reply.order.service, member))
        ?.some(outage => meet(wider(outage, BLINK), span)) !== true
    )
  }

  /** Whether the gateway may not know, or have forgotten, this back-end. */
  #mayBeUnknown (member: number, reply: Reply): boolean {
    return reply.order.service === DISCOVERED && this.#absences.get(this.#members[member]!)?.some(absence =>
      meet(wider(absence, NAME_LAG + this.#grace), during(reply))) === true
  }
}

export const isFailure = ({ to }: Turn): boolean => to === 'suspended' || to === 'timeout'

/** When each endpoint was not active. */
function outagesIn (turns: readonly Turn[]): Map<string, Span[]> {
  const outages = new Map<string, Span[]>()
  for (const [endpoint, own] of grouped(turns, each => each.endpoint)) {
    let from: number | undefined
    const spans: Span[] = []
    for (const { at, to } of own) {
      if (to !== 'active') from ??= at
      else if (from !== undefined) {
        spans.push({ from, to: at })
        from = undefined
      }
    }
    if (from !== undefined) spans.push({ from, to: Infinity })
    outages.set(endpoint, spans)
  }
  return outages
}

export function grouped<T> (all: Iterable<T>, by: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const each of all) {
    const key = by(each)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [each])
    else group.push(each)
  }
  return groups
}
