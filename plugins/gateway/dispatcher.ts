import { faultMessage } from '../../lib/pipeline/client-response.js'
import type { CompiledConfiguration } from '../../lib/compiler/compile.js'
import { fault, MediationError, toFault } from '../../lib/message/fault.js'
import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import { TABLE_SESSIONS, type EffectHandlers } from '../../lib/pipeline/interpret.js'
import { runFlow, withRace } from '../../lib/pipeline/run-flow.js'
import { NO_BODY, type Message } from '../../lib/message/message.js'
import { serveRequest, type ProxyService } from '../../lib/pipeline/service.js'
import type { RequestTrace } from '../logging/access-log.js'
import type { RunnableConfiguration } from './load-configuration.js'
import { DetachedDeliveries } from './detached-deliveries.js'
import { RequestContext, type DetachedContext } from './request-context.js'
import { BufferBudget } from '../http/buffer-budget.js'
import type { Exchange } from '../http/exchange.js'
import { createForwarder, type Forwarder } from '../http/forwarder.js'
import { LIMITS, type Limits } from '../http/limits.js'
import { receiveRequest } from '../http/receive-request.js'
import { sendResponse } from '../http/send-response.js'
import { ClientDisconnected } from '../http/request-body.js'
import type { SharedSessions } from '../session-stores/shared-sessions.js'
import type { Publisher } from '../wsdl/publisher.js'

/** What goes on without its client may take so long when the app closes, in milliseconds. */
const DETACHED_GRACE_MS = 10_000

export interface DispatcherOptions {
  readonly limits?: Partial<Limits> | undefined
  readonly uuid: () => string
  /** Where sessions are kept; undefined: in the tables of this gateway only. */
  readonly sessions?: SharedSessions | undefined
}

/** A program in the middle of the network: it takes requests from clients, and what its flows ask for goes out from here. */
export class Dispatcher {
  readonly budget: BufferBudget
  readonly limits: Limits
  readonly sessions: SharedSessions | undefined
  readonly detachedDeliveries: DetachedDeliveries
  #configured: RunnableConfiguration
  readonly #forwarder: Forwarder
  readonly #effectHandlers = new WeakMap<ProxyService, EffectHandlers<RequestContext | DetachedContext>>()
  readonly #uuid: () => string

  constructor (configured: RunnableConfiguration, { limits, uuid, sessions }: DispatcherOptions) {
    this.sessions = sessions
    this.#configured = configured
    this.limits = { ...LIMITS, ...limits }
    this.budget = new BufferBudget(this.limits.bufferBudget)
    this.detachedDeliveries = new DetachedDeliveries(this.limits.maxDetached, this.budget)
    this.#uuid = uuid
    this.#forwarder = createForwarder({ limits: this.limits, budget: this.budget })
  }

  get configuration (): CompiledConfiguration { return this.#configured.configuration }
  get publisher (): Publisher { return this.#configured.publisher }

  /** From now on this configuration runs. Requests under way end on the one before. */
  use (configured: RunnableConfiguration): void {
    const before = this.#configured
    this.#configured = configured
    before.discard()
  }

  /** The whole life of one request. Never rejects: whatever happens, the client gets an answer, or has left. */
  async handle (service: ProxyService, visit: RequestContext, path: string, query: string): Promise<void> {
    try {
      const received = receiveRequest(visit, { need: service.reads.request, path, query, limits: this.limits })
      const request = 'body' in received ? received : await received
      const answer = await runFlow(serveRequest(service, request, this.#uuid), this.#effectHandlersOf(service), visit)
      if (answer === undefined) return
      // A body that is still on its way to a back-end must be there before its client is told that it is accepted.
      if (visit.detached !== undefined && visit.upload?.unfinished === true) await Promise.race([visit.upload.over(), visit.detached.done])
      sendResponse(visit, answer)
    } catch (error) {
      this.#refuse(visit, error)
    }
  }

  async close (): Promise<void> {
    await this.detachedDeliveries.settle(DETACHED_GRACE_MS)
    this.#configured.discard()
    await this.#forwarder.close()
    await this.sessions?.close()
  }

  #effectHandlersOf (service: ProxyService): EffectHandlers<RequestContext | DetachedContext> {
    const known = this.#effectHandlers.get(service)
    if (known !== undefined) return known
    const { sessions: shared } = this
    const handlers = withRace<RequestContext | DetachedContext>({
      forward: (call, visit) => {
        const outcome = this.#forwarder.forward(call, visit, service.reads.response)
        return visit.trace === undefined ? outcome : logConfigured(outcome, call, visit.trace)
      },
      ...shared === undefined ? TABLE_SESSIONS : { lookupSession: effect => shared.lookup(effect), bindSession: effect => shared.bind(effect) },
      log: ({ level, text, fields }, { log }) => log[level]({ mediation: fields }, text),
      detach: (visit, go) => visit instanceof RequestContext && this.detachedDeliveries.detach(visit, go)
    })
    this.#effectHandlers.set(service, handlers)
    return handlers
  }

  /** A request that never became a message, or an answer that cannot be sent as it is. */
  #refuse (exchange: RequestContext, error: unknown): void {
    const { log } = exchange
    if (exchange.disconnected || error instanceof ClientDisconnected) return
    if (!(error instanceof MediationError)) log.error({ err: error }, 'a request failed in an unforeseen way')
    const why = error instanceof MediationError ? toFault(error) : fault('MEDIATION', 'the request could not be served')
    try {
      sendResponse(exchange, faultMessage(bare(exchange), why))
    } catch (second) {
      log.error({ err: second }, 'an answer could not be sent')
      exchange.response.destroy()
    }
  }
}

async function logConfigured (asked: Promise<ForwardOutcome>, { origin }: Forward, trail: RequestTrace): Promise<ForwardOutcome> {
  trail.attempts++
  const outcome = await asked
  if (outcome.kind === 'answered') trail.endpoint = origin
  return outcome
}

/** As much of a request as its fault needs. */
const bare = ({ request: { rawHeaders, method = 'POST', url } }: Exchange): Message => ({
  direction: 'request', method, path: '', query: '', headers: rawHeaders, addressing: { to: url }, properties: {}, axis2: {}, read: false, body: NO_BODY
})
