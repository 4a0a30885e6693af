import { Type } from '@sinclair/typebox'
import { NameField, describe, valueOrExpression, writeName, writeValued } from '../contracts/fields.js'
import { mediator, omitUndefined, type Mediator, type Reader } from '../contracts/kind.js'
import type { Addressing, Message } from '../message/message.js'
import { appendBlocks, removeBlocks, applyEdits, type Edit } from '../soap/edit.js'
import { bytesOf, envelopeOf, withStart } from '../soap/read.js'
import type { Envelope } from '../message/envelope.js'
import { escapeAttribute, escapeText } from '../xml/escape.js'
import type { Element } from '../xml/element.js'
import { checkedHeaderName, withHttpHeader } from './http-header.js'
import { checkedXml, qualified, readValued, textOf } from './value.js'

const FIELDS = { To: 'to', From: 'from', Action: 'action', FaultTo: 'faultTo', ReplyTo: 'replyTo', RelatesTo: 'relatesTo' } as const satisfies Record<string, keyof Addressing>
type Known = keyof typeof FIELDS
const ADVICE = `one of ${Object.keys(FIELDS).join(', ')}, a name with a declared prefix, or scope="transport" for an HTTP header`

/** Sets or removes where a message goes and what it asks for, a block of its SOAP Header, or an HTTP header. */
export const header = mediator({
  name: 'header',
  description: 'Sets or removes To, Action and their kin, a block of the SOAP Header, or (scope="transport") an HTTP header.',
  fields: {
    name: describe(Type.Optional(Type.Union([Type.String({ minLength: 1 }), NameField])), 'To, From, Action, FaultTo, ReplyTo, RelatesTo; a block of the SOAP Header by its qualified name; or an HTTP header.'),
    ...valueOrExpression,
    xml: describe(Type.Optional(Type.String()), 'Or whole blocks for the SOAP Header.'),
    action: describe(Type.Optional(Type.Literal('remove')), 'Takes it away.'),
    scope: describe(Type.Optional(Type.Literal('transport')), 'It is an HTTP header.')
  },
  read (element, reader) {
    const scope = element.attribute('scope')?.toLowerCase()
    if (scope !== undefined && !['soap', 'default', 'transport'].includes(scope)) reader.problem(element, `header knows no scope "${scope}"`, 'leave it out, or write scope="transport"')
    const action = element.attribute('action') === 'remove' ? 'remove' as const : undefined
    const inside = element.elements
    const given = readValued(element, reader)
    if (action === undefined && inside.length === 0 && given.value === undefined && given.expression === undefined) {
      reader.problem(element, 'header needs a value, an expression or an element inside', 'or action="remove"')
    }
    return omitUndefined({
      name: inside.length > 0 && element.attribute('name') === undefined ? undefined : nameOf(element, scope, reader),
      ...given,
      xml: inside.length > 0 ? inside.map(each => each.markup()).join('') : undefined,
      action,
      scope: scope === 'transport' ? scope : undefined
    })
  },
  write: ({ name, xml, action, scope, ...given }) => [
    { ...(typeof name === 'object' ? writeName('name', name) : { name }), ...writeValued(given), scope, action },
    xml === undefined ? undefined : { markup: xml }
  ],
  reads: ({ scope, expression }, of) => ({ request: scope === 'transport' ? of.expression(expression) : of.expression(expression) === 'body' ? 'body' : 'header' }),
  build (config, tools) {
    const { name, action, scope, xml } = config
    checkedXml(xml)
    const removes = action === 'remove'
    const text = removes ? () => undefined : textOf(config, tools)
    const changed = (change: (message: Message) => Message): Mediator => message => ({ to: 'next', message: change(message) })

    if (scope === 'transport') {
      const called = checkedHeaderName(String(name))
      return changed(message => {
        const value = text(message)
        return value === undefined && !removes ? message : withHttpHeader(message, called, value)
      })
    }
    if (typeof name === 'string') {
      if (!Object.hasOwn(FIELDS, name)) throw new Error(`"${name}" is no header that has a name of its own: ${ADVICE}`)
      return changed(message => ({ ...message, addressing: { ...message.addressing, [FIELDS[name as Known]]: text(message) } }))
    }
    if (removes) return changed(message => inEnvelope(message, envelope => removeBlocks(envelope, envelope.blocks.filter(block => block.name === name?.name && block.namespace === name.namespace))))
    if (name === undefined || (xml !== undefined && config.value === undefined && config.expression === undefined)) {
      if (xml === undefined) throw new Error('header needs a name, or an element')
      return changed(message => inEnvelope(message, envelope => [appendBlocks(envelope, xml)]))
    }
    return changed(message => inEnvelope(message, envelope => [appendBlocks(envelope, blockOf(name, text(message) ?? ''))]))
  }
})

function nameOf (element: Element, scope: string | undefined, reader: Reader): string | { prefix: string, namespace: string, name: string } | undefined {
  const written = element.attribute('name')?.trim()
  if (!written) {
    reader.problem(element, 'header needs a name')
    return undefined
  }
  if (scope === 'transport' || (scope !== 'soap' && Object.hasOwn(FIELDS, written))) return written
  const { prefix, namespace, name } = qualified(element, written)
  if (namespace !== undefined) return { prefix, namespace, name }
  reader.problem(element, prefix === '' ? `"${written}" is no header that has a name of its own` : `the prefix ${prefix} of header "${written}" is not declared`, ADVICE)
  return undefined
}

const inEnvelope = (message: Message, edits: (envelope: Envelope) => Edit[]): Message => {
  const envelope = envelopeOf(message)
  if (envelope === undefined) return message
  return { ...message, body: withStart(message.body, applyEdits(bytesOf(message.body), edits(envelope))) }
}

const blockOf = ({ prefix, namespace, name }: { prefix?: string, namespace: string, name: string }, value: string): string => {
  const qname = prefix ? `${prefix}:${name}` : name
  return `<${qname} xmlns${prefix ? `:${prefix}` : ''}="${escapeAttribute(namespace)}">${escapeText(value)}</${qname}>`
}
