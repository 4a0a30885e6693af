import { mediationError } from './fault.js'

/** Bytes or characters of what mediators make of one message: joined branches, repeated payloads, filled formats. */
export const MAX_PAYLOAD = 64 * 1024 * 1024

/**
 * Checks the size of what a mediator is about to make, in bytes or characters.
 * @param what becomes too large, in the fault
 * @throws MediationError beyond `MAX_PAYLOAD`
 */
export function checkPayloadSize (size: number, what: string): void {
  if (size > MAX_PAYLOAD) {
    throw mediationError(`${what} is larger than ${MAX_PAYLOAD / 1024 / 1024} MiB`)
  }
}
