import type { FullEndpoint, WaitForPlace } from '../../../lib/contracts/flow.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry, StateChange } from '../../../lib/state/registry.js'
import type { ExchangeScope, ScopedOperation, TimedOperation } from '../../http/message/exchange-scope.js'
import { MAX_TIMER_MS } from '../../timing/deadline.js'

/**
 * Messages that wait for a place, because every endpoint that they could be sent to has as many requests in flight as
 * it may. In the order in which they came, bounded in number and in time. A message waits at all of its endpoints, and
 * takes the first place.
 */
export class PlaceQueue {
  readonly #registry: Registry
  readonly #waiting = new Map<EndpointState, Set<Waiter>>()
  readonly #onFree = (endpoint: EndpointState): void => this.#fill(endpoint)
  readonly #onChange = ({ endpoint }: StateChange): void => this.#wakeAll(endpoint)
  readonly #onCheck = (endpoint: EndpointState): void => this.#wakeAll(endpoint)

  constructor (registry: Registry) {
    this.#registry = registry
    registry.on('placeFree', this.#onFree)
    registry.on('stateChange', this.#onChange)
    registry.on('healthCheckChange', this.#onCheck)
  }

  /**
   * Resolves to true when an endpoint may have a place, or its state has changed. Resolves to false if there is no room
   * in any queue, the time of the queue or of the exchange is over, or the client has disconnected.
   */
  wait (
    { full, endsAt }: Omit<WaitForPlace, 'kind'>,
    client: Pick<ExchangeScope, 'track' | 'untrack' | 'trackTime' | 'untrackTime' | 'expired'>
  ): boolean | Promise<boolean> {
    if (full.some(each => this.#hasPlace(each))) return true
    const places = full.filter(({ endpoint, maxQueued }) => endpoint.queued < maxQueued)
    const time = endsAt - this.#registry.now()
    if (client.expired) return false
    if (places.length === 0 || time <= 0) {
      countRefusal(full)
      return false
    }
    return new Promise(resolve => {
      const waiter = new Waiter(places, time, mayHavePlace => {
        for (const { endpoint } of places) this.#remove(endpoint, waiter)
        client.untrack(waiter)
        client.untrackTime(waiter)
        resolve(mayHavePlace)
      })
      for (const { endpoint } of places) this.#add(endpoint, waiter)
      client.trackTime(waiter)
      client.track(waiter)
    })
  }

  close (): void {
    this.#registry.off('placeFree', this.#onFree)
    this.#registry.off('stateChange', this.#onChange)
    this.#registry.off('healthCheckChange', this.#onCheck)
    for (const endpoint of this.#waiting.keys()) this.#wakeAll(endpoint)
  }

  /** Whether a message that comes now may be sent: there is a place, and no other message waits for it. */
  #hasPlace ({ endpoint, maxRequests }: FullEndpoint): boolean {
    return endpoint.inFlight < maxRequests && !this.#waiting.has(endpoint)
  }

  #add (endpoint: EndpointState, waiter: Waiter): void {
    const waiting = this.#waiting.get(endpoint)
    if (waiting === undefined) this.#waiting.set(endpoint, new Set([waiter]))
    else waiting.add(waiter)
    endpoint.queued++
  }

  #remove (endpoint: EndpointState, waiter: Waiter): void {
    const waiting = this.#waiting.get(endpoint)
    if (waiting?.delete(waiter) !== true) return
    endpoint.queued--
    if (waiting.size === 0) this.#waiting.delete(endpoint)
  }

  /** Wakes as many messages as there are places. */
  #fill (endpoint: EndpointState): void {
    const waiting = this.#waiting.get(endpoint)
    if (waiting === undefined) return
    let woken = 0
    for (const waiter of waiting) {
      if (endpoint.inFlight + woken >= waiter.maxRequestsOf(endpoint)) break
      woken++
      waiter.wake(true)
    }
    // A message that was woken may have gone elsewhere: the next one gets its place.
    if (woken > 0 && this.#waiting.has(endpoint)) setImmediate(this.#onFree, endpoint)
  }

  /** The endpoint accepts no messages any more, or others than before. */
  #wakeAll (endpoint: EndpointState): void {
    for (const waiter of this.#waiting.get(endpoint) ?? []) waiter.wake(true)
  }
}

/** One message that waits. */
class Waiter implements ScopedOperation, TimedOperation {
  previous: ScopedOperation | undefined
  next: ScopedOperation | undefined
  readonly #places: readonly FullEndpoint[]
  readonly #timer: NodeJS.Timeout | undefined
  #resolve: ((mayHavePlace: boolean) => void) | undefined

  constructor (places: readonly FullEndpoint[], time: number, resolve: (mayHavePlace: boolean) => void) {
    this.#places = places
    this.#resolve = resolve
    this.#timer = time === Infinity ? undefined : setTimeout(end, Math.min(time, MAX_TIMER_MS), this)
  }

  maxRequestsOf (endpoint: EndpointState): number {
    return this.#places.find(each => each.endpoint === endpoint)!.maxRequests
  }

  wake (mayHavePlace: boolean): void {
    clearTimeout(this.#timer)
    const resolve = this.#resolve
    this.#resolve = undefined
    resolve?.(mayHavePlace)
  }

  /** No place has become free in time. */
  refuse (): void {
    countRefusal(this.#places)
    this.wake(false)
  }

  /** The time of the exchange is over. */
  expire (): void {
    this.wake(false)
  }

  /** The exchange is over. */
  discard (): void {
    this.wake(false)
  }
}

const end = (waiter: Waiter): void => waiter.refuse()

/** Counts a message that gets no place at any of these endpoints. */
function countRefusal (full: readonly FullEndpoint[]): void {
  for (const { endpoint } of full) endpoint.refused++
}
