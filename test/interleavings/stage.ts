import { compile, type CompiledConfiguration, type Runtime } from '../../lib/compiler/compile.js'
import { CODES, fault, type CodeName, type Fault } from '../../lib/message/fault.js'
import type { Forward, Flow, Outcome } from '../../lib/contracts/flow.js'
import { interpret, TABLE_SESSIONS, type EffectHandlers } from '../../lib/pipeline/interpret.js'
import { deliver } from '../../lib/pipeline/deliver.js'
import type { Headers } from '../../lib/message/headers.js'
import type { Endpoint } from '../../lib/contracts/endpoint.js'
import { NO_BODY, type Message } from '../../lib/message/message.js'
import type { Definitions } from '../../lib/definitions/model.js'
import { Registry } from '../../lib/state/registry.js'

/** A request without a body; a session of kind `header` is named in `X-Session`. */
export const request = (headers: Headers = []): Message => ({
  direction: 'request',
  method: 'POST',
  path: '',
  query: '',
  headers,
  addressing: {},
  properties: {},
  axis2: {},
  read: false,
  body: NO_BODY
})
export const from = (id: string): Message => request(['X-Session', id])

export const answered = (headers: Headers = []): Outcome => ({
  kind: 'answered',
  message: { ...request(headers), direction: 'response', status: 200 }
})
export const failed = (
  code: CodeName = 'CONNECTION_FAILED',
  sent = false,
  retry: 'any' | 'outer-group' | 'none' = 'any'
): Outcome => ({ kind: 'failed', fault: fault(code, `supposed: ${code}`, { requestSent: sent }), retry })
/** The port had no place for it. */
export const refused: Outcome = { kind: 'refused', fault: fault('NOT_READY', 'supposed: too many') }

/**
 * One flow on its way: the endpoint that it waits for, and its outcome in the end. Sessions are looked up and bound
 * as it goes.
 */
export class Told<T> {
  /** The endpoints that it has tried, by origin, in order. */
  readonly calls: string[] = []
  readonly sent: Message[] = []
  /** The endpoint for whose trial it waits. */
  waitsFor: string | undefined
  /** The full endpoints at which it waits for a place, and until when. */
  waitsForPlaceAt: string[] | undefined
  waitsUntil: number | undefined
  end: T | undefined
  over = false
  readonly #flow: Flow<T>
  readonly #handlers: EffectHandlers<undefined> = {
    ...TABLE_SESSIONS,
    log: () => {},
    race: never,
    branches: never,
    detach: () => false,
    waitForTrial: ({ endpoint }) => {
      this.waitsFor = endpoint.name
      return never()
    },
    waitForPlace: ({ full, endsAt }) => {
      this.waitsForPlaceAt = full.map(({ endpoint }) => endpoint.name)
      this.waitsUntil = endsAt
      return never()
    },
    forward: effect => {
      this.calls.push(nameOf(effect))
      this.sent.push(effect.message)
      return never()
    }
  }

  constructor (flow: Flow<T>) {
    this.#flow = flow
    this.#go(undefined)
  }

  /** Who is asked at the moment. */
  get asks (): string | undefined {
    return this.over ? undefined : this.calls.at(-1)
  }

  /** The network has this to say to the last call. */
  next (outcome: Outcome): this {
    if (this.over) throw new Error('the story is over')
    return this.#go(outcome)
  }

  /** The trial that it waits for is over, there may be a place, or the queue is full. */
  resume (hasWaited: boolean): this {
    if (this.waitsFor === undefined && this.waitsForPlaceAt === undefined) throw new Error('it waits for nothing')
    this.waitsFor = this.waitsForPlaceAt = this.waitsUntil = undefined
    return this.#go(hasWaited)
  }

  /** The client leaves. */
  leave (): void {
    this.#flow.return(undefined as T)
    this.over = true
  }

  #go (outcome: unknown): this {
    const progress = interpret(this.#flow, this.#handlers, undefined, never, outcome)
    if (!progress.done) return this
    this.over = true
    this.end = progress.value
    return this
  }
}

const never = (): Promise<never> => new Promise(() => {})
const nameOf = ({ origin }: Forward): string => new URL(origin).hostname.toUpperCase()

/** Plays every possible story of a flow: each call may come out in each of these ways. */
export function * stories<T> (
  begin: () => Flow<T>,
  outcomes: readonly Outcome[],
  told: readonly Outcome[] = []
): Generator<{ story: Told<T>; told: readonly Outcome[] }> {
  const story = new Told(begin())
  for (const outcome of told) story.next(outcome)
  if (story.over) {
    yield { story, told }
    return
  }
  for (const outcome of outcomes) yield * stories(begin, outcomes, [...told, outcome])
}

/** A gateway with one endpoint, and a clock that stands until a test moves it. */
export interface Stage {
  readonly endpoint: Endpoint
  readonly registry: Registry
  readonly program: CompiledConfiguration
  readonly clock: { now: number }
  /** A message comes. */
  send(message: Message): Told<Outcome>
  /** A message comes, and each call has the next of these outcomes. */
  play(message: Message, ...outcomes: readonly Outcome[]): Told<Outcome>
  state(leaf: string): string
}

export function stage (
  endpoint: object,
  {
    registry,
    endpoints,
    clock = { now: 0 },
    random = () => 0,
    environment = () => undefined
  }: {
    registry?: Registry
    endpoints?: Record<string, object>
    clock?: { now: number }
    random?: () => number
    environment?: Runtime['environment']
  } = {}
): Stage {
  const kept = registry ?? new Registry(() => clock.now)
  const world = { now: () => clock.now, random, uuid: () => '', environment }
  const definitions = { proxies: { P: { endpoint } }, ...(endpoints && { endpoints }) } as Definitions
  const program = compile(definitions, world, {
    registry: kept
  })
  const root = program.services.get('P')!.endpoint!
  return {
    endpoint: root,
    registry: kept,
    program,
    clock,
    send: message => new Told(deliver(root, message)),
    play (message, ...outcomes) {
      const told = new Told(deliver(root, message))
      for (const outcome of outcomes) told.next(outcome)
      return told
    },
    state: leaf => kept.endpoints.get(leaf)!.health.state
  }
}

/** An address endpoint; `A` is at http://a. */
export const leaf = (name: string, more: object = {}): object => ({
  kind: 'address',
  name,
  uri: `http://${name.toLowerCase()}/`,
  ...more
})
export const group = (
  kind: 'loadbalance' | 'failover',
  members: readonly (string | object)[],
  more: object = {}
): object => ({
  kind,
  name: kind,
  members: members.map(each => (typeof each === 'string' ? leaf(each) : each)),
  ...more
})

export const BY_HEADER = { kind: 'header', name: 'X-Session' }
export const faultOf = (outcome: Outcome | undefined): Fault | undefined =>
  outcome !== undefined && 'fault' in outcome ? outcome.fault : undefined
export const codeOf = (outcome: Outcome | undefined): string | undefined => {
  const { code } = faultOf(outcome) ?? {}
  return Object.entries(CODES).find(([, each]) => each === code)?.[0]
}
