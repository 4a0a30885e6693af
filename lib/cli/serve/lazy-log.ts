import type { FastifyBaseLogger } from 'fastify'

type Bindings = Parameters<FastifyBaseLogger['child']>[0]
type ChildOptions = Parameters<FastifyBaseLogger['child']>[1]

/** The child of a logger, which is made when something of it is used. */
class LazyLogger implements FastifyBaseLogger {
  declare level: FastifyBaseLogger['level']
  declare fatal: FastifyBaseLogger['fatal']
  declare error: FastifyBaseLogger['error']
  declare warn: FastifyBaseLogger['warn']
  declare info: FastifyBaseLogger['info']
  declare debug: FastifyBaseLogger['debug']
  declare trace: FastifyBaseLogger['trace']
  declare silent: FastifyBaseLogger['silent']
  declare child: FastifyBaseLogger['child']
  readonly #makeChild: FastifyBaseLogger['child']
  readonly #bindings: Bindings
  #child: FastifyBaseLogger | undefined

  constructor (makeChild: FastifyBaseLogger['child'], bindings: Bindings) {
    this.#makeChild = makeChild
    this.#bindings = bindings
  }

  static childOf (lazy: LazyLogger): object {
    return (lazy.#child ??= lazy.#makeChild(lazy.#bindings))
  }
}

/**
 * Lets a logger of Fastify make the loggers of requests when they are used: most requests write no line, and a child is
 * a fiftieth of the cost of a request. What it is bound to must be the same later, hence this holds only for children
 * with texts and numbers, and without options of their own.
 *
 * Replaces `child` itself: Fastify checks each logger that a `childLoggerFactory` returns, which costs as much.
 */
export function makeChildrenLazily (log: FastifyBaseLogger): void {
  const { child } = log
  const makeChild = child.bind(log)
  addMembers(log)
  log.child = function (this: FastifyBaseLogger, bindings: Bindings, options?: ChildOptions) {
    const isLazy = this === log && isEmpty(options) && isUnchanging(bindings)
    return isLazy ? new LazyLogger(makeChild, bindings) : child.call(this, bindings, options)
  }
}

/** Adds each member that a logger has, also those that only pino knows. */
function addMembers (log: FastifyBaseLogger): void {
  const { prototype } = LazyLogger
  for (
    let each: object | null = log;
    each !== null && each !== Object.prototype;
    each = Object.getPrototypeOf(each)
  ) {
    for (const key of Reflect.ownKeys(each)) {
      if (key !== 'constructor' && !Object.hasOwn(prototype, key)) addMember(prototype, key, Reflect.get(log, key))
    }
  }
}

function addMember (prototype: LazyLogger, key: string | symbol, member: unknown): void {
  if (typeof member !== 'function') {
    Object.defineProperty(prototype, key, {
      get (this: LazyLogger): unknown {
        return Reflect.get(LazyLogger.childOf(this), key)
      },
      set (this: LazyLogger, value: unknown) {
        Reflect.set(LazyLogger.childOf(this), key, value)
      }
    })
    return
  }
  Object.defineProperty(prototype, key, {
    value (this: LazyLogger, ...given: unknown[]): unknown {
      const child = LazyLogger.childOf(this)
      return Reflect.apply(Reflect.get(child, key), child, given)
    }
  })
}

function isEmpty (options: object | undefined): boolean {
  for (const key in options) if (Object.hasOwn(options, key)) return false
  return true
}

const UNCHANGING: ReadonlySet<string> = new Set(['string', 'number', 'boolean'])

function isUnchanging (bindings: Bindings): boolean {
  for (const key in bindings) if (!UNCHANGING.has(typeof bindings[key])) return false
  return true
}
