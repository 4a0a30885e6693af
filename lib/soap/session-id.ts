import { fault, MediationError } from '../message/fault.js'
import type { HeaderBlock } from '../message/envelope.js'
import { trimSpace } from '../xml/characters.js'

/** Characters of a session id, at most. */
export const MAX_SESSION_ID = 65_536

/** Returns the session id in a block of a response; undefined if readers could differ about it. */
export const idGiven = (block: HeaderBlock | undefined): string | undefined =>
  block === undefined || block.children.length > 0 ? undefined : trimSpace(block.text) || undefined

/**
 * Returns the session id in the blocks of a request, without surrounding white space of XML; undefined if there is
 * none.
 * @throws MediationError UNREADABLE, status 400, if readers could differ about the id: a block with elements in it, or
 * two blocks with different ids
 */
export function idRequested (blocks: readonly HeaderBlock[]): string | undefined {
  let id: string | undefined
  for (const { name, text, children } of blocks) {
    if (children.length > 0) {
      throw refused(`the header block ${name} of the message has elements in it: it names no session`)
    }
    const named = trimSpace(text)
    if (id !== undefined && id !== named) {
      throw refused(`the message has two header blocks ${name} with different ids`)
    }
    id = named
  }
  return id || undefined
}

/** Returns the ids. @throws MediationError UNREADABLE, status 400, if one has more than 65,536 characters */
export function boundedIds (ids: readonly string[]): readonly string[] {
  for (const { length } of ids) {
    if (length > MAX_SESSION_ID) throw refused(`a session id is longer than ${MAX_SESSION_ID} characters`)
  }
  return ids
}

const refused = (reason: string): MediationError => new MediationError(fault('UNREADABLE', reason, { status: 400 }))
