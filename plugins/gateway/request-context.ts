import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { traceOf, type RequestTrace } from '../logging/access-log.js'
import type { BufferBudget } from '../http/buffer-budget.js'
import { Exchange } from '../http/exchange.js'
import { ExchangeScope } from '../http/exchange-scope.js'

/** An exchange, the log that its request writes to, and where to note what becomes of it. */
export class RequestContext extends Exchange {
  readonly log: FastifyBaseLogger
  readonly trace: RequestTrace | undefined
  /** What goes on for its message, even without it. */
  detached: DetachedContext | undefined
  constructor (request: FastifyRequest, reply: FastifyReply, budget: BufferBudget) {
    super(request.raw, reply.raw, budget)
    this.log = request.log
    this.secure = request.protocol === 'https'
    this.trace = traceOf(request)
  }
}

/** What goes on for a message whose client has its answer already. Nobody's leaving ends it; it may be cut off. */
export class DetachedContext extends ExchangeScope {
  override readonly alone = true
  readonly log: FastifyBaseLogger
  readonly trace: RequestTrace | undefined
  /** Resolves when it is over. */
  done: Promise<void> | undefined
  constructor ({ log, trace: trail, agent }: RequestContext, budget: BufferBudget) {
    super(budget)
    this.log = log
    this.trace = trail
    this.agent = agent
  }
}
