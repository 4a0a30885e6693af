import { compile, type CompiledConfiguration, type Runtime } from '../../../lib/compiler/compile.js'
import { CODES, fault, type CodeName, type Fault } from '../../../lib/message/fault.js'
import type { Forward, Flow, Outcome } from '../../../lib/contracts/flow.js'
import { interpret, TABLE_SESSIONS, type EffectHandlers } from '../../../lib/pipeline/interpret.js'
import { deliver } from '../../../lib/pipeline/deliver.js'
import type { Headers } from '../../../lib/message/headers.js'
import type { Endpoint } from '../../../lib/contracts/endpoint.js'
import { NO_BODY, type Message } from '../../../lib/message/message.js'
import type { Definitions } from '../../../lib/definitions/model/model.js'
import { Registry } from '../../../lib/state/registry.js'

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
/** The endpoint is full. */
export const refused: Outcome = { kind: 'refused', fault: fault('NOT_READY', 'supposed: too many') }

/**
 * Runs one flow step by step: the endpoint whose response it waits for, and its outcome in the end. Sessions are looked
 * up and bound at once.
 */
export class FlowRun<T> {
  /** The endpoints that it was sent to, by origin, in order. */
  readonly calls: string[] = []
  readonly sent: Message[] = []
  /** The endpoint for whose trial it waits. */
  waitsFor: string | undefined
  /** The full endpoints at which it waits for a place, and until when. */
  waitsForPlaceAt: string[] | undefined
  waitsUntil: number | undefined
  /** The flows of a recipient list, for whose outcomes it waits. */
  recipients: readonly FlowRun<Outcome | undefined>[] = []
  end: T | undefined
  over = false
  readonly #flow: Flow<T>
  readonly #handlers: EffectHandlers<undefined> = {
    ...TABLE_SESSIONS,
    log: () => {},
    race: ({ flows }) => {
      this.recipients = flows.map(each => new FlowRun(each))
      return never()
    },
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
    this.#resume(undefined)
  }

  /** The endpoint whose response it waits for. */
  get waitsAt (): string | undefined {
    return this.over ? undefined : this.calls.at(-1)
  }

  /** Continues with the outcome of the last attempt. */
  next (outcome: Outcome): this {
    if (this.over) throw new Error('the flow has ended')
    return this.#resume(outcome)
  }

  /** Continues after a wait. @param hasWaited false: the queue is full, or the time is over */
  resume (hasWaited: boolean): this {
    if (this.waitsFor === undefined && this.waitsForPlaceAt === undefined) throw new Error('it waits for nothing')
    this.waitsFor = this.waitsForPlaceAt = this.waitsUntil = undefined
    return this.#resume(hasWaited)
  }

  /** The client disconnects. */
  leave (): void {
    this.#flow.return(undefined as T)
    this.over = true
  }

  #resume (outcome: unknown): this {
    const progress = interpret(this.#flow, this.#handlers, undefined, never, outcome)
    if (!progress.done) return this
    this.over = true
    this.end = progress.value
    return this
  }
}

const never = (): Promise<never> => new Promise(() => {})
const nameOf = ({ origin }: Forward): string => new URL(origin).hostname.toUpperCase()

/** Runs a flow with every sequence of outcomes: each attempt may have each of these. */
export function * allRuns<T> (
  begin: () => Flow<T>,
  outcomes: readonly Outcome[],
  first: readonly Outcome[] = []
): Generator<{ run: FlowRun<T>; outcomes: readonly Outcome[] }> {
  const run = new FlowRun(begin())
  for (const outcome of first) run.next(outcome)
  if (run.over) {
    yield { run, outcomes: first }
    return
  }
  for (const outcome of outcomes) yield * allRuns(begin, outcomes, [...first, outcome])
}

/** A gateway without a network: one endpoint, and a clock that a test moves. */
export interface Simulation {
  readonly endpoint: Endpoint
  readonly registry: Registry
  readonly configuration: CompiledConfiguration
  readonly clock: { now: number }
  /** Sends a message. */
  send(message: Message): FlowRun<Outcome>
  /** Sends a message whose attempts have these outcomes. */
  play(message: Message, ...outcomes: readonly Outcome[]): FlowRun<Outcome>
  state(address: string): string
}

export function simulate (
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
): Simulation {
  const kept = registry ?? new Registry(() => clock.now)
  const runtime = { now: () => clock.now, random, uuid: () => '', environment }
  const definitions = { proxies: { P: { endpoint } }, ...(endpoints && { endpoints }) } as Definitions
  const configuration = compile(definitions, runtime, {
    registry: kept
  })
  const root = configuration.services.get('P')!.endpoint!
  return {
    endpoint: root,
    registry: kept,
    configuration,
    clock,
    send: message => new FlowRun(deliver(root, message)),
    play (message, ...outcomes) {
      const run = new FlowRun(deliver(root, message))
      for (const outcome of outcomes) run.next(outcome)
      return run
    },
    state: address => kept.endpoints.get(address)!.health.state
  }
}

/** An address endpoint; `A` is at http://a. */
export const address = (name: string, more: object = {}): object => ({
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
  members: members.map(each => (typeof each === 'string' ? address(each) : each)),
  ...more
})

export const BY_HEADER = { kind: 'header', name: 'X-Session' }
export const faultOf = (outcome: Outcome | undefined): Fault | undefined =>
  outcome !== undefined && 'fault' in outcome ? outcome.fault : undefined
export const codeOf = (outcome: Outcome | undefined): string | undefined => {
  const { code } = faultOf(outcome) ?? {}
  return Object.entries(CODES).find(([, each]) => each === code)?.[0]
}
