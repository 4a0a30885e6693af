import { Type, type Static } from '@sinclair/typebox'
import {
  adviceToDefine,
  describe,
  valueOrExpression,
  writeExpression,
  writeValued,
  omitUndefined
} from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Reader } from '../../contracts/xml-form.js'
import { mediationError } from '../../message/fault.js'
import type { Message } from '../../message/message.js'
import type { Element } from '../../xml/element.js'
import { canonical, type Content, type Tag } from '../../xml/markup.js'
import { compileFormat, type Format, type MediaType } from './payload-format.js'
import { withTextPayload, withXmlPayload } from './payload.js'
import { Key, readKey, writeKey } from '../core/sequence.js'
import { textReader } from '../values/value.js'

const MEDIA_TYPES = ['xml', 'json', 'text'] as const

const Argument = Type.Object({
  ...valueOrExpression,
  literal: describe(Type.Optional(Type.Boolean()), 'Whether XML and JSON in the value are text.', false)
}, { additionalProperties: false })

type Arguments = readonly Static<typeof Argument>[]

/** Replaces the payload by a format with placeholders `$1` and `${…}`. @see WSO2, PayloadFactoryMediator */
export const payloadFactory = mediator({
  name: 'payloadFactory',
  description: 'Replaces the payload by a format with placeholders: `$1` for the first argument, and expressions.',
  fields: {
    mediaType: describe(
      Type.Optional(Type.Union(MEDIA_TYPES.map(each => Type.Literal(each)))), 'What the format is.', 'xml'
    ),
    format: describe(Type.Optional(Type.String()), 'The payload with its placeholders.'),
    key: describe(Type.Optional(Key), 'Or: the local entry that holds it, or an expression that computes its key.'),
    args: describe(Type.Optional(Type.Array(Argument)), 'Values for `$1`, `$2` and so on.')
  },
  read (element, reader) {
    for (const ignored of ['escapeXmlChars', 'description']) element.attribute(ignored)
    if (/^freemarker$/i.test(element.attribute('template-type') ?? '')) {
      const advice = 'write the format with $1, $2 and <args>'
      reader.problem(element.markHandled(), 'payloadFactory with template-type="freemarker" is not supported', advice)
      return {}
    }
    const mediaType = element.attribute('media-type')?.trim().toLowerCase()
    const format = element.child('format')
    if (format === undefined) reader.problem(element, '<payloadFactory> needs a <format>')
    const key = format && readKey(format, 'key', reader)
    const args = element.child('args')?.elements.map(each => readArgument(each, reader)) ?? []
    return omitUndefined({
      mediaType: /json/.test(mediaType ?? '') ? 'json' : /text/.test(mediaType ?? '') ? 'text' : mediaType,
      format: format === undefined || key !== undefined ? undefined : formatOf(format, mediaType),
      key,
      args: args.length > 0 ? args : undefined
    })
  },
  write: ({ mediaType, format, key, args = [] }) => [
    { 'media-type': mediaType },
    ['format', key === undefined ? {} : writeKey('key', key), contentOf(format, mediaType)],
    ['args', {}, ...args.map(writeArgument)]
  ],
  reads: () => ({ request: 'body' }),
  build ({ mediaType = 'xml', format, key, args = [] }, context) {
    const compiled = args.map(({ value, expression, literal = false }) =>
      ({ value, literal, expression: expression && context.expression(expression) }))
    const compile = (text: string): Format =>
      compileFormat(text, mediaType, compiled, inline => context.expression({ xpath: inline }))
    const formatFor = formatSource({ format, key }, compile, context)
    return message => ({ to: 'next', message: withPayload(message, mediaType, formatFor(message)(message)) })
  }
})

function readArgument (element: Element, reader: Reader): object {
  const value = element.attribute('value')
  const evaluator = element.attribute('evaluator')
  element.attribute('deepCheck')
  const literal = element.attribute('literal')
  const expression = value === undefined ? reader.expression(element, 'expression') : undefined
  if (value === undefined && expression === undefined) reader.problem(element, '<arg> needs a value or an expression')
  const isJsonPath = evaluator === 'json' && expression !== undefined && !/^\s*json-eval\s*\(/.test(expression.xpath)
  return omitUndefined({
    value,
    expression: isJsonPath ? { xpath: `json-eval(${expression.xpath})` } : expression,
    literal: literal === undefined ? undefined : /^\s*true\s*$/i.test(literal)
  })
}

function writeArgument ({ literal, ...given }: Arguments[number]): Tag {
  const path = /^json-eval\(([^]*)\)$/.exec(given.expression?.xpath ?? '')?.[1]
  if (path === undefined) return ['arg', { ...writeValued(given), literal }]
  return ['arg', { evaluator: 'json', ...writeExpression('expression', { xpath: path }), literal }]
}

/** The markup of the first element, or the text. @see WSO2, PayloadFactoryMediatorFactory */
function formatOf (format: Element, mediaType: string | undefined): string | undefined {
  const [first] = mediaType === undefined || mediaType === 'xml' ? format.elements : []
  return first === undefined ? format.text || undefined : first.markup()
}

function contentOf (format: string | undefined, mediaType: MediaType = 'xml'): Content {
  return format !== undefined && mediaType === 'xml' && canonical(format) === format ? { markup: format } : format
}

interface FormatConfig {
  readonly format?: string | undefined
  readonly key?: Static<typeof Key> | undefined
}

/** The compiled format for each message. A computed key is compiled once for each entry. */
function formatSource (
  { format, key }: FormatConfig, compile: (text: string) => Format, context: BuildContext
): (message: Message) => Format {
  if (key === undefined) {
    const compiled = compile(format ?? '')
    return () => compiled
  }
  const formats = new Map<string, Format>()
  const formatAt = (name: string): Format => {
    const known = formats.get(name)
    if (known !== undefined) return known
    const text = context.localEntry(name)
    if (text === undefined) {
      throw mediationError(`no local entry is called "${name.slice(0, 100)}"`)
    }
    const compiled = compile(text)
    formats.set(name, compiled)
    return compiled
  }
  if (typeof key === 'string') {
    if (context.localEntry(key) === undefined) {
      const problem = `no local entry is called "${key}": every message that reaches it fails`
      context.warn(problem, adviceToDefine('localEntry', key).replace('name=', 'key='))
      return () => formatAt(key)
    }
    const compiled = formatAt(key)
    return () => compiled
  }
  const name = textReader({ expression: key }, context)
  return message => formatAt(name(message) ?? '')
}

function withPayload (message: Message, type: MediaType, text: string): Message {
  switch (type) {
    case 'json': return withTextPayload(message, 'application/json', text.trim())
    case 'text': return withTextPayload(message, 'text/plain', text.trim())
    case 'xml': return withXmlPayload(message, text.trim())
  }
}
