import { Socket } from 'node:net'
import { createAttachment } from '../../../lib/message/attachment.js'

/** Has connections that belong to connections of clients. */
export interface OwnerHolder {
  /** Ends the connections of this owner: the idle ones now, the others with their requests. */
  releaseOwner(owner: object): void
}

const HOLDERS = createAttachment<Socket, Set<OwnerHolder>>()

/**
 * Releases an owner when it ends.
 * @param owner the connection of a client
 * @returns false where it has ended already, or never reports its end: nothing may be kept for it
 */
export function releaseWithOwner (owner: object, holder: OwnerHolder): boolean {
  if (!(owner instanceof Socket) || owner.destroyed) return false
  const known = HOLDERS.of(owner)
  if (known !== undefined) known.add(holder)
  else {
    const holders = new Set([holder])
    HOLDERS.attach(owner, holders)
    owner.once('close', () => {
      for (const each of holders) each.releaseOwner(owner)
    })
  }
  return true
}
