import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { Rights } from './gateway-view.js'
import { HttpError } from '../contract/http-error.js'

/** What the callers of requests may do, from when they are admitted. */
export class CallerRights {
  readonly #known = new WeakMap<FastifyRequest, Rights>()
  /** Hooks of routes that show sources or messages, that change something, that change the configuration. */
  readonly see = this.#hookFor('maySee')
  readonly change = this.#hookFor('mayChange')
  readonly edit = this.#hookFor('mayEdit')

  admit (request: FastifyRequest, rights: Rights): void {
    this.#known.set(request, rights)
  }

  /** The rights of a caller that was admitted. */
  of (request: FastifyRequest): Rights {
    return this.#known.get(request)!
  }

  #hookFor (right: keyof Rights): onRequestAsyncHookHandler {
    return async request => {
      const reason = this.of(request)[right]
      if (reason !== true) throw new HttpError(403, reason)
    }
  }
}
