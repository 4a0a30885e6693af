import type { Expression } from '../../expression/compiled-expression.js'
import { jsonIn, jsonText, isPrimitive, isObject, plainText, type JsonValue } from '../../json/json-value.js'
import { jsonToXml } from '../../json/json-to-xml.js'
import { xmlToJson } from '../../json/xml-to-json.js'
import type { Message } from '../../message/message.js'
import { checkPayloadSize } from '../../message/payload-size.js'
import { ILLEGAL_XML } from '../../xml/escape.js'
import { isElement } from '../../xml/fragment.js'
import { readTree } from '../../xpath/tree.js'

export type MediaType = 'xml' | 'json' | 'text'

/** An argument of a format: a literal, or an expression. `literal`: its text is not converted. */
export interface FormatArgument {
  readonly value?: string | undefined
  readonly expression?: Expression | undefined
  readonly literal: boolean
}

/** A compiled format: literal parts, and how each placeholder is filled. */
export type Format = (message: Message) => string

/** `"${…}"`, `${…}` or `$1`. @see WSO2, RegexTemplateProcessor */
const PLACEHOLDER = /"\$\{(?<quoted>[^}]+)\}"|\$\{(?<inline>[^}]+)\}|\$(?<number>\d+)/g
const NUMBER = /\$(?<number>\d+)/g

/**
 * Compiles a format with the placeholders `$1` for arguments and `${…}` for expressions. A value is escaped for the
 * media type; XML and JSON values are converted to it.
 * @throws SyntaxError for an invalid expression
 */
export function compileFormat (
  format: string, type: MediaType, args: readonly FormatArgument[], compile: (inline: string) => Expression
): Format {
  const parts: (string | number)[] = []
  const fillings: Format[] = args.map(argument => message => argumentText(argument, type, message))
  let at = 0
  for (const { whole, quoted, inline, number, index } of placeholdersIn(format)) {
    // A number without an argument is text.
    if (number !== undefined && args[Number(number) - 1] === undefined) continue
    parts.push(format.slice(at, index))
    at = index + whole.length
    if (number !== undefined) parts.push(Number(number) - 1)
    else parts.push(fillings.push(inlineText(compile(`\${${quoted ?? inline}}`), type, quoted !== undefined)) - 1)
  }
  parts.push(format.slice(at))
  return message => filled(parts, fillings, message)
}

interface Placeholder {
  readonly whole: string
  readonly index: number
  readonly quoted?: string
  readonly inline?: string
  readonly number?: string
}

/** Nothing after the last `}` or `}"` is an expression: an unclosed `${` would be searched for its end every time. */
function placeholdersIn (format: string): Placeholder[] {
  const last = format.lastIndexOf('}')
  const end = last + (format[last + 1] === '"' ? 2 : 1)
  return [[format.slice(0, end), PLACEHOLDER, 0] as const, [format.slice(end), NUMBER, end] as const]
    .flatMap(([text, pattern, from]) => Array.from(text.matchAll(pattern), ({ 0: whole, index, groups }) =>
      ({ ...groups, whole, index: from + index })))
}

/** Each filling is computed once. @throws MediationError for a text beyond the limit */
function filled (parts: readonly (string | number)[], fillings: readonly Format[], message: Message): string {
  const known: string[] = []
  let text = ''
  for (const part of parts) {
    text += typeof part === 'string' ? part : known[part] ??= fillings[part]!(message)
    checkPayloadSize(text.length, 'what payloadFactory makes')
  }
  return text
}

/** @see WSO2, TemplateProcessor.getArgValues and prepareReplacementValue */
function argumentText ({ value, expression, literal }: FormatArgument, type: MediaType, message: Message): string {
  if (expression === undefined) {
    const text = value ?? ''
    const escaped = isXml(text) ? text : escapeXml(text)
    return type === 'json' && !isXml(text) ? escapeJson(escaped) : converted(escaped, type, literal, message)
  }
  const text = expression.text(message) ?? ''
  const isJsonText = expression.language !== 'xpath' && beginsAsJson(text)
  if (type === 'xml') {
    if (isXml(text)) return text
    return isJsonText && !literal ? xmlOf(text, message) : escapeXml(text)
  }
  if (type === 'text') return text
  if (literal) return escapeJson(text)
  if (expression.language === 'xpath' && isXml(text)) return jsonOf(text, message)
  return isJson(text) ? text : escapeJson(text)
}

/** A text that only begins as JSON does is text: it could end the string that it is in, and add members. */
const isJson = (text: string): boolean => beginsAsJson(text) && jsonIn(text) !== undefined
const beginsAsJson = (text: string): boolean => /^\s*[{[]/.test(text)

const converted = (text: string, type: MediaType, literal: boolean, message: Message): string =>
  type === 'json' ? literal ? escapeJson(text) : jsonOf(text, message) : text

function inlineText (expression: Expression, type: MediaType, quoted: boolean): Format {
  return message => {
    const value: JsonValue = expression.json(message) ?? ''
    const text = isPrimitive(value) ? plainText(value) : jsonText(value)
    const bare = escapedInline(value, text, { type, quoted, message })
    return quoted ? `"${bare}"` : bare
  }
}

interface InsertionContext { readonly type: MediaType, readonly quoted: boolean, readonly message: Message }

function escapedInline (value: JsonValue, text: string, { type, quoted, message }: InsertionContext): string {
  if (type === 'xml') {
    if (!isPrimitive(value)) return xmlOf(text, message)
    return isXml(text) && !quoted ? text : escapeXml(text)
  }
  if (type === 'text') return text
  if (!isPrimitive(value)) return quoted ? escapeJson(text) : text
  if (isXml(text) && !quoted) return jsonOf(text, message)
  return escapeJson(text)
}

const isXml = (text: string): boolean => text.trimEnd().endsWith('>') && text.length > 3 && isElement(text.trim())

/** JSON as elements without the wrapper around them; malformed JSON is text. */
function xmlOf (text: string, { jsonRules }: Message): string {
  const value = jsonIn(text)
  if (value === undefined) return escapeXml(text)
  const xml = jsonToXml(value, jsonRules)
  return xml.replace(/^<jsonObject>([^]*)<\/jsonObject>$/, '$1').replace(/^<jsonObject\/>$/, '')
}

/** XML as JSON; what is not XML is text. */
function jsonOf (text: string, { jsonRules }: Message): string {
  const tree = readTree(Buffer.from(`<jsonObject>${text}</jsonObject>`))
  if ('kind' in tree) return escapeJson(text)
  const value = xmlToJson(tree[1]!, jsonRules)
  return isObject(value) || !isPrimitive(value) ? jsonText(value) : escapeJson(plainText(value))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;'
}

/** A text inside of an element or an attribute. @see Apache Commons Text, StringEscapeUtils.escapeXml10 */
const escapeXml = (text: string): string =>
  text.replace(ILLEGAL_XML, '').replace(/[&<>"']/g, each => ENTITIES[each]!)

/** A text inside of a JSON string. */
const escapeJson = (text: string): string => JSON.stringify(text).slice(1, -1)
