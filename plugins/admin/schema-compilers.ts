import type { TSchema } from '@sinclair/typebox'
import { Value, type ValueError } from '@sinclair/typebox/value'
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify'

/**
 * Validates requests by their schemas as they are. The compilers of Fastify make code of all schemas when the app gets
 * ready, which takes longer than everything else at the start of a gateway. Parts of a URL are texts, and are converted
 * to what the schema expects; bodies are not.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart = '' }) =>
    data => {
      const value: unknown = httpPart === 'body' ? data : Value.Convert(schema, data)
      const error = Value.Errors(schema, value).First()
      return error === undefined ? { value } : { error: new Error(`${httpPart}${describe(error)}`) }
    }

/** Views are made for their responses and have no other fields. */
export const serializerCompiler: FastifySerializerCompiler<TSchema> = () => data => JSON.stringify(data)

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
