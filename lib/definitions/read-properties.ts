import { normalise } from '../xml/parse-xml.js'
import { problemAt, type Problem } from './problem.js'
import type { Artefact, Reading } from './read-xml.js'

/**
 * The properties of the engine that have an equivalent among the defaults. Others tune its internals and are ignored.
 */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['synapse.global_endpoint_suspend_duration', 'suspendDuration'],
  ['synapse.global_endpoint_suspend_progression_factor', 'progressionFactor'],
  ['synapse.global_timeout_interval', 'timeout']
])

/** Reads the defaults of endpoints from `synapse.properties`. @see WSO2: EndpointDefinition, SynapseConstants */
export function readProperties (file: string, text: string): Reading {
  const source = { file, text: normalise(text) }
  const artefacts: Artefact[] = []
  const problems: Problem[] = []
  let offset = 0
  for (const line of source.text.split('\n')) {
    const [, key = '', value = ''] = /^\s*([^#!=:\s][^=:\s]*)\s*[=:\s]\s*(.*?)\s*$/.exec(line) ?? []
    const name = DEFAULTS.get(key)
    if (name !== undefined) {
      if (value !== '' && Number(value) >= 0) artefacts.push({ category: 'defaults', name, value: Number(value) })
      else if (!/^-/.test(value)) {
        problems.push(problemAt({ source, offset }, 'invalid-value', `${key} expects a number, not "${value}"`))
      }
    }
    offset += line.length + 1
  }
  return { artefacts, problems }
}
