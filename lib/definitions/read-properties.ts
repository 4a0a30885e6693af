import { normalise } from '../xml/element.js'
import { problemAt, type Problem } from './problem.js'
import type { Artefact, Reading } from './read-xml.js'

/** Which properties of the engine are defaults here. Others have no effect, and are those of its own inner life. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'synapse.global_endpoint_suspend_duration': 'suspendDuration',
  'synapse.global_endpoint_suspend_progression_factor': 'progressionFactor',
  'synapse.global_timeout_interval': 'timeout'
}

/** What `synapse.properties` says about all endpoints (WSO2: EndpointDefinition, SynapseConstants). */
export function readProperties (file: string, text: string): Reading {
  const source = { file, text: normalise(text) }
  const artefacts: Artefact[] = []
  const problems: Problem[] = []
  let offset = 0
  for (const line of source.text.split('\n')) {
    const [, key = '', given = ''] = /^\s*([^#!=:\s][^=:\s]*)\s*[=:\s]\s*(.*?)\s*$/.exec(line) ?? []
    const name = Object.hasOwn(DEFAULTS, key) ? DEFAULTS[key] : undefined
    if (name !== undefined) {
      if (given !== '' && Number(given) >= 0) artefacts.push({ category: 'defaults', name, value: Number(given) })
      else if (!/^-/.test(given)) problems.push(problemAt({ source, offset }, `${key} expects a number, not "${given}"`))
    }
    offset += line.length + 1
  }
  return { artefacts, problems }
}
