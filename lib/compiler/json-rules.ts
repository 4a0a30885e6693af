import { fullMatch, javaRegex, javaReplacement } from '../mediators/values/java-regex.js'
import type { JsonRules } from '../message/json-rules.js'
import type { JsonSettings } from '../definitions/model/json-settings.js'

/**
 * Compiles how messages become JSON and XML. Undefined: by default.
 * @throws Error for a regular expression that JavaScript does not accept
 */
export function jsonRulesOf (settings: JsonSettings | undefined): JsonRules | undefined {
  if (settings === undefined) return undefined
  const { disableAutoPrimitiveRegex, customReplaceRegex, customReplaceSequence = '' } = settings
  return {
    primitives: settings.autoPrimitive,
    keepsText: disableAutoPrimitiveRegex === undefined ? undefined : fullMatch(disableAutoPrimitiveRegex),
    marksText:
      customReplaceRegex === undefined
        ? undefined
        : {
            pattern: javaRegex(customReplaceRegex, '', source => `^(?:${source})`),
            replacement: javaReplacement(customReplaceSequence)
          },
    prefixes: settings.preserveNamespace,
    separator: settings.namespaceSepChar,
    declarations: settings.enableNSDeclarations,
    nullForEmpty: settings.enableXmlNullForEmptyElement,
    nil: settings.enableXmlNilReadWrite
  }
}
