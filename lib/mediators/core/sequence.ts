import { Type, type Static } from '@sinclair/typebox'
import { fault, MediationError } from '../../message/fault.js'
import { ExpressionField, adviceToDefine, describe, writeExpression, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Mediator } from '../../contracts/mediator.js'
import { runNested } from '../../pipeline/nesting.js'
import type { ReadRequirements, RequirementsOf } from '../../contracts/read-requirements.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import type { Attributes } from '../../xml/markup.js'
import { textReader } from '../values/value.js'

/** The name of a sequence, or an expression that computes it for each message. */
export const Key = Type.Union([Type.String({ minLength: 1 }), ExpressionField])
type SequenceKey = Static<typeof Key>

/** Runs a named sequence. Its name may be computed for each message. */
export const sequence = mediator({
  name: 'sequence',
  description: 'Runs a named sequence. In XML, key="{…}" is an expression that computes its name.',
  fields: { key: describe(Key, 'Name of a sequence, or an expression that computes it.') },
  read (element, reader) {
    if (element.attribute('onError') !== undefined) {
      reader.problem(element, 'a reference to a sequence cannot have onError', 'write onError at the named sequence')
    }
    if (element.attribute('key') === undefined) {
      reader.problem(
        element.markHandled(),
        'a <sequence> in a list of mediators needs a key',
        'define the sequence at the top level with a name, or write its mediators in its place'
      )
    }
    return omitUndefined({ key: readKey(element, 'key', reader) })
  },
  write: ({ key }) => [writeKey('key', key)],
  reads: ({ key }, of) => requirementsOfKey(key, of),
  build: ({ key }, context) => sequenceFor(key, context)
})

/** Reads `key="NAME"`, `key="{xpath}"`, or `key="{{NAME}}"` for a name in braces. @see Apache Synapse, ValueFactory */
export function readKey (element: Element, attribute: string, reader: Reader): object | string | undefined {
  const source = element.attribute(attribute)
  const [, computed, braces] = /^(?:\{([^{][^]*)\}|\{(\{[^]*\})\})$/.exec(source?.trim() ?? '') ?? []
  return computed === undefined ? (braces ?? source) : { ...reader.expression(element, attribute), xpath: computed }
}

export const writeKey = (attribute: string, key: SequenceKey): Attributes =>
  typeof key === 'string'
    ? { [attribute]: key.startsWith('{') ? `{${key}}` : key }
    : writeExpression(attribute, { ...key, xpath: `{${key.xpath}}` })

/** A computed name may be that of any sequence. */
const ANY_SEQUENCE: ReadRequirements = {
  request: 'body',
  response: 'body',
  responds: true,
  passesOn: true,
  entersOut: true,
  usesTo: true
}

export const requirementsOfKey = (key: SequenceKey, of: RequirementsOf): ReadRequirements =>
  typeof key === 'string' ? of.sequence(key) : ANY_SEQUENCE

/**
 * Returns the sequence of a key. An unknown sequence warns at load time and fails each message, as in the engines.
 */
export function sequenceFor (key: SequenceKey, context: BuildContext): Mediator {
  if (typeof key !== 'string') {
    const name = textReader({ expression: key }, context)
    return message => {
      const key = name(message) ?? ''
      return runNested(sequenceNamed(key, context), message, `the sequence "${key.slice(0, 100)}"`)
    }
  }
  try {
    return sequenceNamed(key, context)
  } catch (error) {
    if (!(error instanceof MediationError)) throw error
    context.warn(`${error.message}: every message that reaches it fails`, adviceToDefine('sequence', key))
    return () => {
      throw error
    }
  }
}

/** @throws MediationError for an unknown name */
function sequenceNamed (key: string, context: BuildContext): Mediator {
  try {
    return context.sequence(key)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const subject = `Sequence named Value {name ='null', keyValue ='${key.slice(0, 100)}'} cannot be found`
    throw new MediationError(fault('MEDIATION', error.message, { subject }))
  }
}
