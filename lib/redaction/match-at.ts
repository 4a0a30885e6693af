/** Returns what a sticky pattern matches exactly here; undefined: nothing. */
export function matchAt (pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
