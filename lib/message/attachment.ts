/** A value that can be attached to objects: neither their copies nor their JSON contain it. */
export interface Attachment<Owner extends object, Value> {
  /** Returns the value that is attached to an object; undefined: there is none. */
  of (owner: Owner): Value | undefined
  attach (owner: Owner, value: Value): void
}

/** Returns the object that it is called with, to which the private fields of a subclass are then added. */
class Itself {
  constructor (object: object) {
    return object
  }
}

/**
 * Creates an attachment, for values that are computed once for each message. A WeakMap that lives long would promote
 * each of them to V8's old generation, with all that they refer to, since its values survive minor collections.
 */
export function createAttachment<Owner extends object, Value> (): Attachment<Owner, Value> {
  return class Holder extends Itself {
    #value: Value | undefined

    static of (owner: Owner): Value | undefined {
      return #value in owner ? owner.#value : undefined
    }

    static attach (owner: Owner, value: Value): void {
      const holder = #value in owner ? owner : new Holder(owner)
      holder.#value = value
    }
  }
}
