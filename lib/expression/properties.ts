import { headerOf } from '../message/headers.js'
import type { Addressing, ReadDepth, Properties, PropertyValue } from '../message/message.js'
import { scanOf, soapVersionOf, typeOf } from '../soap/read.js'
import { dateText } from './date.js'
import type { Evaluation, EvaluationFocus } from '../xpath/evaluate.js'
import { elementOf, envelopeOf, isFault, partOf } from './message-tree.js'
import { ABSENT, javaText, toText, type XValue } from '../xpath/values.js'

/** The value of a property as XPath sees it. */
function toXPathValue (value: PropertyValue | undefined): XValue {
  switch (typeof value) {
    case 'undefined': return ABSENT
    case 'number': return Number.isInteger(value) ? BigInt(value) : javaText(value)
    case 'object': return [elementOf(value)]
    default: return value
  }
}

const own = (properties: Properties, name: string): PropertyValue | undefined => Object.hasOwn(properties, name) ? properties[name] : undefined

/** What a message of Axis2 knows of itself, unless a mediator has set it. */
function axis2 ({ message }: Evaluation, name: string): PropertyValue | undefined {
  switch (name) {
    case 'HTTP_METHOD': return message.method
    case 'HTTP_SC': return message.status
    case 'REST_URL_POSTFIX': return message.path + message.query || undefined
    case 'ContentType': return headerOf(message.headers, 'content-type')
    case 'messageType': return typeOf(message).type || undefined
    default: return undefined
  }
}

/** A parameter of the query of `To`; its name in any case, as in Apache Synapse. */
function parameter ({ message }: Evaluation, name: string): string {
  const to = message.addressing.to ?? ''
  const query = to.includes('?') ? to.slice(to.indexOf('?')) : message.query
  for (const [key, value] of new URLSearchParams(query)) if (key.toLowerCase() === name.toLowerCase()) return value
  return ''
}

type Scope = (run: Evaluation, name: string) => XValue

const SCOPES: Readonly<Record<string, Scope>> = {
  ctx: ({ message }, name) => toXPathValue(own(message.properties, name)),
  axis2: (run, name) => toXPathValue(own(run.message.axis2, name) ?? axis2(run, name)),
  trp: ({ message }, name) => toXPathValue(headerOf(message.headers, name.toLowerCase())),
  url: parameter,
  func: () => '',
  operation: () => ABSENT,
  sys: () => ABSENT
}

/**
 * `$ctx:x` and its like (Apache Synapse: SynapseXPathVariableContext), and `$body`, `$header`, `$env`.
 * Undefined where there is no such variable.
 */
export function variable (scope: string, name: string): ((focus: EvaluationFocus) => XValue) | undefined {
  if (scope !== '') {
    const look = Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined
    return look && (({ run }) => look(run, name))
  }
  switch (name) {
    case 'env': return ({ run }) => [envelopeOf(run.tree)]
    case 'body':
    case 'header': {
      const part = name === 'body' ? 'Body' : 'Header'
      return ({ run }) => {
        const found = partOf(run.tree, part)
        return found === undefined ? ABSENT : [found]
      }
    }
    default: return undefined
  }
}

const ADDRESSING: Readonly<Record<string, keyof Addressing>> = {
  To: 'to', From: 'from', Action: 'action', FaultTo: 'faultTo', ReplyTo: 'replyTo', MessageID: 'messageId', RelatesTo: 'relatesTo'
}

/** What get-property needs for this name in scope default. */
export const depthOfProperty = (name: string): ReadDepth =>
  name === 'FAULT' ? 'body' : name === 'MESSAGE_FORMAT' || Object.hasOwn(ADDRESSING, name) ? 'header' : 'nothing'

/** Scope default: names with a meaning of their own come first, local entries last. */
function standard (run: Evaluation, name: string): XValue {
  const { message, surroundings } = run
  if (Object.hasOwn(ADDRESSING, name)) return message.addressing[ADDRESSING[name]!] ?? ''
  switch (name) {
    case 'FAULT': return message.fault === true || isFault(run.tree) ? 'TRUE' : ''
    case 'MESSAGE_FORMAT': return format(run)
    // A proxy has this one operation, whatever its WSDL says.
    case 'OperationName': return 'mediate'
    case 'OperationNamespace': return ''
    default: return toXPathValue(own(message.properties, name) ?? surroundings.localEntry?.(name))
  }
}

function format ({ message }: Evaluation): string {
  if (message.body.kind === 'none') return 'pox'
  scanOf(message)
  const version = soapVersionOf(message)
  return version === undefined ? 'pox' : version === '1.1' ? 'soap11' : 'soap12'
}

/** Of these scopes a message has nothing. */
const VOID = ['env', 'registry', 'file', 'func']
const NAMED: Readonly<Record<string, Scope>> = {
  default: standard,
  axis2: SCOPES['axis2']!,
  transport: SCOPES['trp']!,
  operation: SCOPES['operation']!,
  system: ({ surroundings }, name) => surroundings.systemProperty?.(name) ?? ''
}

/** Whether the first of two arguments of get-property is a scope; else they are a name and a date format. */
export const isScope = (text: string): boolean => Object.hasOwn(NAMED, text) || VOID.includes(text)

/** `get-property([scope,] name [, date format])` (Apache Synapse: GetPropertyFunction). */
export function getProperty (args: readonly XValue[], { run }: EvaluationFocus): XValue {
  const texts = args.map(each => toText(each, run))
  const [scope, name, pattern] = texts.length === 3 || (texts.length === 2 && isScope(texts[0]!)) ? texts : ['default', ...texts]
  if (name === 'SYSTEM_DATE' || name === 'SYSTEM_TIME') {
    const now = run.surroundings.now?.()
    return now === undefined ? ABSENT : name === 'SYSTEM_TIME' ? String(now) : dateText(now, pattern)
  }
  return Object.hasOwn(NAMED, scope!) && name !== '' ? NAMED[scope!]!(run, name!) : ''
}
