import type { Readable } from 'node:stream'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { traceOf, type RequestTrace } from '../logging/access-log.js'
import type { BufferBudget } from '../http/buffer-budget.js'
import { Exchange } from '../http/exchange.js'
import { ExchangeScope } from '../http/exchange-scope.js'

/** An exchange with the log of its request and its trace. */
export class RequestContext extends Exchange {
  readonly log: FastifyBaseLogger
  readonly trace: RequestTrace | undefined
  /** The delivery that continues without the client. */
  detachedContext: DetachedContext | undefined

  constructor (request: FastifyRequest, reply: FastifyReply, budget: BufferBudget, payload?: Readable) {
    super(request.raw, reply.raw, budget, payload)
    this.log = request.log
    this.secure = request.protocol === 'https'
    this.trace = traceOf(request)
  }
}

/** A delivery whose client has its response already. No disconnect ends it; a shutdown may abort it. */
export class DetachedContext extends ExchangeScope {
  override readonly isDetached = true
  readonly log: FastifyBaseLogger
  readonly trace: RequestTrace | undefined
  /** Resolves when the delivery is over. */
  done: Promise<void> | undefined

  constructor ({ log, trace, agent }: RequestContext, budget: BufferBudget) {
    super(budget)
    this.log = log
    this.trace = trace
    this.agent = agent
  }
}
