/** Returns a test for a pattern that tests no text twice in a row: one message after the other brings the same one. */
export function matcherOfRepeated (pattern: RegExp): (text: string) => boolean {
  let last: string | undefined
  return text => {
    if (text === last) return true
    if (!pattern.test(text)) return false
    last = text
    return true
  }
}
