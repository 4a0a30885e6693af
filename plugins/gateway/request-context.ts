import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { trailOf, type Trail } from '../logging/access-log.js'
import type { Budget } from '../http/buffer-budget.js'
import { Exchange } from '../http/exchange.js'
import { Hold } from '../http/exchange-scope.js'

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

/** What goes on for a message whose client has its answer already. Nobody's leaving ends it; it may be cut off. */
export class Errand extends Hold {
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
