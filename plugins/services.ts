import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { faultFor } from '../lib/answer.js'
import type { Program } from '../lib/compile.js'
import { fault, MediationError, toFault } from '../lib/fault.js'
import { run, type Call, type Outcome, type Ports } from '../lib/flow.js'
import { EMPTY, type Message } from '../lib/message.js'
import { serve, type Service } from '../lib/serve.js'
import { trailOf, type Trail } from './access-log.js'
import type { Configured } from './configuration.js'
import { Budget } from './wire/budget.js'
import { Exchange } from './wire/exchange.js'
import { Hold } from './wire/hold.js'
import { createForwarder, type Forwarder } from './wire/forward.js'
import { LIMITS, type Limits } from './wire/limits.js'
import { receive } from './wire/receive.js'
import { reply } from './wire/reply.js'
import { ClientLeft } from './wire/upload.js'
import type { SharedSessions } from './session-stores/shared-sessions.js'
import type { Publisher } from './wsdl/index.js'

/** What goes on without its client may take so long when the app closes, in milliseconds. */
const GRACE = 10_000

export interface ServicesOptions {
  readonly limits?: Partial<Limits> | undefined
  readonly uuid: () => string
  /** Where sessions are kept; undefined: in the tables of this gateway only. */
  readonly sessions?: SharedSessions | undefined
}

/** An exchange, the log that its request writes to, and where to note what becomes of it. */
export class Visit extends Exchange {
  readonly log: FastifyBaseLogger
  readonly trail: Trail | undefined
  /** What goes on for its message, even without it. */
  errand: Errand | undefined
  constructor (request: FastifyRequest, reply: FastifyReply, budget: Budget) {
    super(request.raw, reply.raw, budget)
    this.log = request.log
    this.secure = request.protocol === 'https'
    this.trail = trailOf(request)
  }
}

/** Without a store, sessions are in the tables of this gateway, which answer at once. */
const ALONE: Pick<Ports, 'recall' | 'bind'> = {
  recall: ({ group, id }) => group.sessions.get(id),
  bind: ({ group, id, member, from }) => group.sessions.set(id, member, from)
}

/** What goes on for a message whose client has its answer already. Nobody's leaving ends it; it may be cut off. */
class Errand extends Hold {
  override readonly alone = true
  readonly log: FastifyBaseLogger
  readonly trail: Trail | undefined
  /** Resolves when it is over. */
  done: Promise<void> | undefined
  constructor ({ log, trail, agent }: Visit, budget: Budget) {
    super(budget)
    this.log = log
    this.trail = trail
    this.agent = agent
  }
}

/** A program in the middle of the network: it takes requests from clients, and what its flows ask for goes out from here. */
export class Services {
  readonly budget: Budget
  readonly limits: Limits
  readonly sessions: SharedSessions | undefined
  #configured: Configured
  readonly #forwarder: Forwarder
  readonly #ports = new WeakMap<Service, Ports<Visit | Errand>>()
  readonly #errands = new Set<Errand>()
  readonly #uuid: () => string

  constructor (configured: Configured, { limits, uuid, sessions }: ServicesOptions) {
    this.sessions = sessions
    this.#configured = configured
    this.limits = { ...LIMITS, ...limits }
    this.budget = new Budget(this.limits.budget)
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

  /** How many messages go on without their client. */
  get released (): number { return this.#errands.size }

  /** Waits for what goes on without its client. What takes longer than this, in milliseconds, is cut off, and the log says so. */
  async settle (grace: number): Promise<void> {
    const timer = new AbortController()
    const all = async (): Promise<void> => { while (this.#errands.size > 0) await Promise.all([...this.#errands].map(({ done }) => done)) }
    await Promise.race([all(), delay(grace, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    for (const errand of this.#errands) {
      errand.log.warn('a message that nobody waits for was cut off, since the gateway ends')
      errand.end(true)
    }
  }

  async close (): Promise<void> {
    await this.settle(GRACE)
    this.#configured.discard()
    await this.#forwarder.close()
    await this.sessions?.close()
  }

  /** The flow of a message goes on without its client. */
  #release (visit: Visit | Errand, go: (alone: Errand) => Promise<unknown>): boolean {
    if (!(visit instanceof Visit) || this.#errands.size >= this.limits.released) return false
    const errand = visit.errand = new Errand(visit, this.budget)
    visit.handTo(errand)
    this.#errands.add(errand)
    errand.done = go(errand)
      .catch(error => errand.log.error({ err: error }, 'a message that nobody waits for failed in an unforeseen way'))
      .then(() => {
        this.#errands.delete(errand)
        errand.end(false)
      })
    return true
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
      release: (visit, go) => this.#release(visit, go)
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
