import type { Static } from '@sinclair/typebox'
import type { BuildContext } from '../../contracts/build-context.js'
import { editEach } from '../../json/edit.js'
import { isJson, jsonOf, parsed, withJson, withText } from '../../json/json-message.js'
import { compileJsonPath, type JsonPath } from '../../json/json-path.js'
import { jsonText, type JsonDocument, type JsonValue } from '../../json/json-value.js'
import { mediationError } from '../../message/fault.js'
import { textOfProperty, type Message } from '../../message/message.js'
import type { Source } from './enrich-source.js'
import type { EnrichTarget } from './enrich-target.js'

type Removal = (message: Message) => Message
type RemovedExpression = Static<typeof Source>['expression']

/**
 * Compiles `action="remove"` of a body or a property: what the source selects is removed from it. Undefined: it is not
 * one of JSON.
 * @see WSO2, Target.removeJsonFromBody and removeJsonFromProperty
 */
export function removalOf (
  { type = 'custom', expression }: Static<typeof Source>,
  target: Static<typeof EnrichTarget>,
  context: BuildContext
): Removal | undefined {
  if (target.action !== 'remove' || type !== 'custom') return undefined
  if (target.type === 'body') return jsonRemoval(expression, context)
  const paths = pathsIn(expression)
  if (target.type !== 'property' || target.property === undefined || paths === undefined) return undefined
  return fromProperty(target.property, paths)
}

/** Removes what `json-eval()` selects from a JSON message. Undefined: the expression is of another language. */
export function jsonRemoval (expression: RemovedExpression, context: BuildContext): Removal | undefined {
  const paths = pathsIn(expression)
  if (paths === undefined || expression === undefined) return undefined
  // Reports what an expression names and the configuration lacks.
  if (paths.length === 1) context.expression(expression)
  return message => {
    const document = isJson(message) ? jsonOf(message) : undefined
    if (document === undefined) return message
    const value = without(document, paths)
    return value === undefined ? withText(message, 'application/json', '') : withJson(message, value)
  }
}

const fromProperty =
  (name: string, paths: readonly JsonPath[]): Removal =>
    message => {
      const { properties } = message
      const before = textOfProperty(properties, name)
      if (before === undefined) {
        throw mediationError(`enrich removes from the property "${name}", which is not set`)
      }
      const value = without(parsed(before, `the property "${name}"`), paths)
      return { ...message, properties: { ...properties, [name]: value === undefined ? '' : { json: jsonText(value) } } }
    }

/** A document without the values at several paths, one after the other; undefined: nothing is left. */
function without (document: JsonDocument, paths: readonly JsonPath[]): JsonValue | undefined {
  let { value } = document
  for (const path of paths) {
    const rest = editEach(value, path.locations({ ...document, value }), () => undefined)
    if (rest === undefined) return undefined
    value = rest
  }
  return value
}

const JSON_EVAL = /^\s*json-eval\s*\(([^]*)\)\s*$/

/** The paths in `json-eval($.a,$.b)`. */
function pathsIn (expression: RemovedExpression): readonly JsonPath[] | undefined {
  const paths = JSON_EVAL.exec(expression?.xpath ?? '')?.[1]
  if (paths === undefined || paths.trim().startsWith('$ctx:')) return undefined
  return paths.split(/,\s*(?=\$)/).map(path => compileJsonPath(path))
}
