import { Type, type Static } from '@sinclair/typebox'
import { describe } from '../../contracts/fields.js'
import { fullMatch } from '../../mediators/values/java-regex.js'

/** How messages are converted between XML and JSON: the properties of the engine that act here, by their last names. */
export const JsonSettings = Type.Object(
  {
    autoPrimitive: describe(
      Type.Optional(Type.Boolean()),
      'Whether text in XML that looks like a number, `true`, `false` or `null` becomes one in JSON.',
      true
    ),
    disableAutoPrimitiveRegex: describe(
      Type.Optional(Type.String()),
      'A regular expression: text that matches it as a whole stays text.'
    ),
    customReplaceRegex: describe(
      Type.Optional(Type.String()),
      'A regular expression: text that begins with a match stays text, and the match is replaced.'
    ),
    customReplaceSequence: describe(Type.Optional(Type.String()), 'What replaces that match. Default: nothing.'),
    preserveNamespace: describe(
      Type.Optional(Type.Boolean()),
      'Whether names in JSON keep the prefixes of XML: `o_id`.',
      false
    ),
    namespaceSepChar: describe(
      Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
      'What is between a prefix and a name.',
      '_'
    ),
    enableNSDeclarations: describe(
      Type.Optional(Type.Boolean()),
      'Whether declarations of namespaces become members, where prefixes are kept: `@xmlns_o`.',
      false
    ),
    enableXmlNullForEmptyElement: describe(
      Type.Optional(Type.Boolean()),
      'Whether an empty element becomes null; else an empty string.',
      true
    ),
    enableXmlNilReadWrite: describe(
      Type.Optional(Type.Boolean()),
      'Whether null is written as `nil="true"`, and that is read as null.',
      false
    )
  },
  { additionalProperties: false }
)
export type JsonSettings = Static<typeof JsonSettings>

/**
 * The settings by their names in `synapse.properties`.
 * @see WSO2, org.apache.synapse.commons.json.Constants
 */
export const JSON_PROPERTIES: ReadonlyMap<string, keyof JsonSettings> = new Map([
  ['synapse.commons.json.output.autoPrimitive', 'autoPrimitive'],
  ['synapse.commons.json.output.disableAutoPrimitive.regex', 'disableAutoPrimitiveRegex'],
  ['synapse.commons.json.json.output.disableAutoPrimitive.regex', 'disableAutoPrimitiveRegex'],
  ['synapse.commons.json.json.output.disableAutoPrimitive.customReplaceRegex', 'customReplaceRegex'],
  ['synapse.commons.json.json.output.disableAutoPrimitive.customReplaceSequence', 'customReplaceSequence'],
  ['synapse.commons.json.preserve.namespace', 'preserveNamespace'],
  ['synapse.commons.json.output.namespaceSepChar', 'namespaceSepChar'],
  ['synapse.commons.json.output.enableNSDeclarations', 'enableNSDeclarations'],
  ['synapse.commons.enableXmlNullForEmptyElement', 'enableXmlNullForEmptyElement'],
  ['synapse.commons.enableXmlNilReadWrite', 'enableXmlNilReadWrite']
])

/** Properties of the engine that have no effect here, each with the value that it has here in any case. */
export const FIXED_JSON_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['synapse.commons.json.output.jsonoutAutoArray', 'true'],
  ['synapse.commons.json.output.jsonoutMultiplePI', 'true'],
  ['synapse.commons.json.output.xmloutAutoArray', 'true'],
  ['synapse.commons.json.output.xmloutMultiplePI', 'false'],
  ['synapse.json.to.xml.processing.instruction.enabled', 'false']
])

const REGEXES: readonly string[] = ['disableAutoPrimitiveRegex', 'customReplaceRegex'] satisfies (keyof JsonSettings)[]

/** Returns why a setting is refused; undefined: it is valid. */
export function wrongJsonSetting (name: string, value: unknown): string | undefined {
  if (!REGEXES.includes(name) || typeof value !== 'string') return undefined
  try {
    fullMatch(value)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** What to do about a setting that is refused. */
export const ADVICE_FOR_REGEX = 'correct it, without what only Java has; a backslash is written twice'

/** The value of a property as a setting: a text, or a truth value as Java reads it. */
export const jsonSetting = (name: keyof JsonSettings, value: string): string | boolean => {
  const field: { readonly type: string; readonly maxLength?: number } = JsonSettings.properties[name]
  return field.type === 'boolean' ? value.toLowerCase() === 'true' : value.slice(0, field.maxLength)
}
