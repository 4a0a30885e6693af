import { TypeGuard, type TSchema } from '@sinclair/typebox'
import { Value, type ValueError } from '@sinclair/typebox/value'
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'

/**
 * Validates requests by their schemas as they are. The compilers of Fastify make code of all schemas when the app gets
 * ready, which takes longer than everything else at the start of a gateway. Parts of a URL are texts, of which integers
 * are read where the schema expects them.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart = '' }) =>
    data => {
      const value: unknown = httpPart === 'body' ? data : withIntegers(schema, data)
      const error = Value.Errors(schema, value).First()
      return error === undefined ? { value } : { error: new Error(`${httpPart}${describe(error)}`) }
    }

const withIntegers = ({ properties = {} }: TSchema, texts: object): object =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]: [string, unknown]) => [
      name,
      TypeGuard.IsInteger(properties[name]) ? integerOf(text) : text
    ])
  )

/** Only digits are an integer: `Value.Convert` would cut `1.5` and `1e3` to 1. */
const integerOf = (text: unknown): unknown => typeof text === 'string' && /^-?\d+$/.test(text) ? Number(text) : text

/** Views are made for their responses and have no other fields. */
export const serializerCompiler: FastifySerializerCompiler<TSchema> = () => data => JSON.stringify(data)

const noCompiler = (): never => {
  throw new Error('this app has no compilers of schemas: set them before routes with schemas')
}

/** Options of apps that set compilers where they need them: Fastify then loads neither Ajv nor fast-json-stringify. */
export const withoutCompilers = {
  schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } }
}

/** Where a value is wrong, and what is expected there. */
function describe ({ path, message, schema }: ValueError): string {
  const choices = choicesOf(schema)
  const expected = choices.length > 0 ? `one of: ${choices.join(', ')}` : message.replace(/^Expected /, '')
  return `${path}: expected ${expected}`
}

/** The literals of a union of nothing else. */
function choicesOf ({ anyOf }: TSchema): readonly string[] {
  const literals = (Array.isArray(anyOf) ? anyOf : []) as readonly { const?: unknown }[]
  return literals.every(each => each.const !== undefined) ? literals.map(each => String(each.const)) : []
}
