import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Tracing } from '../../tracing/tracing.js'

/** The hooks of a route, as Fastify keeps them; null: none. */
export interface RouteHooks {
  /** In milliseconds; 0: none. */
  readonly handlerTimeout?: number
  readonly onRequest: readonly unknown[] | null
  readonly preParsing: readonly unknown[] | null
  readonly preValidation: readonly unknown[] | null
  readonly preHandler: readonly unknown[] | null
  readonly onSend: readonly unknown[] | null
  readonly onResponse: readonly unknown[] | null
  readonly onError: readonly unknown[] | null
  readonly onTimeout: readonly unknown[] | null
  readonly onRequestAbort: readonly unknown[] | null
}

const BEFORE_HANDLER = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const
const AFTER_HANDLER = ['onSend', 'onResponse', 'onError', 'onTimeout', 'onRequestAbort'] as const

/** Hooks of this plugin; all others belong to the host. */
const ownHooks = new WeakSet<object>()

/**
 * Marks a hook that changes nothing of a request, and nothing of a reply but headers of Node's response, which proxies
 * send. The hook must not use `this`: Fastify binds each hook of a route, and gets the marked function itself.
 */
export function ownHook<T extends object> (hook: T): T {
  ownHooks.add(hook)
  return Object.defineProperty(hook, 'bind', { value: () => hook })
}

/** Begins spans before the hooks that run after this one: requests that those refuse have spans, too. */
export function observeRequests (app: FastifyInstance, tracing: Tracing): void {
  app.addHook(
    'onRequest',
    ownHook((request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      tracing.observe(request, reply)
      done()
    })
  )
}

/** What a proxy must do for the hooks of its route. */
export interface HookDuties {
  /** A hook before the handler may have changed `request.headers`, or set headers of the reply. */
  readonly readHeaders: boolean
  /** An `onSend` hook must see the response, or an `onTimeout` hook be called while it is sent. */
  readonly sendThroughReply: boolean
  /** Milliseconds for all of the response; 0: no limit. */
  readonly handlerTimeout: number
  /** A hook after the handler may read `request.proxy`. */
  readonly traceRequest: boolean
}

/** Where Fastify's context is not found, nothing is skipped. */
const ALL_DUTIES: HookDuties = {
  readHeaders: true,
  sendThroughReply: true,
  handlerTimeout: 0,
  traceRequest: true
}

/** Derives the duties of a route from its hooks, once for each route. */
export class HookInspector {
  #symbol: symbol | undefined
  readonly #duties = new WeakMap<object, HookDuties>()

  dutiesOf (reply: FastifyReply): HookDuties {
    this.#symbol ??= contextSymbol(reply.request)
    const hooks = this.#symbol === undefined ? undefined : property(reply.request, this.#symbol)
    if (!isHooks(hooks)) return ALL_DUTIES
    let duties = this.#duties.get(hooks)
    if (duties === undefined) this.#duties.set(hooks, (duties = inspect(hooks)))
    return duties
  }
}

const inspect = (hooks: RouteHooks): HookDuties => ({
  readHeaders: BEFORE_HANDLER.some(name => hooks[name]?.some(hook => !ownHooks.has(hook as object)) === true),
  // Fastify calls no onTimeout hook for a reply that is hijacked.
  sendThroughReply: hooks.onSend !== null || hooks.onTimeout !== null,
  handlerTimeout: hooks.handlerTimeout ?? 0,
  traceRequest: AFTER_HANDLER.some(name => hooks[name] !== null)
})

/**
 * Whether the app has `onRoute` hooks, which see each route of this scope. True where Fastify's hooks are not found.
 */
export function hasRouteHooks (app: FastifyInstance): boolean {
  const symbol = symbolOf(app, 'fastify.hooks')
  const hooks = symbol === undefined ? undefined : property(app, symbol)
  if (typeof hooks !== 'object' || hooks === null || !('onRoute' in hooks)) return true
  return !Array.isArray(hooks.onRoute) || hooks.onRoute.length > 0
}

/** Fastify keeps the context of the route of a request under a symbol. */
const contextSymbol = (request: FastifyRequest): symbol | undefined => symbolOf(request, 'fastify.context')

/** Each copy of Fastify has symbols of its own. */
function symbolOf (owner: object, name: string): symbol | undefined {
  for (let each: object | null = owner; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const found = Object.getOwnPropertySymbols(each).find(({ description }) => description === name)
    if (found !== undefined) return found
  }
  return undefined
}

const property = (owner: object, key: symbol): unknown => Reflect.get(owner, key)

const isHooks = (value: unknown): value is RouteHooks =>
  typeof value === 'object' && value !== null && 'onSend' in value
