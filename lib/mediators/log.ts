import { Type } from '@sinclair/typebox'
import { describe, valueOrExpression, writeValued } from '../contracts/fields.js'
import type { Log } from '../contracts/flow.js'
import { mediator, omitUndefined } from '../contracts/kind.js'
import { deepest } from '../pipeline/read-depth.js'
import type { Message } from '../message/message.js'
import { documentOf, envelopeOf } from '../soap/read.js'
import { readValued, textOf } from './value.js'

const LEVELS = ['simple', 'headers', 'full', 'custom'] as const
const CATEGORIES = ['INFO', 'TRACE', 'DEBUG', 'WARN', 'ERROR', 'FATAL'] as const

/** A line for the log: fields of the message, and properties. */
export const log = mediator({
  name: 'log',
  description: 'Writes a line to the log; level full includes the message itself.',
  fields: {
    level: describe(Type.Optional(Type.Union(LEVELS.map(each => Type.Literal(each)))), 'How much of the message: its addressing, the blocks of its Header, all of it, or nothing.', 'simple'),
    category: describe(Type.Optional(Type.Union(CATEGORIES.map(each => Type.Literal(each)))), 'How loud.', 'INFO'),
    separator: describe(Type.Optional(Type.String()), 'Stands between the fields.', ', '),
    properties: describe(Type.Optional(Type.Array(Type.Object({ name: Type.String({ minLength: 1 }), ...valueOrExpression }, { additionalProperties: false }))), 'More fields.')
  },
  read: (element, reader) => {
    for (const ignored of ['logFullPayload', 'logMessageID', 'description']) element.attribute(ignored)
    const properties = element.all('property').map(each => ({ name: each.attribute('name') ?? '', ...readValued(each, reader) }))
    for (const each of element.all('property')) if (each.attribute('value') === undefined && each.attribute('expression') === undefined) reader.problem(each, 'a property of <log> needs a value or an expression')
    return omitUndefined({
      level: element.attribute('level')?.trim().toLowerCase(),
      category: element.attribute('category')?.trim().toUpperCase(),
      separator: element.attribute('separator'),
      properties: properties.length > 0 ? properties : undefined
    })
  },
  write: ({ properties = [], ...attributes }) => [attributes, ...properties.map(({ name, ...given }) => ['property', { name, ...writeValued(given) }] as const)],
  reads: ({ level, properties = [] }, of) => ({
    request: properties.map(({ expression }) => of.expression(expression)).reduce(deepest, level === 'full' ? 'body' : level === 'custom' ? 'nothing' : 'header')
  }),
  build ({ level = 'simple', category = 'INFO', separator = ', ', properties = [] }, tools) {
    const texts = properties.map(each => ({ name: each.name, text: textOf(each, tools) }))
    const to = category.toLowerCase() as Log['level']
    return function * (message) {
      const fields: [string, string][] = [...fieldsOf(message, level), ...texts.map(({ name, text }): [string, string] => [name, text(message) ?? 'null'])]
      yield { kind: 'log', level: to, text: fields.map(([name, value]) => `${name}${level === 'custom' || texts.some(each => each.name === name) ? ' = ' : ': '}${value}`).join(separator), fields: Object.fromEntries(fields) }
      return { to: 'next', message }
    }
  }
})

/** How much of a message a log line may hold. */
const MAX_TEXT = 64 * 1024

function fieldsOf (message: Message, level: typeof LEVELS[number]): [string, string][] {
  if (level === 'custom') return []
  if (level === 'headers') return (envelopeOf(message)?.blocks ?? []).map(({ name, text }) => [name, text])
  const { to, from, action, replyTo, messageId } = message.addressing
  const simple: [string, string | undefined][] = [['To', to ?? ''], ['From', from], ['WSAction', action], ['SOAPAction', action], ['ReplyTo', replyTo], ['MessageID', messageId], ['Direction', message.direction]]
  const given = simple.filter((field): field is [string, string] => field[1] !== undefined)
  return level === 'full' ? [...given, ['Envelope', documentOf(message).bytes.subarray(0, MAX_TEXT).toString()]] : given
}
