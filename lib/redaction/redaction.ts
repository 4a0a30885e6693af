import { HIDDEN } from '../message/redact-url.js'
import type { SecretNames } from './secret-names.js'

/** What is hidden in a text, and how deep it is inside of other texts. */
export interface Redaction {
  readonly names: SecretNames
  /** How many documents this one is in: 0 for a body. */
  readonly nesting: number
}

/** Text in which values are hidden, and how many are. */
export interface Redacted {
  readonly text: string
  readonly hidden: number
}

/** A value that is hidden whole. */
export const HIDDEN_WHOLE: Redacted = { text: HIDDEN, hidden: 1 }
