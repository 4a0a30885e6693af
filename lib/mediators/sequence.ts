import { Type } from '@sinclair/typebox'
import { fault, MediationError } from '../fault.js'
import { ExpressionField, told, writeExpression } from '../fields.js'
import { mediator, present, type Mediator, type Tools } from '../kind.js'
import { textOf } from './value.js'

/** Runs a named sequence in this place. Its name may be computed for each message. */
export const sequence = mediator({
  name: 'sequence',
  about: 'Runs the sequence of this name; in XML, key="{…}" is an XPath that gives it.',
  fields: { key: told(Type.Union([Type.String({ minLength: 1 }), ExpressionField]), 'The name of a sequence, or an expression that gives it.') },
  read (element, reader) {
    if (element.attribute('onError') !== undefined) reader.problem(element, 'a reference to a sequence has no onError of its own', 'write it at the sequence that is referred to')
    const [, computed, braces] = /^(?:\{([^{][^]*)\}|\{(\{[^]*\})\})$/.exec(element.attribute('key')?.trim() ?? '') ?? []
    return present({ key: computed === undefined ? braces ?? element.attribute('key') : { ...reader.expression(element, 'key'), xpath: computed } })
  },
  write: ({ key }) => [typeof key === 'string' ? { key: key.startsWith('{') ? `{${key}}` : key } : writeExpression('key', { ...key, xpath: `{${key.xpath}}` })],
  // Which one it is shows only when the message is here: then all of it must be.
  needs: ({ key }, of) => typeof key === 'string' ? of.sequence(key) : { request: 'body', response: 'body', answered: true, turned: true },
  build ({ key }, tools) {
    if (typeof key === 'string') return foundOrTold(key, tools)
    const name = textOf({ expression: key }, tools)
    return message => found(name(message) ?? '', tools)(message)
  }
})

/** @throws MediationError if there is none */
function found (key: string, tools: Tools): Mediator {
  try {
    return tools.sequence(key)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new MediationError(fault('MEDIATION', error.message, { about: `Sequence named Value {name ='null', keyValue ='${key.slice(0, 100)}'} cannot be found` }))
  }
}

/** A sequence that is not there breaks the messages that come to it, as in the real engines; that is told when the configuration is loaded. */
function foundOrTold (key: string, tools: Tools): Mediator {
  try {
    return found(key, tools)
  } catch (error) {
    if (!(error instanceof MediationError)) throw error
    tools.warn(`${error.message}: every message to it fails`, 'define it as <sequence name="…">, or correct the key')
    return () => { throw error }
  }
}
