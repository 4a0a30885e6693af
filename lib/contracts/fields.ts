import { Type, type Static, type TSchema } from '@sinclair/typebox'
import type { Attributes } from '../xml/markup.js'

/** Parts of the model that several kinds share. Durations are milliseconds. */

/** A field with a sentence for editors and for the reference page, and with its default. */
export const describe = <S extends TSchema>(
  field: S,
  description: string,
  unless?: string | number | boolean
): S => ({ ...field, description, ...(unless !== undefined && { default: unless }) })

export const ExpressionField = Type.Object(
  {
    xpath: describe(Type.String({ minLength: 1 }), 'XPath 1.0, on the SOAP envelope.'),
    namespaces: describe(
      Type.Optional(Type.Record(Type.String(), Type.String())),
      'The prefixes that it uses, with their namespaces.'
    )
  },
  { additionalProperties: false }
)

/**
 * A name without a colon, with every letter of an NCName and a few more.
 * @see Namespaces in XML 1.0, NCName
 */
const PLAIN_NAME = '^[A-Za-z_\\u0080-\\uffff][\\w.\\u0080-\\uffff-]*$'

export const NameField = Type.Object(
  {
    prefix: Type.Optional(Type.String({ pattern: PLAIN_NAME })),
    namespace: Type.String(),
    name: Type.String({ pattern: PLAIN_NAME })
  },
  { additionalProperties: false }
)

/** The longest duration of the engines in milliseconds (Java: Long.MAX_VALUE). */
export const MAX_DURATION_MS = 2 ** 63
export const Duration = Type.Integer({ minimum: 0, maximum: MAX_DURATION_MS })
/** Whole numbers of 32 bits, as in the engines. */
export const ErrorCodes = Type.Array(Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }))

/** The hint for a key without a definition. Keys of the engines' registries look like paths. */
export const adviceToDefine = (element: string, key: string): string =>
  `define it as <${element} name="…">, or correct the key` +
  (/[/:]/.test(key) ? '; no registry that was found has it' : '')

/** A value, or an expression that computes it. */
export const valueOrExpression = {
  value: describe(Type.Optional(Type.String()), 'The value.'),
  expression: describe(Type.Optional(ExpressionField), 'Gives the value, where none is written.')
}

/** The attribute with an expression, and its prefixes. */
export const writeExpression = (
  attribute: string,
  expression: Static<typeof ExpressionField> | undefined
): Attributes => ({
  [attribute]: expression?.xpath,
  ...Object.fromEntries(Object.entries(expression?.namespaces ?? {}).map(([prefix, uri]) => [`xmlns:${prefix}`, uri]))
})

/** `value="…"` or `expression="…"` */
export const writeValued = ({
  value,
  expression
}: {
  value?: string
  expression?: Static<typeof ExpressionField>
}): Attributes => ({ value, ...writeExpression('expression', expression) })

/** The attribute with a qualified name, and its prefix. */
export const writeName = (attribute: string, { prefix, namespace, name }: Static<typeof NameField>): Attributes => ({
  [attribute]: `${prefix || 'ns'}:${name}`,
  [`xmlns:${prefix || 'ns'}`]: namespace
})

/** Returns the object without its undefined fields: absent in XML is absent in JSON. */
export const omitUndefined = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
