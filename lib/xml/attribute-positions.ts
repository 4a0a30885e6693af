/** Attributes of an element, at most. */
export const MAX_ATTRIBUTES = 256

/**
 * Positions of the attributes of the last start tag: name, its colon or 0, value, and whether the value is the text as
 * it stands. All readers share the list, so it is valid only until the next start tag of any of them.
 */
export const ATTRIBUTES = Array.from({ length: MAX_ATTRIBUTES }, () => ({
  start: 0,
  colon: 0,
  end: 0,
  from: 0,
  to: 0,
  plain: true
}))
