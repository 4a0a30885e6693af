/** The advice `did you mean "x"?` for a misspelt name; undefined where no known name is close. */
export function didYouMean (name: string, known: readonly string[]): string | undefined {
  const [closest] = closestNames(name, known)
  return closest && `did you mean "${closest}"?`
}

/** Names that are offered in place of one that is not known. */
const MAX_CLOSEST = 3

/** The known names that are close to a misspelt one, the closest first. */
export const closestNames = (name: string, known: readonly string[]): string[] =>
  known.map(each => [each, distance(name.toLowerCase(), each.toLowerCase())] as const)
    .filter(([each, changes]) => changes <= Math.max(1, Math.floor(Math.min(each.length, name.length) / 3)))
    .sort(([, one], [, other]) => one - other)
    .slice(0, MAX_CLOSEST)
    .map(([each]) => each)

/** Names are short: longer texts are not compared. */
const MAX_LENGTH = 64

/** Insertions, deletions, replacements and swaps of neighbours between two texts (optimal string alignment). */
function distance (from: string, to: string): number {
  if (from.length > MAX_LENGTH || to.length > MAX_LENGTH) return Infinity
  let previous: readonly number[] = []
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let column = 1; column <= to.length; column++) {
      const replaced = row[column - 1]! + (from[line - 1] === to[column - 1] ? 0 : 1)
      const isSwap = line > 1 && column > 1 && from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1]
      const swapped = isSwap ? previous[column - 2]! + 1 : Infinity
      next.push(Math.min(replaced, swapped, row[column]! + 1, next[column - 1]! + 1))
    }
    previous = row
    row = next
  }
  return row[to.length]!
}
