import { Type, type Static } from '@sinclair/typebox'
import type { Attributes } from './xml/markup.js'

/** The pieces of the model that several kinds share. Durations are milliseconds. */

export const ExpressionField = Type.Object({
  xpath: Type.String({ minLength: 1 }),
  namespaces: Type.Optional(Type.Record(Type.String(), Type.String()))
}, { additionalProperties: false })

export const NameField = Type.Object({
  prefix: Type.Optional(Type.String()),
  namespace: Type.String(),
  name: Type.String({ minLength: 1 })
}, { additionalProperties: false })

export const Duration = Type.Integer({ minimum: 0 })
export const ErrorCodes = Type.Array(Type.Integer())

/** A value, or an expression that gives one. */
export const valued = {
  value: Type.Optional(Type.String()),
  expression: Type.Optional(ExpressionField)
}

/** The attribute that an expression stands in, with the prefixes that it uses. */
export const writeExpression = (attribute: string, expression: Static<typeof ExpressionField> | undefined): Attributes => ({
  [attribute]: expression?.xpath,
  ...Object.fromEntries(Object.entries(expression?.namespaces ?? {}).map(([prefix, uri]) => [`xmlns:${prefix}`, uri]))
})

/** `value="…"` or `expression="…"` */
export const writeValued = ({ value, expression }: { value?: string, expression?: Static<typeof ExpressionField> }): Attributes =>
  ({ value, ...writeExpression('expression', expression) })

/** The attribute that a qualified name stands in, with its prefix. */
export const writeName = (attribute: string, { prefix, namespace, name }: Static<typeof NameField>): Attributes =>
  ({ [attribute]: `${prefix || 'ns'}:${name}`, [`xmlns:${prefix || 'ns'}`]: namespace })
