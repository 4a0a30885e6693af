import { Type } from '@sinclair/typebox'

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
