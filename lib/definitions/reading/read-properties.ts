import { javaPropertiesIn } from '../../endpoints/settings/java-properties.js'
import { normalise } from '../../xml/parse-xml.js'
import {
  ADVICE_FOR_REGEX,
  FIXED_JSON_PROPERTIES,
  JSON_PROPERTIES,
  jsonSetting,
  wrongJsonSetting
} from '../model/json-settings.js'
import { problemAt, type Problem, type SourceLocation } from '../model/problem.js'
import type { Artefact, Reading } from './read-xml.js'

/** The properties of the engine that have an equivalent among the defaults. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['synapse.global_endpoint_suspend_duration', 'suspendDuration'],
  ['synapse.global_endpoint_suspend_progression_factor', 'progressionFactor'],
  ['synapse.global_timeout_interval', 'timeout']
])

/**
 * Reads `synapse.properties`: the defaults of endpoints, and how messages become JSON and XML. Of a name that occurs
 * twice the last value counts. Others tune the engine and are ignored.
 * @see WSO2: EndpointDefinition, SynapseConstants, JsonUtil
 */
export function readProperties (file: string, text: string): Reading {
  const source = { file, text: normalise(text) }
  const artefacts = new Map<string, Artefact>()
  const problems: Problem[] = []
  for (const { key, value, offset } of javaPropertiesIn(source.text)) {
    const found = readProperty(key, value.trim(), { source, offset })
    if (found === undefined) continue
    if ('code' in found) problems.push(found)
    else artefacts.set(`${found.category} ${found.name}`, found)
  }
  return { artefacts: [...artefacts.values()], problems }
}

function readProperty (key: string, value: string, location: SourceLocation): Artefact | Problem | undefined {
  const json = JSON_PROPERTIES.get(key)
  if (json !== undefined) {
    const reason = wrongJsonSetting(json, value)
    return reason === undefined
      ? { category: 'json', name: json, value: jsonSetting(json, value) }
      : problemAt(location, 'invalid-value', `${key}: ${reason}`, ADVICE_FOR_REGEX)
  }
  const fixed = FIXED_JSON_PROPERTIES.get(key)
  if (fixed !== undefined && value.toLowerCase() !== fixed) {
    const message = `${key}=${value} has no effect: it is ${fixed} here`
    const advice = 'repeated elements become arrays, and arrays repeated elements, without processing instructions'
    return problemAt(location, 'no-effect', message, advice, 'warning')
  }
  const name = DEFAULTS.get(key)
  if (name === undefined) return undefined
  if (value !== '' && Number(value) >= 0) return { category: 'defaults', name, value: Number(value) }
  return /^-/.test(value)
    ? undefined
    : problemAt(location, 'invalid-value', `${key} expects a number, not "${value}"`)
}
