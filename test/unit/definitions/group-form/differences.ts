/** The lines in which two texts differ, as `- before` and `+ after`. */
export function differences (before: string, after: string): string[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const first = a.findIndex((line, at) => line !== b[at])
  if (first < 0) return []
  let same = 0
  while (same < Math.min(a.length, b.length) - first && a.at(-1 - same) === b.at(-1 - same)) same++
  const part = (lines: readonly string[], sign: string): string[] =>
    lines.slice(first, lines.length - same).map(line => sign + line)
  return [...part(a, '-'), ...part(b, '+')]
}
