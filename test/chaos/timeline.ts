import type { History, Reply, StateChange } from './history.js'
import { DISCOVERED_SERVICE, endpointName } from './services.js'

/** From one instant to another, both included. */
export interface Period { readonly from: number, readonly to: number }

/** How much the times may differ that two processes note for one event. */
const CLOCK_SKEW_MS = 100
/** How long a resolved name may be cached after a change, in milliseconds. */
export const NAME_LAG = 3_000
/** Faults that are no evidence: a back-end that has one of them counts as healthy. */
const HARMLESS: readonly string[] = ['stale', 'stale-reset', 'absent']

const overlap = (a: Period, b: Period): boolean => a.from <= b.to && b.from <= a.to
const widened = ({ from, to }: Period, after: number): Period => ({ from: from - CLOCK_SKEW_MS, to: to + after })
/** While an order is in flight, as its client sees it. */
export const during = ({ sent, ended }: Reply): Period => ({ from: sent, to: ended })

/** When each back-end was healthy, and when its endpoints were active. */
export class Timeline {
  readonly #members: readonly string[]
  readonly #lag: number
  /** By back-end, and by endpoint. */
  readonly #faultPeriods: ReadonlyMap<string, readonly Period[]>
  readonly #absences: ReadonlyMap<string, readonly Period[]>
  readonly #stale: readonly Period[]
  readonly #outages: ReadonlyMap<string, readonly Period[]>
  readonly #failures: ReadonlyMap<string, readonly StateChange[]>

  /** @param lag how far an effect may be behind its cause, in milliseconds */
  constructor ({ faultPeriods, initialStates, stateChanges }: History, members: readonly string[], lag: number) {
    this.#members = members
    this.#lag = lag
    this.#faultPeriods = grouped(faultPeriods.filter(({ fault }) => !HARMLESS.includes(fault)), ({ name }) => name)
    this.#absences = grouped(faultPeriods.filter(({ fault }) => fault === 'absent'), ({ name }) => name)
    this.#stale = faultPeriods.filter(({ fault }) => fault.startsWith('stale'))
    this.#outages = outagesIn([...initialStates, ...stateChanges])
    this.#failures = grouped(stateChanges.filter(isFailure), ({ endpoint }) => endpoint)
  }

  /** Whether the back-end had a fault during a period, or shortly before it. */
  hadFault (member: string, span: Period): boolean {
    return this.#faultPeriods.get(member)?.some(faultPeriod => overlap(widened(faultPeriod, this.#lag), span)) === true
  }

  /** Whether any back-end ended idle connections while the order was in flight. */
  hadStaleConnections (reply: Reply): boolean {
    return this.#stale.some(each => overlap(widened(each, this.#lag), during(reply)))
  }

  /** Whether the name had not resolved to the back-end for longer than it may be cached when the order was sent. */
  hadLeft (member: string, { sent }: Reply, at: number): boolean {
    return this.#absences.get(member)?.some(({ from, to }) =>
      sent > from + NAME_LAG + this.#lag && at < to) === true
  }

  /**
   * Whether one back-end was available while the order was in flight: healthy, and its endpoint active.
   */
  wasAnyAvailable (reply: Reply): boolean {
    return this.#members.some((_, member) => this.#wasAvailable(member, reply))
  }

  wereAllAvailable (reply: Reply): boolean {
    return this.#members.every((_, member) => this.#wasAvailable(member, reply))
  }

  /**
   * Whether the endpoint of a back-end for a service failed in a period, whichever order failed. The log of the gateway
   * sums up lines: a further failure of an endpoint within a second is logged after it.
   */
  hasFailed (service: string, member: number, period: Period): boolean {
    return (
      this.#failures
        .get(endpointName(service, member))
        ?.some(({ at }) => overlap({ from: at, to: at }, widened(period, this.#lag))) === true
    )
  }

  #wasAvailable (member: number, reply: Reply): boolean {
    const span = during(reply)
    return (
      !this.hadFault(this.#members[member]!, span) &&
      !this.#mayBeUnknown(member, reply) &&
      this.#outages
        .get(endpointName(reply.order.service, member))
        ?.some(outage => overlap(widened(outage, CLOCK_SKEW_MS), span)) !== true
    )
  }

  /** Whether the gateway may not have discovered this back-end. */
  #mayBeUnknown (member: number, reply: Reply): boolean {
    return reply.order.service === DISCOVERED_SERVICE && this.#absences.get(this.#members[member]!)?.some(absence =>
      overlap(widened(absence, NAME_LAG + this.#lag), during(reply))) === true
  }
}

export const isFailure = ({ to }: StateChange): boolean => to === 'suspended' || to === 'timeout'

/** When each endpoint was not active. */
function outagesIn (stateChanges: readonly StateChange[]): Map<string, Period[]> {
  const outages = new Map<string, Period[]>()
  for (const [endpoint, own] of grouped(stateChanges, each => each.endpoint)) {
    let from: number | undefined
    const spans: Period[] = []
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
