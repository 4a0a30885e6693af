import { isJson, messageText } from '../../json/json-message.js'
import { jsonIn, jsonText, type JsonValue } from '../../json/json-value.js'
import type { Headers } from '../../message/headers.js'
import type { Message } from '../../message/message.js'
import { restored } from './call-payload.js'

/**
 * Returns the message after a request. With a variable it continues as it was, unless the response overwrites it.
 * @param name of the variable. Undefined: the response is what continues
 * @see WSO2, InvokeMediator.postMediate
 */
export function responseVariable (
  name: string | undefined,
  overwritesBody: boolean
): (original: Message, response: Message) => Message {
  if (name === undefined) return (_, response) => response
  return (original, response) => {
    const value = {
      ...!overwritesBody && { payload: payloadOf(response) },
      headers: headersOf(response.headers),
      attributes: { statusCode: response.status ?? null }
    }
    const message = overwritesBody ? response : restored(original, response)
    return { ...message, variables: { ...message.variables, [name]: { json: jsonText(value) } } }
  }
}

/** JSON as it is; other payloads, and JSON that is malformed, as text. */
function payloadOf (response: Message): JsonValue {
  const text = response.body.kind === 'none' ? '' : messageText(response)
  const json = isJson(response) ? jsonIn(text.trim()) : undefined
  return json === undefined ? text : json
}

/** Headers by name; several of one name are joined. */
function headersOf (headers: Headers): Readonly<Record<string, string>> {
  const byName = new Map<string, string>()
  for (let at = 0; at < headers.length; at += 2) {
    const [name, value] = [headers[at]!, headers[at + 1]!]
    const before = byName.get(name)
    byName.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(byName)
}
