import { mediationError } from '../../message/fault.js'
import { containsLineBreak, withHeader, withoutHeaders } from '../../message/headers.js'
import type { Message } from '../../message/message.js'

/** @throws Error for an invalid name of a header @see RFC 9110, section 5.1 */
export function checkedHeaderName (name: string): string {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new Error(`"${name}" is not a valid name of an HTTP header`)
  return name
}

/**
 * Sets an HTTP header, or removes it if `value` is undefined. SOAPAction also sets the Action of the message.
 * Characters outside of Latin-1 become `?`.
 * @throws MediationError for a value with a line break or another control character
 */
export function withHttpHeader (message: Message, name: string, value: string | undefined): Message {
  if (value !== undefined && containsLineBreak(value)) {
    const reason = `the value of the HTTP header ${name} contains a line break or another control character`
    throw mediationError(reason)
  }
  const headers = value === undefined
    ? withoutHeaders(message.headers, name.toLowerCase())
    : withHeader(message.headers, name, value.replace(/[^\0-\xff]/gu, '?'))
  if (name.toLowerCase() !== 'soapaction') return { ...message, headers }
  return { ...message, headers, addressing: { ...message.addressing, action: value?.replace(/^"(.*)"$/, '$1') } }
}
