import { Definitions } from './model.js'

type Json = Readonly<Record<string, unknown>>

/**
 * The JSON Schema (draft 7) of a configuration, for editors: self-contained, with one definition for each part of the
 * model.
 * @param model The TypeBox model of the built-in kinds, or one of `modelOf` with extensions.
 */
export function jsonSchema (model: object = Definitions): Json {
  const { $defs, $ref } = JSON.parse(JSON.stringify(model)) as { $defs: Record<string, Json>, $ref: string }
  const definitions = Object.entries($defs).map(([name, part]) => [name, withPointers(part) as Json])
  const { [$ref]: root = {}, ...parts } = Object.fromEntries(definitions) as Record<string, Json>
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Proxy services',
    ...root,
    $defs: parts
  }
}

/** Replaces references by name with JSON pointers. */
function withPointers (schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withPointers)
  if (typeof schema !== 'object' || schema === null) return schema
  const { $id: _id, ...rest } = schema as Json
  return Object.fromEntries(Object.entries(rest).map(([key, value]) =>
    [key, key === '$ref' ? `#/$defs/${String(value)}` : withPointers(value)]))
}
