import { Type } from '@sinclair/typebox'
import {
  NameField,
  describe,
  valueOrExpression,
  writeName,
  writeValued,
  omitUndefined
} from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { Mediator } from '../../contracts/mediator.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Addressing } from '../../message/envelope.js'
import { deepestOf, type Message } from '../../message/message.js'
import { appendBlocks, removeBlocks, applyEdits, type Edit } from '../../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../../soap/read.js'
import type { Envelope, HeaderBlock } from '../../message/envelope.js'
import { escapeAttribute, escapeText } from '../../xml/escape.js'
import type { Element } from '../../xml/element.js'
import { reportHeader } from '../core/engine-properties.js'
import { checkedHeaderName, withHttpHeader } from '../values/http-header.js'
import { checkedXml, qualified, readValued, textReader } from '../values/value.js'

const FIELDS: Readonly<Record<string, keyof Addressing>> = {
  To: 'to', From: 'from', Action: 'action', FaultTo: 'faultTo', ReplyTo: 'replyTo', RelatesTo: 'relatesTo'
}
const fieldOf = (name: string): keyof Addressing | undefined => Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
const NAMES =
  `one of ${Object.keys(FIELDS).join(', ')}, a name with a declared prefix, or scope="transport" for an HTTP header`

const NAMELESS = 'header needs a name, or an element inside'
const QUALIFIED = 'the name of an HTTP header is a text, without a namespace'
const EMPTY = 'header needs a value, an expression or an element inside'
const isEmpty = (header: Readonly<Partial<Record<'value' | 'expression' | 'xml' | 'action', unknown>>>): boolean =>
  [header.value, header.expression, header.xml, header.action].every(each => each === undefined)

/** Sets or removes an addressing field of a message, a block of its SOAP Header, or an HTTP header. */
export const header = mediator({
  name: 'header',
  description: 'Sets or removes an addressing field, a SOAP Header block, or (scope="transport") an HTTP header.',
  fields: {
    name: describe(
      Type.Optional(Type.Union([Type.String({ minLength: 1 }), NameField])),
      'To, From, Action, FaultTo, ReplyTo or RelatesTo; the qualified name of a SOAP Header block; or an HTTP header.'
    ),
    ...valueOrExpression,
    xml: describe(Type.Optional(Type.String()), 'Markup of whole blocks for the SOAP Header.'),
    action: describe(Type.Optional(Type.Literal('remove')), 'Removes the header.'),
    scope: describe(Type.Optional(Type.Literal('transport')), 'Selects HTTP headers.')
  },
  read (element, reader) {
    const scope = element.attribute('scope')?.toLowerCase()
    if (scope !== undefined && !['soap', 'default', 'transport'].includes(scope)) {
      reader.problem(element, `unknown scope "${scope}" of header`, 'remove it, or write scope="transport"')
    }
    const action = element.attribute('action') === 'remove' ? 'remove' as const : undefined
    const children = element.elements
    const given = readValued(element, reader)
    if (children.length === 0 && isEmpty({ ...given, action })) reader.problem(element, EMPTY, 'or action="remove"')
    return omitUndefined({
      name:
        children.length > 0 && element.attribute('name') === undefined ? undefined : blockName(element, scope, reader),
      ...given,
      xml: children.length > 0 ? children.map(each => each.markup()).join('') : undefined,
      action,
      scope: scope === 'transport' ? scope : undefined
    })
  },
  write: ({ name, xml, action, scope, ...given }) => [
    { ...(typeof name === 'object' ? writeName('name', name) : { name }), ...writeValued(given), scope, action },
    xml === undefined ? undefined : { markup: xml }
  ],
  reads ({ scope, expression }, of) {
    const depth = of.expression(expression)
    return { request: scope === 'transport' ? depth : deepestOf([depth, 'header']) }
  },
  build (config, context) {
    const { name, action, scope, xml } = config
    if (isEmpty(config)) throw new Error(`${EMPTY} (or "action": "remove")`)
    checkedXml(xml)
    const removes = action === 'remove'
    const text = removes ? () => undefined : textReader(config, context)
    const changed = (change: (message: Message) => Message): Mediator =>
      message => ({ to: 'next', message: change(message) })
    const editing = (edits: (envelope: Envelope, message: Message) => Edit[]): Mediator =>
      changed(message => withEdits(message, envelope => edits(envelope, message)))

    if (scope === 'transport') {
      if (typeof name !== 'string') throw new Error(name === undefined ? NAMELESS : QUALIFIED)
      const headerName = checkedHeaderName(name)
      reportHeader(headerName, context)
      return changed(message => {
        const value = text(message)
        return value === undefined && !removes ? message : withHttpHeader(message, headerName, value)
      })
    }
    if (typeof name === 'string') {
      const field = fieldOf(name)
      if (field === undefined) throw new Error(`unknown header "${name}": ${NAMES}`)
      return changed(message => ({ ...message, addressing: { ...message.addressing, [field]: text(message) } }))
    }
    const isValued = name !== undefined && (config.value !== undefined || config.expression !== undefined)
    if (xml !== undefined && !removes && !isValued) return editing(envelope => [appendBlocks(envelope, xml)])
    if (name === undefined) throw new Error(removes ? 'header needs the name of what it removes' : NAMELESS)
    if (removes) {
      const isNamed = (block: HeaderBlock): boolean => block.name === name.name && block.namespace === name.namespace
      return editing(envelope => removeBlocks(envelope, envelope.blocks.filter(isNamed)))
    }
    return editing((envelope, message) => [appendBlocks(envelope, blockOf(name, text(message) ?? ''))])
  }
})

interface BlockName { readonly prefix?: string, readonly namespace: string, readonly name: string }

function blockName (element: Element, scope: string | undefined, reader: Reader): string | BlockName | undefined {
  const headerName = element.attribute('name')?.trim()
  if (!headerName) {
    reader.problem(element, 'header needs a name')
    return undefined
  }
  if (scope === 'transport' || (scope !== 'soap' && fieldOf(headerName) !== undefined)) return headerName
  const { prefix, namespace, name } = qualified(element, headerName)
  if (namespace !== undefined) return { prefix, namespace, name }
  const problem = prefix === ''
    ? `unknown header "${headerName}"`
    : `the prefix ${prefix} of header "${headerName}" is not declared`
  reader.problem(element, problem, NAMES)
  return undefined
}

/** Edits the envelope of a message. A message without an envelope stays as it is. */
const withEdits = (message: Message, edits: (envelope: Envelope) => Edit[]): Message => {
  const envelope = envelopeOf(message)
  if (envelope === undefined) return message
  return { ...message, body: withStart(message.body, applyEdits(bytesOf(message.body), edits(envelope))) }
}

const blockOf = ({ prefix, namespace, name }: BlockName, value: string): string => {
  const qname = prefix ? `${prefix}:${name}` : name
  return `<${qname} xmlns${prefix ? `:${prefix}` : ''}="${escapeAttribute(namespace)}">${escapeText(value)}</${qname}>`
}
