import { stripComments } from 'jsonc-parser'
import type { Kinds } from '../contracts/kind.js'
import type { Sliced } from '../slices/sliced-work.js'
import { lossesOf } from './conversion-losses.js'
import { isXml, parseInSlices } from './load.js'
import type { Definitions } from './model/model.js'
import type { Problem } from './model/problem.js'
import { BUILT_IN_KINDS } from './reading/reader.js'
import { writeXml } from './write-xml.js'

export type Language = 'json' | 'xml'

/** Definitions as a text. */
export interface Conversion {
  readonly text: string
  /** Paths of values that the language cannot express. */
  readonly losses: readonly string[]
}

/** Writes definitions in a language. @throws Error for a kind that cannot be written */
export function * conversionOf (
  definitions: Definitions,
  to: Language,
  kinds: Kinds = BUILT_IN_KINDS
): Sliced<Conversion> {
  const text = to === 'json' ? JSON.stringify(definitions, null, 2) : writeXml(definitions, kinds).trimEnd()
  const again = yield * parseInSlices(text, undefined, kinds)
  return { text, losses: [...lossesOf(definitions, again.definitions)] }
}

/** A text in the other language, or why there is none. */
export interface OtherLanguage extends Partial<Conversion> {
  readonly to: Language
  /** Whether comments of the text are lost. */
  readonly losesComments: boolean
  /** Errors of the text: without a valid text there is no other. */
  readonly problems: readonly Problem[]
}

/** Writes a configuration in XML as JSON, and one in JSON as XML. */
export function * otherLanguageOf (text: string, file: string, kinds: Kinds = BUILT_IN_KINDS): Sliced<OtherLanguage> {
  const to = isXml(text) ? 'json' : 'xml'
  const losesComments = to === 'json' ? text.includes('<!--') : stripComments(text) !== text
  const { definitions, problems } = yield * parseInSlices(text, file, kinds)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return { to, losesComments, problems: errors }
  return { to, losesComments, problems: [], ...(yield * conversionOf(definitions, to, kinds)) }
}
