import { Type, type Static } from '@sinclair/typebox'
import { fault, MediationError } from '../message/fault.js'
import { ExpressionField, adviceToDefine, describe, writeExpression } from '../contracts/fields.js'
import { mediator, omitUndefined, type Mediator, type ReadRequirements, type RequirementsOf, type Reader, type BuildContext } from '../contracts/kind.js'
import type { Element } from '../xml/element.js'
import type { Attributes } from '../xml/markup.js'
import { textOf } from './value.js'

/** The name of a sequence, or an expression that gives it for each message. */
export const Key = Type.Union([Type.String({ minLength: 1 }), ExpressionField])
type SequenceKey = Static<typeof Key>

/** Runs a named sequence in this place. Its name may be computed for each message. */
export const sequence = mediator({
  name: 'sequence',
  description: 'Runs the sequence of this name; in XML, key="{…}" is an XPath that gives it.',
  fields: { key: describe(Key, 'The name of a sequence, or an expression that gives it.') },
  read (element, reader) {
    if (element.attribute('onError') !== undefined) reader.problem(element, 'a reference to a sequence has no onError of its own', 'write it at the sequence that is referred to')
    if (element.attribute('key') === undefined) reader.problem(element.markHandled(), 'a <sequence> in a list of mediators needs a key', 'one with mediators of its own stands at the top level, with a name; or they stand in its place')
    return omitUndefined({ key: readKey(element, 'key', reader) })
  },
  write: ({ key }) => [writeKey('key', key)],
  reads: ({ key }, of) => requirementsOfKey(key, of),
  build: ({ key }, tools) => sequenceFor(key, tools)
})

/** `key="NAME"`, `key="{xpath}"`, or `key="{{NAME}}"` for a name in braces (Synapse: ValueFactory). */
export function readKey (element: Element, attribute: string, reader: Reader): object | string | undefined {
  const written = element.attribute(attribute)
  const [, computed, braces] = /^(?:\{([^{][^]*)\}|\{(\{[^]*\})\})$/.exec(written?.trim() ?? '') ?? []
  return computed === undefined ? braces ?? written : { ...reader.expression(element, attribute), xpath: computed }
}

export const writeKey = (attribute: string, key: SequenceKey): Attributes =>
  typeof key === 'string' ? { [attribute]: key.startsWith('{') ? `{${key}}` : key } : writeExpression(attribute, { ...key, xpath: `{${key.xpath}}` })

/** Which one it is shows only when the message is here: then all of it must be. */
export const requirementsOfKey = (key: SequenceKey, of: RequirementsOf): ReadRequirements =>
  typeof key === 'string' ? of.sequence(key) : { request: 'body', response: 'body', responds: true, passesOn: true, entersOut: true }

/** A sequence that is not there breaks the messages that come to it, as in the real engines; that is told when the configuration is loaded. */
export function sequenceFor (key: SequenceKey, tools: BuildContext): Mediator {
  if (typeof key !== 'string') {
    const name = textOf({ expression: key }, tools)
    return message => found(name(message) ?? '', tools)(message)
  }
  try {
    return found(key, tools)
  } catch (error) {
    if (!(error instanceof MediationError)) throw error
    tools.warn(`${error.message}: every message to it fails`, adviceToDefine('sequence', key))
    return () => { throw error }
  }
}

/** @throws MediationError if there is none */
function found (key: string, tools: BuildContext): Mediator {
  try {
    return tools.sequence(key)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new MediationError(fault('MEDIATION', error.message, { subject: `Sequence named Value {name ='null', keyValue ='${key.slice(0, 100)}'} cannot be found` }))
  }
}
