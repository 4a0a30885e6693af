import { fault, MediationError } from '../message/fault.js'
import { containsLineBreak, withHeader, withoutHeaders } from '../message/headers.js'
import type { Message } from '../message/message.js'

/** @throws Error if no HTTP header can be called so (RFC 9110, section 5.1) */
export function checkedHeaderName (name: string): string {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new Error(`no HTTP header can be called "${name}"`)
  return name
}

/**
 * The message with an HTTP header set or removed; SOAPAction is its Action, too. What Latin-1 does not have becomes `?`.
 * @throws MediationError for a value with a line break or another control character in it
 */
export function withHttpHeader (message: Message, name: string, value: string | undefined): Message {
  if (value !== undefined && containsLineBreak(value)) throw new MediationError(fault('MEDIATION', `the value for the HTTP header ${name} has a line break or a control character in it`))
  const headers = value === undefined ? withoutHeaders(message.headers, name.toLowerCase()) : withHeader(message.headers, name, value.replace(/[^\0-\xff]/gu, '?'))
  if (name.toLowerCase() !== 'soapaction') return { ...message, headers }
  return { ...message, headers, addressing: { ...message.addressing, action: value?.replace(/^"(.*)"$/, '$1') } }
}
