import { createAttachment } from '../message/attachment.js'
import { fault, MediationError } from '../message/fault.js'
import { withHeader } from '../message/headers.js'
import type { Body, Message } from '../message/message.js'
import { bytesOf, typeOf } from '../soap/read.js'
import { jsonText, parseJson, type JsonDocument, type JsonValue } from './json-value.js'

/** The document of a body, so that several expressions on one message parse it once. */
const DOCUMENT = createAttachment<Body, JsonDocument>()

/** Whether the Content-Type of a message is JSON: `application/json`, `text/json` or `…+json`. */
export function isJson (message: Message): boolean {
  const { type } = typeOf(message)
  return message.body.kind !== 'none' && isJsonType(type)
}

export const isJsonType = (type: string): boolean =>
  type === 'application/json' || type === 'text/json' || type.endsWith('+json')

/**
 * Returns the JSON of a message whose body is buffered. Undefined: the body is empty.
 * @throws MediationError UNREADABLE for malformed JSON
 */
export function jsonOf (message: Message): JsonDocument | undefined {
  const { body } = message
  const known = DOCUMENT.of(body)
  if (known !== undefined) return known
  const text = messageText(message)
  if (text.trim() === '') return undefined
  const document = parsed(text)
  DOCUMENT.attach(body, document)
  return document
}

/** Returns the body of a message as text, in its own charset. Default: UTF-8. */
export function messageText (message: Message): string {
  const bytes = bytesOf(message.body)
  const { charset = 'utf-8' } = typeOf(message)
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

/** Parses JSON of a message or a property. @throws MediationError UNREADABLE */
export function parsed (text: string, what = 'the message'): JsonDocument {
  try {
    return parseJson(text.trim())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new MediationError(fault('UNREADABLE', `${what} is not JSON: ${error.message}`, { status: 400 }))
  }
}

/** Replaces the body of a message by JSON, with the Content-Type `application/json`. */
export const withJson = (message: Message, value: JsonValue): Message =>
  withText(message, 'application/json', jsonText(value))

/** Replaces the body of a message by a text in UTF-8. */
export const withText = (message: Message, type: string, text: string): Message => ({
  ...message,
  headers: withHeader(message.headers, 'Content-Type', `${type}; charset=UTF-8`),
  body: { kind: 'bytes', bytes: Buffer.from(text) }
})
