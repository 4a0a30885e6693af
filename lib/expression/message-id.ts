import { createAttachment } from '../message/attachment.js'
import type { Addressing } from '../message/envelope.js'
import type { Message } from '../message/message.js'

/** A generated id. It stays as long as no mediator changes the addressing of the message. */
const GENERATED_ID = createAttachment<Addressing, string>()

/**
 * The MessageID of a message: that of its addressing, else a generated one, as each message has in the engines.
 * @see Apache Synapse, ProxyServiceMessageReceiver
 */
export function messageIdOf ({ addressing }: Message, uuid: (() => string) | undefined): string {
  const known = addressing.messageId ?? GENERATED_ID.of(addressing)
  if (known !== undefined || uuid === undefined) return known ?? ''
  const id = `urn:uuid:${uuid()}`
  GENERATED_ID.attach(addressing, id)
  return id
}
