import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { Rights } from './gateway-view.js'
import { HttpError } from '../contract/http-error.js'

/** What the callers of requests may do, from when they are let in. */
export class CallerRights {
  readonly #known = new WeakMap<FastifyRequest, Rights>()
  /** Hooks of routes that show sources or messages, that change something, that change the configuration. */
  readonly see = this.#demand('maySee')
  readonly change = this.#demand('mayChange')
  readonly edit = this.#demand('mayEdit')

  letIn (request: FastifyRequest, rights: Rights): void {
    this.#known.set(request, rights)
  }

  /** The rights of a caller that was let in. */
  of (request: FastifyRequest): Rights {
    return this.#known.get(request)!
  }

  #demand (right: keyof Rights): onRequestAsyncHookHandler {
    return async request => {
      const reason = this.of(request)[right]
      if (reason !== true) throw new HttpError(403, reason)
    }
  }
}
