import type { ReadDepth } from '../../../lib/message/message.js'
import type { Version } from '../../../lib/message/soap-version.js'
import type { HeaderScanner } from '../../../lib/soap/content-type.js'

/** What to do after a chunk: read on, pass the response on as a stream, or refuse it. */
export type ReadVerdict = 'more' | 'stream' | 'too-large' | 'no-room'

/** How a response is read. */
export interface ReadPlan {
  /** Whether all of the body is buffered: a mediator reads it, or it must be converted. */
  readonly bufferAll: boolean
  /** Whether a mediator needs all of the body. If not, a body that cannot be buffered streams. */
  readonly bodyRequired: boolean
  /** Searches the end of the SOAP Header, where something needs it. */
  readonly scanner: HeaderScanner | undefined
  /** The greatest body that is buffered, in bytes. */
  readonly limit: number
  /** Reserves room for bytes. Returns whether there is any. */
  readonly reserve: (bytes: number) => boolean
}

/** Decides, chunk by chunk, how much of a response is read before it is passed on. Holds no bytes itself. */
export class ResponseBuffering {
  readonly #plan: ReadPlan
  #bufferAll: boolean
  #headerComplete: boolean
  #received = 0

  constructor (plan: ReadPlan) {
    this.#plan = plan
    this.#bufferAll = plan.bufferAll
    this.#headerComplete = plan.scanner === undefined
  }

  /** Whether nothing of the body needs to be read. */
  get isComplete (): boolean { return !this.#bufferAll && this.#headerComplete }

  accept (chunk: Buffer): ReadVerdict {
    const { scanner, bodyRequired, limit, reserve } = this.#plan
    this.#received += chunk.length
    if (!this.#headerComplete) this.#headerComplete = scanner!.push(chunk)
    if (!this.#bufferAll) return this.#headerComplete ? 'stream' : 'more'
    const tooLarge = this.#received > limit
    if (!tooLarge && reserve(chunk.length)) return 'more'
    this.#bufferAll = false
    if (bodyRequired) return tooLarge ? 'too-large' : 'no-room'
    return this.#headerComplete ? 'stream' : 'more'
  }
}

/** Whether a response in this version of SOAP is converted: for a client of the other version, or a plain one. */
export function needsConversion (
  version: Version | undefined,
  client: { readonly version: Version | undefined; readonly isDetached: boolean },
  readDepth: ReadDepth
): boolean {
  if (version === undefined || version === client.version || client.isDetached) return false
  return client.version !== undefined || readDepth !== 'nothing'
}
