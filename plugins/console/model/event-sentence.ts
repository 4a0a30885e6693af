import type { JournalEntry } from '../../admin/contract/live-protocol.js'
import { capitalised } from './format.js'

/** The text of an event as a sentence: with a capital letter, unless it begins with the name of an endpoint. */
export const eventSentence = ({ text, endpoint }: Pick<JournalEntry, 'text' | 'endpoint'>): string =>
  endpoint !== undefined && text.startsWith(endpoint) ? text : capitalised(text)
