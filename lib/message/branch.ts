import type { Message } from './message.js'
import { MAX_PAYLOAD } from './payload-size.js'

/** One split of a message by `clone` or `iterate`, which its branches share. */
export class Split {
  readonly id: string | undefined
  /** How many branches it has; the message itself is not one of them. */
  readonly total: number
  /** Whether a branch has failed after which no other begins. */
  stopped = false
  readonly #collections = new Map<object, Collection>()

  constructor (id: string | undefined, total: number) {
    this.id = id
    this.total = total
  }

  /** The messages that an aggregate has collected from this split. `aggregate`: what collects them. */
  collectionFor (aggregate: object, create: () => Collection): { collection: Collection; isNew: boolean } {
    const known = this.#collections.get(aggregate)
    if (known !== undefined) return { collection: known, isNew: false }
    const collection = create()
    this.#collections.set(aggregate, collection)
    return { collection, isNew: true }
  }
}

/** Where a message belongs in its split. */
export interface Branch {
  readonly split: Split
  /** From 0. */
  readonly index: number
  /** Whether it has been sent by `call`: it then continues after the mediator that split it. */
  readonly hasCalled: boolean
  /** Whether the message stands for all that an aggregate has collected. */
  readonly isAggregated: boolean
  /** The branch that was split. */
  readonly outer: Branch | undefined
}

/** What a message has of its branch after a `call`. */
export const calledBranch = ({ branch }: Message): Pick<Message, 'branch'> =>
  branch === undefined ? {} : { branch: { ...branch, hasCalled: true } }

/** The number of splits that a branch is inside of. */
export const depthOf = ({ outer }: Branch): number => (outer === undefined ? 1 : 1 + depthOf(outer))

export interface CollectionOptions {
  /** In milliseconds from the first message; 0: none. */
  readonly timeout: number
  /** How many messages complete it; 0: as many as the split has. */
  readonly min: number
  readonly max: number
  /** Undefined: the number of messages alone does not complete it. */
  readonly total: number | undefined
  readonly depth: number
}

/** Messages that an aggregate joins when they are complete. */
export class Collection {
  readonly timeout: number
  readonly depth: number
  readonly #options: CollectionOptions
  readonly #messages: Message[] = []
  #bytes = 0
  #isComplete = false

  constructor (options: CollectionOptions) {
    this.#options = options
    this.timeout = options.timeout
    this.depth = options.depth
  }

  get isComplete (): boolean {
    return this.#isComplete
  }

  get messages (): readonly Message[] {
    return this.#messages
  }

  /** Adds a message. Returns false where there is no room for its body. */
  add (message: Message): boolean {
    this.#bytes += message.body.kind === 'bytes' ? message.body.bytes.length : 0
    if (this.#bytes > MAX_PAYLOAD) return false
    this.#messages.push(message)
    const { min, max, total = Infinity } = this.#options
    const count = this.#messages.length
    this.#isComplete = count >= total || (min > 0 && count >= min) || (max > 0 && count >= max)
    return true
  }

  /** No further messages are awaited. */
  complete (): void {
    this.#isComplete = true
  }
}
