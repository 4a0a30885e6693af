import { LinkedList, type Linked } from './linked-list.js'

/** A request that has been sent and has no response yet. */
export interface WaitingRequest extends Linked<WaitingRequest> {
  /** When it was sent, in milliseconds since 1970. */
  readonly startedAt: number
}

/** The requests of one endpoint that wait for a response, the oldest first. */
export class WaitingRequests {
  readonly #list = new LinkedList<WaitingRequest>()

  /** When the oldest one was sent, in milliseconds since 1970; undefined: none waits. */
  get oldestStart (): number | undefined {
    return this.#list.first?.startedAt
  }

  /** Adds a request that no list has. Its place is nearly always the end: only clocks set back change that. */
  add (request: WaitingRequest): void {
    let before = this.#list.last
    while (before !== undefined && before.startedAt > request.startedAt) before = before.before
    this.#list.insertAfter(before, request)
  }

  /** Removes a request of this list. */
  remove (request: WaitingRequest): void {
    this.#list.remove(request)
  }
}
