import type { Entry } from '../../admin/live-protocol.js'

/** The text of an event as a sentence: with a capital letter, unless it begins with the name of an endpoint. */
export const eventSentence = ({ text, endpoint }: Pick<Entry, 'text' | 'endpoint'>): string =>
  endpoint !== undefined && text.startsWith(endpoint) ? text : text.charAt(0).toUpperCase() + text.slice(1)
