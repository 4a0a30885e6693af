import type { Artefact } from '../reading/read-xml.js'

/** The longest name in characters. */
const MAX_NAME_LENGTH = 255

/** Control characters, line separators, bidirectional controls: they end a line, or reorder the text on a screen. */
const INVISIBLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** A name of a proxy is one segment of a path. */
const NOT_IN_A_SEGMENT = /[/\\?#%]/

export interface NameProblem { readonly message: string, readonly hint?: string }

/** Returns what is wrong with the name of a part of a configuration; undefined where nothing is. */
export function nameProblem (category: Artefact['category'], name: string): NameProblem | undefined {
  if (name === '') return { message: 'a name is empty' }
  if (name === '__proto__') return { message: 'the name "__proto__" is not allowed' }
  if (name.length > MAX_NAME_LENGTH) {
    return { message: `the name "${name.slice(0, 40)}…" is longer than ${MAX_NAME_LENGTH} characters` }
  }
  if (INVISIBLE.test(name)) {
    return { message: `the name ${JSON.stringify(name)} contains a control character or a line break` }
  }
  if (category !== 'proxies') return undefined
  return NOT_IN_A_SEGMENT.test(name) || name === '.' || name === '..'
    ? {
        message: `no proxy can be called "${name}"`,
        hint: 'its name is one segment of its address: without / \\ ? # %, and not . or ..'
      }
    : undefined
}
