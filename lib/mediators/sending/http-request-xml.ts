import { omitUndefined, writeExpression } from '../../contracts/fields.js'
import type { Reader, Writer } from '../../contracts/xml-form.js'
import { isInline } from '../../expression/inline-expression.js'
import { isArray, isObject, jsonIn, plainText, type JsonValue } from '../../json/json-value.js'
import type { Element } from '../../xml/element.js'
import { canonical, type Content, type Inside, type Tag } from '../../xml/markup.js'
import { BODY_TYPES, type Text } from './http-request-body.js'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** Properties of scope axis2 of the request, and the elements that set them. */
const PROPERTIES = [
  ['POST_TO_URI', 'postToUri'],
  ['FORCE_SC_ACCEPTED', 'forceScAccepted'],
  ['DISABLE_CHUNKING', 'disableChunking'],
  ['NO_ENTITY_BODY', 'noEntityBody'],
  ['FORCE_HTTP_1.0', 'forceHttp10'],
  ['NO_KEEPALIVE', 'noKeepAlive'],
  ['REQUEST_HOST_HEADER', 'requestHostHeader'],
  ['FORCE_POST_PUT_NOBODY', 'forcePostPutNobody'],
  ['FORCE_HTTP_CONTENT_LENGTH', 'forceHttpContentLength']
] as const
const NAMES: ReadonlyMap<string, string> = new Map(PROPERTIES.map(([name, element]) => [element, name]))
export const PROPERTY_NAMES = PROPERTIES.map(([name]) => name)

/** Elements without effect here, and why. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  nonErrorHttpStatusCodes: 'every status is a response: name those that fail in failureStatus of the endpoint',
  copyContentLengthFromIncoming: 'the length of the body is sent',
  restUrlPostfix: 'write it into relativePath',
  httpSc: 'set HTTP_SC of scope axis2 on the response',
  httpScDesc: 'set HTTP_SC_DESC of scope axis2 on the response',
  faultsAsHttp200: 'set FAULTS_AS_HTTP_200 of scope axis2 on the response'
}

/** The elements that hold the body by its type, in the order in which they count. */
const BODIES: ReadonlyMap<string, string> = new Map([
  ['JSON', 'requestBodyJson'],
  ['XML', 'requestBodyXml'],
  ['TEXT', 'requestBodyText']
])

/** Reads `<http.get configKey="…"><relativePath>…`. @see WSO2, mi-connector-http */
export function readHttpRequest (element: Element, reader: Reader): object {
  const operation = element.name.split('.')[1] ?? ''
  const method = METHODS.find(each => each.toLowerCase() === operation)
  if (method === undefined) {
    const known = METHODS.map(each => `<http.${each.toLowerCase()}>`).join(', ')
    const advice = operation === 'init' ? 'write it into a <localEntry>' : `known: ${known}`
    reader.problem(element.markHandled(), `<${element.qname}> is no request of the HTTP connector`, advice)
    return { method: 'GET', endpoint: { kind: 'default' } }
  }
  const variable = textIn(element, 'responseVariable')
  const overwrites = textIn(element, 'overwriteBody')
  const bodyType = textIn(element, 'requestBodyType')?.toUpperCase()
  if (bodyType !== undefined && !(BODY_TYPES as readonly string[]).includes(bodyType)) {
    reader.problem(element, `requestBodyType expects ${BODY_TYPES.join(', ')}, not "${bodyType}"`)
  }
  for (const [name, advice] of Object.entries(WITHOUT_EFFECT)) {
    const value = textIn(element, name)
    if (value !== undefined && value !== 'false') reader.hint(element, `<${name}> has no effect here`, advice)
  }
  return omitUndefined({
    method,
    endpoint: endpointOf(element, reader),
    path: bodyFieldText(element.child('relativePath'), reader),
    headers: headersOf(element, reader),
    bodyType,
    body: bodyOf(element, reader),
    properties: propertiesOf(element),
    variable,
    overwriteBody: overwrites === undefined ? undefined : /^true$/i.test(overwrites)
  })
}

/** The text of a child; undefined: it is not there, or empty. */
const textIn = (element: Element, name: string): string | undefined => element.child(name)?.text || undefined

function endpointOf (element: Element, reader: Reader): unknown {
  const [key, inner] = [element.attribute('configKey')?.trim(), element.child('endpoint')]
  if (key) return reader.located(element, { kind: 'reference', key })
  if (inner !== undefined) return reader.endpoint(inner)
  reader.problem(element, `<${element.qname}> needs a configKey`, 'the key of a <localEntry> with <http.init>')
  return { kind: 'default' }
}

/** A text, or an expression in braces: `{$ctx:path}`. Braces around `${…}` do not count. */
function bodyFieldText (
  child: Element | undefined, reader: Reader, text = child?.text ?? ''
): string | object | undefined {
  if (child === undefined || text === '') return undefined
  const inner = /^\{([^]*)\}$/.exec(text)?.[1]?.trim()
  if (inner === undefined || /\}[^]*[^$]\{/.test(inner)) return text
  if (isInline(inner)) return inner
  return { ...reader.expression(child), xpath: inner }
}

function bodyOf (element: Element, reader: Reader): string | object | undefined {
  for (const name of BODIES.values()) {
    const child = element.child(name)
    const text = child === undefined ? '' : child.elements.map(each => each.markup()).join('') || child.text
    if (text === '') continue
    if (name !== 'requestBodyJson') return bodyFieldText(child, reader, text)
    const quoted = /^'([^]*)'$/.exec(text)?.[1]
    const isObjectText = /^\{\s*(?:"|\}$)/.test(text)
    return quoted ?? (isObjectText ? text : bodyFieldText(child, reader, text))
  }
  return undefined
}

/** `[["Name", "value"], …]` or `[{"Name": "value"}, …]`; a comma before a bracket does not count. */
function headersOf (element: Element, reader: Reader): object[] | undefined {
  const child = element.child('headers')
  const text = child?.text ?? ''
  if (child === undefined || text === '') return undefined
  const list = jsonIn(text) ?? jsonIn(text.replace(/,(?=\s*[\]}])/g, ''))
  const pairs = list !== undefined && isArray(list) ? list.map(pairsOf) : [undefined]
  if (pairs.some(each => each === undefined)) {
    reader.problem(child, '<headers> expects JSON', 'such as [["Name", "value"]]', 'invalid-value')
    return undefined
  }
  const headers = pairs.flatMap(each => each!).filter(({ name }) => name !== '')
  return headers.length === 0 ? undefined : headers
}

function pairsOf (item: JsonValue): { name: string, value: string }[] | undefined {
  const text = (value: JsonValue | undefined): string => value === undefined || value === null ? '' : plainText(value)
  if (isArray(item)) return item.length === 2 ? [{ name: text(item[0]).trim(), value: text(item[1]) }] : undefined
  return isObject(item)
    ? Object.entries(item).map(([name, value]) => ({ name: name.trim(), value: text(value) }))
    : undefined
}

function propertiesOf (element: Element): object[] | undefined {
  const set = element.all(...NAMES.keys()).flatMap(({ name, text }) =>
    text === '' || text === 'false' ? [] : [{ name: NAMES.get(name), value: text }]
  )
  return set.length === 0 ? undefined : set
}

interface HttpRequestConfig {
  readonly endpoint: unknown
  readonly path?: Text
  readonly headers?: readonly { readonly name: string, readonly value: string }[]
  readonly bodyType?: (typeof BODY_TYPES)[number]
  readonly body?: Text
  readonly properties?: readonly { readonly name: string, readonly value: string }[]
  readonly variable?: string
  readonly overwriteBody?: boolean
}

const ELEMENTS: ReadonlyMap<string, string> = new Map(PROPERTIES)

/** The inverse of `readHttpRequest`. */
export function writeHttpRequest (config: HttpRequestConfig, writer: Writer): Inside {
  const { endpoint, path, headers = [], bodyType, body, properties = [], variable, overwriteBody } = config
  const { kind, key } = endpoint as { kind: string, key?: string }
  const isReference = kind === 'reference'
  const pairs = headers.map(({ name, value }) => [name, value])
  return [
    { configKey: isReference ? key : undefined },
    isReference ? undefined : writer.endpoint(endpoint),
    path === undefined ? undefined : written('relativePath', path),
    pairs.length === 0 ? undefined : ['headers', {}, JSON.stringify(pairs)],
    bodyType && ['requestBodyType', {}, bodyType],
    body === undefined ? undefined : written(elementFor(bodyType ?? 'TEXT', BODIES), body, bodyType),
    ...properties.map(({ name, value }): Content => [elementFor(name, ELEMENTS), {}, value]),
    variable === undefined ? undefined : ['responseVariable', {}, variable],
    overwriteBody === undefined ? undefined : ['overwriteBody', {}, String(overwriteBody)]
  ]
}

/** The element for a name; in the reference, which has all names at one place, all elements. */
const elementFor = (names: string, elements: ReadonlyMap<string, string>): string =>
  names.split('|').map(name => elements.get(name) ?? name).join('|')

/** JSON is written in quotation marks: braces alone would be an expression. */
function written (name: string, text: Text, bodyType?: string): Tag {
  if (typeof text === 'object') {
    const { xpath, ...prefixes } = writeExpression('xpath', text)
    return [name, prefixes, `{${String(xpath)}}`]
  }
  if (bodyType === 'JSON' && /^\{[^]*\}$/.test(text)) return [name, {}, `'${text}'`]
  return [name, {}, bodyType === 'XML' && canonical(text) === text ? { markup: text } : text]
}
