import { Connection, type ConnectionHost } from './connection.js'
import { type OriginPoolOptions, type PoolSettings, settingsOf } from './client-options.js'
import { failure, type Failure } from './client-error.js'
import { ClientExchange, type ExchangeHost } from './client-exchange.js'
import { LinkedList } from '../../../lib/state/linked-list.js'
import { DnsNameResolver, type NameResolver } from './names/name-resolver.js'
import type { ClientRequest, ResponseHandler } from './request.js'
import { InvalidRequest, requestHead, type RequestHead } from './request-head.js'
import { NameWatch } from './dialing/name-watch.js'
import { PinnedConnections } from './pinned-connections.js'
import { targetOf, type ConnectionTarget } from './dialing/target.js'
import { scheduleTurn, type TurnTask } from '../../timing/turn-tasks.js'

/** What a pool is doing. */
export interface PoolCounters {
  /** Connections, those that are being made included. */
  readonly open: number
  readonly idle: number
  readonly inFlight: number
  /** Requests that wait for their turn. */
  readonly queued: number
  /** When the oldest request in flight began, by `performance.now()`. */
  readonly oldestStart: number | undefined
  /** Connections made, and requests sent on a connection that had carried another, so far. */
  readonly connects: number
  readonly reuses: number
}

let processResolver: NameResolver | undefined

/**
 * The connections to one origin. Requests go out after the poll phase of the turn in which they come, on an idle
 * connection if there is one; the one used last is taken first.
 *
 *     request ─▶ waiting ─▶ in flight ─▶ over
 *     connection: dialing ─▶ busy ─▶ cooling ─▶ idle ─▶ busy …
 *
 * A connection cools until a whole poll phase has passed since its last response: what an endpoint sends after it,
 * and its end, shows in that time.
 */
export class ConnectionPool implements ConnectionHost, ExchangeHost, TurnTask {
  readonly #target: ConnectionTarget
  readonly #settings: PoolSettings
  readonly #resolver: NameResolver
  readonly #connections = new Set<Connection>()
  readonly #idle = new LinkedList<Connection>()
  readonly #waiting = new LinkedList<ClientExchange>()
  readonly #inFlight = new LinkedList<ClientExchange>()
  readonly #pinned: PinnedConnections
  readonly #onConnect: ((ms: number) => void) | undefined
  readonly #name: NameWatch
  #cooling: Connection[] = []
  #scheduled = false
  #connects = 0
  #reuses = 0
  #closing: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  /** @throws TypeError where the origin is not usable */
  constructor (origin: string, options: OriginPoolOptions = {}) {
    this.#target = targetOf(origin, options)
    this.#settings = settingsOf(options)
    this.#onConnect = options.onConnect
    this.#pinned = new PinnedConnections(options.onPinned)
    this.#resolver = options.resolver ?? (processResolver ??= new DnsNameResolver())
    this.#name = new NameWatch(this.#target, this.#resolver, this.#settings.lookupInterval)
  }

  get counters (): PoolCounters {
    return {
      open: this.#connections.size,
      idle: this.#idle.size + this.#pinned.idle + this.#countUnpinnedCooling(),
      inFlight: this.#inFlight.size,
      queued: this.#waiting.size,
      oldestStart: this.#inFlight.first?.startedAt,
      connects: this.#connects,
      reuses: this.#reuses
    }
  }

  /** Sends a request. The handler is never called before this returns. */
  request (request: ClientRequest, handler: ResponseHandler): ClientExchange {
    const [head, refusal] = this.#admit(request)
    const exchange = new ClientExchange(request, head, handler, this)
    if (refusal !== undefined) {
      setImmediate(() => exchange.fail(refusal))
      return exchange
    }
    this.#waiting.append(exchange)
    if (this.#inFlight.size + this.#waiting.size > this.#settings.maxInFlight) {
      exchange.start(this.#settings.queueTimeout)
    }
    this.#schedule()
    return exchange
  }

  /** Ends idle connections now, and all others with their requests. Takes no more requests. */
  close (): Promise<void> {
    if (this.#closing === undefined) {
      let resolve = (): void => {}
      const promise = new Promise<void>(_resolve => {
        resolve = _resolve
      })
      this.#closing = { promise, resolve }
      for (const connection of [...this.#connections]) if (connection.isIdle) connection.close()
      this.#checkClosed()
    }
    return this.#closing.promise
  }

  /** Ends everything at once; requests fail with kind `poolClosed`. */
  destroy (): void {
    void this.close()
    const failed = failure('poolClosed', 'DESTROYED', 'The connections to this origin were closed')
    for (const list of [this.#waiting, this.#inFlight]) {
      for (let exchange = list.first; exchange !== undefined; exchange = list.first) exchange.fail(failed)
    }
    for (const connection of [...this.#connections]) connection.close()
  }

  /** Ends the authenticated connections of an owner: the idle ones now, the others with their requests. */
  releaseOwner (owner: object): void {
    this.#pinned.release(owner)
  }

  onTurn (): void {
    this.#scheduled = false
    if (this.#connections.size > 0) this.#name.look(this.#leaveOtherAddresses)
    this.#dispatch()
    const cooled = this.#cooling
    this.#cooling = []
    for (const connection of cooled) {
      connection.place = 'none'
      // TLS reports one turn later that it has written. An endpoint that still has not taken its request gets no other.
      if (!connection.isFlushed) {
        connection.close()
        continue
      }
      connection.place = connection.owner === undefined ? 'idle' : 'none'
      if (connection.owner === undefined) this.#idle.append(connection)
    }
    if (cooled.length > 0 && this.#waiting.size > 0) this.#schedule()
  }

  // Events of exchanges and connections

  onOver (exchange: ClientExchange): void {
    if (exchange.head === NO_HEAD) return
    if (exchange.isQueued) this.#waiting.remove(exchange)
    else this.#inFlight.remove(exchange)
    if (this.#waiting.size > 0) this.#schedule()
    this.#checkClosed()
  }

  onOpen ({ dial: { resolveTime, connectTime, tlsTime } }: Connection): void {
    this.#onConnect?.(resolveTime + connectTime + tlsTime)
  }

  onReusable (connection: Connection): void {
    if (this.#closing !== undefined) return connection.close()
    connection.place = 'cooling'
    this.#cooling.push(connection)
    this.#schedule()
  }

  onAuthenticated (connection: Connection, { request: { owner } }: ClientExchange): void {
    this.#pinned.pin(connection, owner)
  }

  onDead (connection: Connection): void {
    this.#connections.delete(connection)
    this.#pinned.remove(connection)
    if (connection.place === 'cooling') this.#cooling.splice(this.#cooling.indexOf(connection), 1)
    else if (connection.place === 'idle') this.#idle.remove(connection)
    connection.place = 'none'
  }

  /** The head to send, or why the request is refused. */
  #admit (request: ClientRequest): [RequestHead, Failure | undefined] {
    const { maxInFlight, maxQueued } = this.#settings
    if (this.#closing !== undefined) {
      return [NO_HEAD, failure('poolClosed', 'CLOSED', 'The connections to this origin are being closed')]
    }
    if (this.#inFlight.size + this.#waiting.size >= maxInFlight + maxQueued) {
      return [NO_HEAD, failure('queueFull', 'QUEUE_FULL', 'Too many requests to this origin are in flight')]
    }
    try {
      return [requestHead(request, this.#target.authority), undefined]
    } catch (error) {
      if (!(error instanceof InvalidRequest)) throw error
      return [NO_HEAD, failure('invalidRequest', error.code, error.message)]
    }
  }

  #schedule (): void {
    if (this.#scheduled) return
    this.#scheduled = true
    scheduleTurn(this)
  }

  /**
   * Sends what waits, in its order. What a connection that cools could send waits one more turn rather than making
   * a new one.
   */
  #dispatch (): void {
    const { maxInFlight } = this.#settings
    let cooling = this.#countUnpinnedCooling()
    let held = 0
    let next: ClientExchange | undefined
    for (let exchange = this.#waiting.first; exchange !== undefined; exchange = next) {
      // A handler has ended one that was to be the next.
      if (!exchange.isQueued) return this.#schedule()
      if (this.#inFlight.size + held >= maxInFlight) return
      next = exchange.after
      const { fresh: refusesReused, owner } = exchange.request
      const own = owner === undefined || refusesReused === true ? undefined : this.#pinned.idleOf(owner)
      if (own?.place === 'cooling') {
        cooling++
        held++
        continue
      }
      const isFresh = refusesReused === true || isStreamed(exchange) || exchange.request.upgrade !== undefined
      const connection = own ?? (isFresh ? undefined : this.#takeIdle())
      if (connection !== undefined) this.#reuse(exchange, connection)
      else if (!isFresh && held < cooling) held++
      else {
        // Its connection will be idle in the place of this one.
        if (isStreamed(exchange)) this.#idle.first?.close()
        this.#connect(exchange)
      }
    }
  }

  #countUnpinnedCooling (): number {
    let count = 0
    for (const { owner } of this.#cooling) if (owner === undefined) count++
    return count
  }

  #takeIdle (): Connection | undefined {
    for (let idle = this.#idle.last; idle !== undefined; idle = this.#idle.last) {
      if (idle.isReusable) return idle
      idle.close()
    }
    return undefined
  }

  /** Authenticated connections stay: their clients would have to authenticate again. */
  readonly #leaveOtherAddresses = (addresses: ReadonlySet<string>): void => {
    for (const connection of [...this.#connections]) {
      const { address, owner, isDialing } = connection
      if (isDialing || owner !== undefined || address === undefined || addresses.has(address)) continue
      if (connection.isIdle) connection.close()
      else connection.closesAfter = true
    }
  }

  #reuse (exchange: ClientExchange, connection: Connection): void {
    this.#reuses++
    this.#moveToInFlight(exchange)
    if (connection.place === 'idle') this.#idle.remove(connection)
    connection.place = 'none'
    connection.begin(exchange)
  }

  #connect (exchange: ClientExchange): void {
    this.#connects++
    this.#moveToInFlight(exchange)
    const connection = new Connection(this.#target, this.#settings, this)
    this.#connections.add(connection)
    connection.open(exchange, this.#resolver)
  }

  #moveToInFlight (exchange: ClientExchange): void {
    this.#waiting.remove(exchange)
    this.#inFlight.append(exchange)
  }

  #checkClosed (): void {
    if (this.#closing !== undefined && this.#inFlight.size + this.#waiting.size === 0) this.#closing.resolve()
  }
}

const isStreamed = ({ request: { body } }: ClientExchange): boolean => body !== undefined && !Buffer.isBuffer(body)

const NO_HEAD: RequestHead = Object.freeze({ text: '', closes: true, authenticates: false })
