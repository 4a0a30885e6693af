import { Type } from '@sinclair/typebox'
import { describe, valueOrExpression, writeValued, omitUndefined } from '../../contracts/fields.js'
import type { Log } from '../../contracts/flow.js'
import { mediator } from '../../contracts/kind.js'
import { compileTemplate, inlineExpressions } from '../../expression/template.js'
import { isJson, messageText as bodyText } from '../../json/json-message.js'
import { deepestOf, type Message } from '../../message/message.js'
import { documentOf, envelopeOf } from '../../soap/read.js'
import { readValued, textReader } from '../values/value.js'

const LEVELS = ['simple', 'headers', 'full', 'custom'] as const
const CATEGORIES = ['INFO', 'TRACE', 'DEBUG', 'WARN', 'ERROR', 'FATAL'] as const
type Level = (typeof LEVELS)[number]

const LogProperty = Type.Object(
  { name: Type.String({ minLength: 1 }), ...valueOrExpression },
  { additionalProperties: false }
)

/** Writes fields of the message, properties and a text to the log. */
export const log = mediator({
  name: 'log',
  description: 'Writes a line to the log; level full includes the payload.',
  fields: {
    level: describe(
      Type.Optional(Type.Union(LEVELS.map(each => Type.Literal(each)))),
      'What is logged: addressing, the SOAP Header, the whole message, or properties only. Default: `simple`; ' +
        '`custom` with a `message`.'
    ),
    category: describe(Type.Optional(Type.Union(CATEGORIES.map(each => Type.Literal(each)))), 'Log level.', 'INFO'),
    separator: describe(Type.Optional(Type.String()), 'Text between the fields.', ', '),
    message: describe(Type.Optional(Type.String()), 'Text of the line, with expressions as in Micro Integrator 4.4.'),
    properties: describe(Type.Optional(Type.Array(LogProperty)), 'Further fields.')
  },
  read: (element, reader) => {
    for (const ignored of ['logMessageID', 'description']) element.attribute(ignored)
    const all = element.all('property')
    for (const each of all) {
      if (each.attribute('value') === undefined && each.attribute('expression') === undefined) {
        reader.problem(each, 'a property of <log> needs a value or an expression')
      }
    }
    const properties = all.map(each => ({ name: each.attribute('name') ?? '', ...readValued(each, reader) }))
    const level = element.attribute('level')?.trim().toLowerCase()
    const isKnown = level === undefined || LEVELS.some(each => each === level)
    if (!isKnown) {
      reader.hint(element, `unknown log level "${level}": simple is used`, `use one of ${LEVELS.join(', ')}`)
    }
    return omitUndefined({
      level: element.attribute('logFullPayload')?.trim() === 'true' ? 'full' : isKnown ? level : 'simple',
      category: element.attribute('category')?.trim().toUpperCase(),
      separator: element.attribute('separator'),
      message: element.child('message')?.text,
      properties: properties.length > 0 ? properties : undefined
    })
  },
  write: ({ properties = [], message, ...attributes }) => [
    attributes,
    message === undefined ? undefined : ['message', {}, message],
    ...properties.map(({ name, ...given }) => ['property', { name, ...writeValued(given) }] as const)
  ],
  reads: ({ level, message, properties = [] }, of) => ({
    request: deepestOf([
      depthOfLevel(level ?? (message === undefined ? 'simple' : 'custom')),
      ...properties.map(({ expression }) => of.expression(expression)),
      ...inlineExpressions(message).map(of.expression)
    ])
  }),
  build ({ level, category = 'INFO', separator = ', ', message: template, properties = [] }, context) {
    const used = level ?? (template === undefined ? 'simple' : 'custom')
    const text = template === undefined ? undefined : compileTemplate(unescaped(template), context.expression)
    const further = properties.map(each => ({ name: each.name, text: textReader(each, context) }))
    const logLevel = category.toLowerCase() as Log['level']
    return function * (message) {
      const fields = fieldsOf(message, used)
      const more = further.map(({ name, text }): Field => [name, text(message) ?? 'null'])
      const parts = [
        ...(text === undefined ? [] : [text(message)]),
        ...fields.map(([name, value]) => `${name}: ${value}`),
        ...more.map(([name, value]) => `${name} = ${value}`)
      ]
      yield {
        kind: 'log',
        level: logLevel,
        text: parts.join(separator),
        fields: Object.fromEntries([...fields, ...more])
      }
      return { to: 'next', message }
    }
  }
})

/** `\n` and `\t` in the attribute are a line break and a tab. */
const unescaped = (template: string): string => template.replace(/\\n/g, '\n').replace(/\\t/g, '\t')

const depthOfLevel = (level: Level): 'body' | 'header' | 'nothing' =>
  level === 'full' ? 'body' : level === 'custom' ? 'nothing' : 'header'

/** Characters of a message in a log line. */
const MAX_TEXT = 64 * 1024

type Field = [name: string, value: string]

function fieldsOf (message: Message, level: Level): Field[] {
  if (level === 'custom') return []
  if (level === 'headers') return (envelopeOf(message)?.blocks ?? []).map(({ name, text }) => [name, text])
  const { to = '', from, action, replyTo, messageId } = message.addressing
  const fields = Object.entries({
    To: to,
    From: from,
    WSAction: action,
    SOAPAction: action,
    ReplyTo: replyTo,
    MessageID: messageId,
    Direction: message.direction
  }).filter((field): field is Field => field[1] !== undefined)
  if (level === 'simple') return fields
  if (isJson(message)) return [...fields, ['Payload', bodyText(message).slice(0, MAX_TEXT)]]
  return [...fields, ['Envelope', documentOf(message).bytes.subarray(0, MAX_TEXT).toString()]]
}
