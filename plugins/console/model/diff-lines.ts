/** One line of a comparison, with its numbers in both texts. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
  readonly before: number | undefined
  readonly after: number | undefined
}

/** A part of a comparison as the package `diff` returns it. */
export interface DiffPart { readonly value: string, readonly added?: boolean, readonly removed?: boolean }

/** Lines of context around a change. */
const CONTEXT = 3

/** The changes with the lines around them, in parts that are not next to each other. */
export function hunksOf (parts: readonly DiffPart[]): DiffLine[][] {
  const lines = linesOf(parts)
  const isNear = (at: number): boolean =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ kind }) => kind !== 'same')
  const hunks: DiffLine[][] = []
  let isOpen = false
  lines.forEach((line, at) => {
    if (!isNear(at)) isOpen = false
    else if (isOpen) hunks.at(-1)!.push(line)
    else {
      hunks.push([line])
      isOpen = true
    }
  })
  return hunks
}

/** The numbers of the lines that are new or changed, from 1. */
export const changedLinesOf = (parts: readonly DiffPart[]): number[] =>
  linesOf(parts).flatMap(({ kind, after }) => (kind === 'added' && after !== undefined ? after : []))

function linesOf (parts: readonly DiffPart[]): DiffLine[] {
  let [before, after] = [0, 0]
  return parts.flatMap(({ value, added = false, removed = false }) =>
    value.replace(/\r?\n$/, '').split(/\r?\n/).map((text): DiffLine => added
      ? { kind: 'added', text, before: undefined, after: ++after }
      : removed
        ? { kind: 'removed', text, before: ++before, after: undefined }
        : { kind: 'same', text, before: ++before, after: ++after }))
}
