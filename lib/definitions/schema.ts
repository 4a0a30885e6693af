import { Definitions } from './model/model.js'

/** A JSON Schema of the model, with what readers of it look at; or the TypeBox type that it is made of. */
export interface Schema {
  readonly [keyword: string]: unknown
  readonly $ref?: string
  readonly $defs?: Fields
  readonly anyOf?: readonly Schema[]
  readonly type?: string
  readonly const?: unknown
  readonly default?: unknown
  readonly description?: string
  readonly minimum?: number
  readonly items?: Schema
  readonly properties?: Fields
  readonly required?: readonly string[] | undefined
  readonly patternProperties?: Fields
}
export type Fields = Readonly<Record<string, Schema>>

/**
 * The JSON Schema (draft 7) of a configuration, for editors: self-contained, with one definition for each part of the
 * model.
 * @param model The TypeBox model of the built-in kinds, or one of `modelOf` with extensions.
 */
export function jsonSchema (model: object = Definitions): Schema {
  const { $defs, $ref } = JSON.parse(JSON.stringify(model)) as { $defs: Fields, $ref: string }
  const definitions = Object.entries($defs).map(([name, part]) => [name, withPointers(part)])
  const { [$ref]: root = {}, ...parts } = Object.fromEntries(definitions) as Fields
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
  const { $id: _id, ...rest } = schema as Schema
  return Object.fromEntries(Object.entries(rest).map(([key, value]) =>
    [key, key === '$ref' ? `#/$defs/${String(value)}` : withPointers(value)]))
}
