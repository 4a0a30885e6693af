import { headerOf } from '../message/headers.js'
import type { Addressing } from '../message/envelope.js'
import { ownProperty, type Message, type PropertyValue, type ReadDepth } from '../message/message.js'
import { scanOf, soapVersionOf, typeOf } from '../soap/read.js'
import type { Variable } from '../xpath/expr.js'
import { toText, type XValue } from '../xpath/values.js'
import { dateText } from './date.js'
import type { MessageContext, MessageEvaluation } from './evaluation.js'
import { javaText } from './java-number.js'
import { messageIdOf } from './message-id.js'
import { elementOf } from './message-tree.js'
import { envelopePart, isFault, rootOf } from './soap-tree.js'

/** The value of an unset property: an empty node-set that has no text either. */
export const ABSENT: XValue = Object.freeze([])

/**
 * The value of a property in XPath. An integer is text, since it is not an XPath number.
 * @see Apache Synapse 3.0.1, golden case `property-types`
 */
function toXPathValue (value: PropertyValue | undefined): XValue {
  switch (typeof value) {
    case 'undefined':
      return ABSENT
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : javaText(value)
    case 'object':
      return 'xml' in value ? [elementOf(value)] : value.json
    default:
      return value
  }
}

/** The properties of scope axis2 that a message has without a mediator setting them. */
function axis2Default (message: Message, name: string): PropertyValue | undefined {
  switch (name) {
    case 'HTTP_METHOD':
      return message.method
    case 'HTTP_SC':
      return message.status
    case 'REST_URL_POSTFIX':
      return message.path + message.query || undefined
    case 'ContentType':
      return headerOf(message.headers, 'content-type')
    case 'messageType':
      return typeOf(message).type || undefined
    default:
      return undefined
  }
}

/** A query parameter of `To`. Its name is not case-sensitive, as in Apache Synapse. */
function queryParameter ({ message }: MessageEvaluation, name: string): string {
  const to = message.addressing.to ?? ''
  const query = to.includes('?') ? to.slice(to.indexOf('?')) : message.query
  for (const [key, value] of new URLSearchParams(query)) if (key.toLowerCase() === name.toLowerCase()) return value
  return ''
}

type ScopeReader = (evaluation: MessageEvaluation, name: string) => XValue

const defaultScope: ScopeReader = ({ message }, name) => toXPathValue(ownProperty(message.properties, name))
const axis2Scope: ScopeReader = ({ message }, name) =>
  toXPathValue(ownProperty(message.axis2, name) ?? axis2Default(message, name))
const transportScope: ScopeReader = ({ message }, name) => toXPathValue(headerOf(message.headers, name.toLowerCase()))
const parameterScope: ScopeReader = ({ message }, name) =>
  toXPathValue(ownProperty(message.parameters ?? {}, name) ?? '')
const emptyScope: ScopeReader = () => ABSENT
const environmentScope: ScopeReader = ({ environment }, name) => environment.environmentVariable?.(name) ?? ''
const fileScope: ScopeReader = ({ environment }, name) => environment.fileProperty?.(name) ?? ''

/** The scopes of `$scope:name`. @see Apache Synapse, SynapseXPathVariableContext */
const VARIABLE_SCOPES: Readonly<Record<string, ScopeReader>> = {
  ctx: defaultScope,
  axis2: axis2Scope,
  trp: transportScope,
  url: queryParameter,
  func: parameterScope,
  var: ({ message }, name) => toXPathValue(ownProperty(message.variables ?? {}, name)),
  operation: emptyScope,
  env: environmentScope,
  file: fileScope,
  sys: emptyScope
}

/** Returns how `$scope:name`, `$body`, `$header` or `$env` is read. Undefined: no such variable. */
export function variable (scope: string, name: string): Variable<MessageEvaluation> | undefined {
  if (scope !== '') {
    const read = Object.hasOwn(VARIABLE_SCOPES, scope) ? VARIABLE_SCOPES[scope] : undefined
    return read && (({ evaluation }) => read(evaluation.host, name))
  }
  switch (name) {
    case 'env':
      return ({ evaluation }) => [rootOf(evaluation.host.tree)]
    case 'body':
      return ({ evaluation }) => nodesOf(evaluation.host, 'Body')
    case 'header':
      return ({ evaluation }) => nodesOf(evaluation.host, 'Header')
    default:
      return undefined
  }
}

function nodesOf ({ tree }: MessageEvaluation, name: 'Header' | 'Body'): XValue {
  const part = envelopePart(tree, name)
  return part === undefined ? ABSENT : [part]
}

const ADDRESSING: Readonly<Record<string, keyof Addressing>> = {
  To: 'to',
  From: 'from',
  Action: 'action',
  FaultTo: 'faultTo',
  ReplyTo: 'replyTo',
  MessageID: 'messageId',
  RelatesTo: 'relatesTo'
}

/** The read depth of `get-property` for a name in scope default. */
export const depthOfProperty = (name: string): ReadDepth => {
  if (name === 'FAULT') return 'body'
  return name === 'MESSAGE_FORMAT' || Object.hasOwn(ADDRESSING, name) ? 'header' : 'nothing'
}

/** Scope default of `get-property`: well-known names precede properties, these precede local entries. */
function readDefault (evaluation: MessageEvaluation, name: string): XValue {
  const { message, environment } = evaluation
  if (name === 'MessageID') return messageIdOf(message, environment.uuid)
  if (Object.hasOwn(ADDRESSING, name)) return message.addressing[ADDRESSING[name]!] ?? ''
  switch (name) {
    case 'FAULT':
      return message.fault === true || isFault(evaluation.tree) ? 'TRUE' : ''
    case 'MESSAGE_FORMAT':
      return messageFormat(message)
    // A proxy has one operation of this name, whatever its WSDL declares.
    case 'OperationName':
      return 'mediate'
    case 'OperationNamespace':
      return ''
    default:
      return toXPathValue(ownProperty(message.properties, name) ?? environment.localEntry?.(name))
  }
}

function messageFormat (message: Message): string {
  if (message.body.kind === 'none') return 'pox'
  scanOf(message)
  const version = soapVersionOf(message)
  return version === undefined ? 'pox' : version === '1.1' ? 'soap11' : 'soap12'
}

const PROPERTY_SCOPES: Readonly<Record<string, ScopeReader>> = {
  default: readDefault,
  axis2: axis2Scope,
  transport: transportScope,
  func: parameterScope,
  operation: emptyScope,
  env: environmentScope,
  file: fileScope,
  registry: ({ environment }, name) => environment.localEntry?.(name) ?? '',
  system: ({ environment }, name) => environment.systemProperty?.(name) ?? ''
}

/** Whether the first of two arguments of `get-property` is a scope; else they are a name and a date format. */
export const isScope = (text: string): boolean => Object.hasOwn(PROPERTY_SCOPES, text)

/** `get-property([scope,] name [, date format])` @see Apache Synapse, GetPropertyFunction */
export function getProperty (args: readonly XValue[], { evaluation }: MessageContext): XValue {
  const { host } = evaluation
  const texts = args.map(each => toText(each, evaluation))
  const hasScope = texts.length === 3 || (texts.length === 2 && isScope(texts[0]!))
  const [scope = '', name = '', pattern] = hasScope ? texts : ['default', ...texts]
  if (name === 'SYSTEM_DATE' || name === 'SYSTEM_TIME') {
    const now = host.environment.now?.()
    if (now === undefined) return ABSENT
    return name === 'SYSTEM_TIME' ? String(now) : dateText(now, pattern)
  }
  return Object.hasOwn(PROPERTY_SCOPES, scope) && name !== '' ? PROPERTY_SCOPES[scope]!(host, name) : ''
}
