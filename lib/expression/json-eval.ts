import { jsonOfXml } from '../json/convert-message.js'
import type { Location } from '../json/edit.js'
import { isJson, jsonOf, parsed, messageText } from '../json/json-message.js'
import { compileJsonPath } from '../json/json-path.js'
import { jsonText, parseJson, plainText, type JsonDocument, type JsonValue } from '../json/json-value.js'
import { headerOf } from '../message/headers.js'
import { propertyText, type Message, type PropertyValue } from '../message/message.js'
import { scanOf } from '../soap/read.js'
import type { Environment } from './evaluation.js'
import type { Expression } from './compiled-expression.js'
import { compileXPath } from './xpath-expression.js'

const JSON_EVAL = /^\s*json-eval\s*\(([^]*)\)\s*$/
const PROPERTY = /^\$(ctx|trp|axis2):([\w-]+)/

export const isJsonEval = (text: string): boolean => /^\s*json-eval\s*\(/.test(text)

/**
 * Compiles `json-eval(JSONPath)`: on the payload, or on a property, `json-eval($ctx:name.path)`. An XML payload is
 * converted first. Text: a string as it is, an object or array as JSON; nothing selected is the empty text.
 * @throws SyntaxError with a reason in one line
 * @see WSO2, SynapseJsonPath
 */
export function compileJsonEval (expression: string, environment: Environment): Expression {
  const path = JSON_EVAL.exec(expression)?.[1]?.trim()
  if (path === undefined || path === '') throw new SyntaxError('json-eval() needs a JSONPath: json-eval($.name)')
  if (/\{[^\s",<>}\]]+\}/.test(path)) {
    throw new SyntaxError('json-eval() with an expression in braces is not supported: write the path without it')
  }
  const property = PROPERTY.exec(path)
  const jsonPath = compileJsonPath(property === null ? path : `$${path.slice(property[0].length)}`)
  const isWhole = /^\$\.?$/.test(path)
  const source = property === null ? payloadOf : propertySource(property[0], environment)
  const select = (message: Message): JsonValue | undefined => {
    const document = source(message)
    return document === undefined ? undefined : jsonPath.select(document)
  }
  const locations = (message: Message): readonly Location[] => {
    const document = source(message)
    return document === undefined ? [] : jsonPath.locations(document)
  }
  const text = (message: Message): string => {
    if (isWhole && isJson(message)) return messageText(message)
    const value = select(message)
    return value === undefined ? '' : plainText(value)
  }
  return {
    language: 'json',
    depth: property === null ? 'body' : 'nothing',
    calls: [],
    text,
    test: message => text(message).toLowerCase() === 'true',
    markup: () => undefined,
    json: select,
    ...property === null && { locations }
  }
}

/** Returns the payload of a message as JSON. Undefined: the message has none. */
export function payloadOf (message: Message): JsonDocument | undefined {
  if (isJson(message)) return jsonOf(message)
  const kind = message.body.kind === 'bytes' ? scanOf(message)?.kind : undefined
  return kind === 'envelope' || kind === 'plain' ? parsed(jsonText(jsonOfXml(message))) : undefined
}

function propertySource (variable: string, environment: Environment): (message: Message) => JsonDocument | undefined {
  const xpath = compileXPath(variable, {}, environment)
  return message => {
    const text = xpath.text(message)
    return text === undefined || text.trim() === '' ? undefined : parsed(text, `the property ${variable}`)
  }
}

/** A variable or a property as JSON: a string that is not JSON stays a string. */
export function jsonOfProperty (value: PropertyValue): JsonValue {
  if (typeof value !== 'object') return value
  return 'json' in value ? parseJson(value.json).value : propertyText(value)
}

/** An HTTP header, by a name in any case. */
export const headerValue = (message: Message, name: string): string | undefined =>
  headerOf(message.headers, name.toLowerCase())
