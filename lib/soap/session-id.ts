import { fault, MediationError } from '../message/fault.js'
import type { HeaderBlock } from '../message/envelope.js'
import { trimSpace } from '../xml/characters.js'

/** Returns the id that a block of a response gives; undefined where it gives none that all readers agree on. */
export const idGiven = (block: HeaderBlock | undefined): string | undefined =>
  block === undefined || block.children.length > 0 ? undefined : trimSpace(block.text) || undefined

/**
 * Returns the session id that a block of a request names, without the white space of XML around it; undefined where
 * it names none.
 * @throws MediationError UNREADABLE, status 400, for a block with elements in it: readers differ about its text
 */
export function idRequested (block: HeaderBlock | undefined): string | undefined {
  if (block !== undefined && block.children.length > 0) {
    const reason = `the header block ${block.name} of the message has elements in it: it names no session`
    throw new MediationError(fault('UNREADABLE', reason, { status: 400 }))
  }
  return idGiven(block)
}
