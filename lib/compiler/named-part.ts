/** How a named part is built, and what stands for it before. */
export interface PartSource<T> {
  /** A part that resolves the real one for each message. */
  readonly forwarder: (resolve: () => T) => T
  readonly build: () => T
}

/**
 * A named part, which is built at most once, so that all references share its state. While it is being built, and from
 * when it was begun, references to it get a forwarder.
 */
export class NamedPart<T> {
  readonly #forwarder: (resolve: () => T) => T
  readonly #build: () => T
  #current: T | undefined
  #state: 'new' | 'begun' | 'building' | 'built' = 'new'

  constructor (forwarder: (resolve: () => T) => T, build: () => T) {
    this.#forwarder = forwarder
    this.#build = build
  }

  /** From now on references get a forwarder: the part closes a circle where it is referred to. */
  begin (): void {
    if (this.#state !== 'new') return
    this.#state = 'begun'
    this.#current = this.#forwarder(() => this.#current!)
  }

  /** Builds the part. */
  finish (): void {
    this.begin()
    if (this.#state !== 'begun') return
    this.#state = 'building'
    this.#current = this.#build()
    this.#state = 'built'
  }

  /** The part, or its forwarder. Builds the part if it is not begun. */
  get (): T {
    if (this.#state === 'new') this.finish()
    return this.#current!
  }
}
