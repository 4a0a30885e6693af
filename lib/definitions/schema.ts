import { Definitions } from './model.js'

type Json = Readonly<Record<string, unknown>>

/**
 * The JSON Schema (draft 7) of a configuration, for editors: self-contained, one definition for each part of the model.
 * @param model the model as TypeBox has it: ours, or `modelOf` ours and a user's kinds
 */
export function jsonSchema (model: object = Definitions): Json {
  const { $defs, $ref } = JSON.parse(JSON.stringify(model)) as { $defs: Record<string, Json>, $ref: string }
  const { [$ref]: root = {}, ...parts } = Object.fromEntries(Object.entries($defs).map(([name, part]) => [name, pointing(part) as Json]))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Proxy services',
    ...root,
    $defs: parts
  }
}

/** References by pointer instead of by name. */
function pointing (schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(pointing)
  if (typeof schema !== 'object' || schema === null) return schema
  const { $id: _id, ...rest } = schema as Json
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, key === '$ref' ? `#/$defs/${String(value)}` : pointing(value)]))
}
