import { faultFor } from '../../lib/pipeline/client-response.js'
import type { Program } from '../../lib/compiler/compile.js'
import { fault, MediationError, toFault } from '../../lib/message/fault.js'
import type { Call, Outcome } from '../../lib/contracts/flow.js'
import { run, type Ports } from '../../lib/pipeline/run-flow.js'
import { EMPTY, type Message } from '../../lib/message/message.js'
import { serve, type Service } from '../../lib/pipeline/service.js'
import type { Trail } from '../logging/access-log.js'
import type { Configured } from './load-configuration.js'
import { Errands } from './detached-deliveries.js'
import { Visit, type Errand } from './request-context.js'
import { Budget } from '../http/buffer-budget.js'
import type { Exchange } from '../http/exchange.js'
import { createForwarder, type Forwarder } from '../http/forwarder.js'
import { LIMITS, type Limits } from '../http/limits.js'
import { receive } from '../http/receive-request.js'
import { reply } from '../http/send-response.js'
import { ClientLeft } from '../http/request-body.js'
import type { SharedSessions } from '../session-stores/shared-sessions.js'
import type { Publisher } from '../wsdl/publisher.js'

/** What goes on without its client may take so long when the app closes, in milliseconds. */
const GRACE = 10_000

export interface ServicesOptions {
  readonly limits?: Partial<Limits> | undefined
  readonly uuid: () => string
  /** Where sessions are kept; undefined: in the tables of this gateway only. */
  readonly sessions?: SharedSessions | undefined
}

/** Without a store, sessions are in the tables of this gateway, which answer at once. */
const ALONE: Pick<Ports, 'recall' | 'bind'> = {
  recall: ({ group, id }) => group.sessions.get(id),
  bind: ({ group, id, member, from }) => group.sessions.set(id, member, from)
}

/** A program in the middle of the network: it takes requests from clients, and what its flows ask for goes out from here. */
export class Services {
  readonly budget: Budget
  readonly limits: Limits
  readonly sessions: SharedSessions | undefined
  readonly errands: Errands
  #configured: Configured
  readonly #forwarder: Forwarder
  readonly #ports = new WeakMap<Service, Ports<Visit | Errand>>()
  readonly #uuid: () => string

  constructor (configured: Configured, { limits, uuid, sessions }: ServicesOptions) {
    this.sessions = sessions
    this.#configured = configured
    this.limits = { ...LIMITS, ...limits }
    this.budget = new Budget(this.limits.budget)
    this.errands = new Errands(this.limits.released, this.budget)
    this.#uuid = uuid
    this.#forwarder = createForwarder({ limits: this.limits, budget: this.budget })
  }

  get program (): Program { return this.#configured.program }
  get publisher (): Publisher { return this.#configured.publisher }

  /** From now on this configuration runs. Requests under way end on the one before. */
  use (configured: Configured): void {
    const before = this.#configured
    this.#configured = configured
    before.discard()
  }

  /** The whole life of one request. Never rejects: whatever happens, the client gets an answer, or has left. */
  async handle (service: Service, visit: Visit, path: string, query: string): Promise<void> {
    try {
      const received = receive(visit, { need: service.needs.request, path, query, limits: this.limits })
      const request = 'body' in received ? received : await received
      const answer = await run(serve(service, request, this.#uuid), this.#portsOf(service), visit)
      if (answer === undefined) return
      // A body that is still on its way to a back-end must be there before its client is told that it is accepted.
      if (visit.errand !== undefined && visit.upload?.unfinished === true) await Promise.race([visit.upload.over(), visit.errand.done])
      reply(visit, answer)
    } catch (error) {
      this.#refuse(visit, error)
    }
  }

  async close (): Promise<void> {
    await this.errands.settle(GRACE)
    this.#configured.discard()
    await this.#forwarder.close()
    await this.sessions?.close()
  }

  #portsOf (service: Service): Ports<Visit | Errand> {
    const known = this.#ports.get(service)
    if (known !== undefined) return known
    const { sessions: shared } = this
    const ports: Ports<Visit | Errand> = {
      forward: (call, visit) => {
        const outcome = this.#forwarder.forward(call, visit, service.needs.response)
        return visit.trail === undefined ? outcome : noted(outcome, call, visit.trail)
      },
      ...shared === undefined ? ALONE : { recall: effect => shared.recall(effect), bind: effect => shared.bind(effect) },
      log: ({ level, text, fields }, { log }) => log[level]({ mediation: fields }, text),
      release: (visit, go) => visit instanceof Visit && this.errands.release(visit, go)
    }
    this.#ports.set(service, ports)
    return ports
  }

  /** A request that never became a message, or an answer that cannot be sent as it is. */
  #refuse (exchange: Visit, error: unknown): void {
    const { log } = exchange
    if (exchange.gone || error instanceof ClientLeft) return
    if (!(error instanceof MediationError)) log.error({ err: error }, 'a request failed in an unforeseen way')
    const why = error instanceof MediationError ? toFault(error) : fault('MEDIATION', 'the request could not be served')
    try {
      reply(exchange, faultFor(bare(exchange), why))
    } catch (second) {
      log.error({ err: second }, 'an answer could not be sent')
      exchange.response.destroy()
    }
  }
}

async function noted (asked: Promise<Outcome>, { origin }: Call, trail: Trail): Promise<Outcome> {
  trail.attempts++
  const outcome = await asked
  if (outcome.kind === 'answered') trail.endpoint = origin
  return outcome
}

/** As much of a request as its fault needs. */
const bare = ({ request: { rawHeaders, method = 'POST', url } }: Exchange): Message => ({
  direction: 'request', method, path: '', query: '', headers: rawHeaders, addressing: { to: url }, properties: {}, axis2: {}, read: false, body: EMPTY
})
