/** A table as text, its columns aligned. */
export function table (head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ')
  return [head, ...rows].map(line).join('\n')
}

/** An instant in ISO 8601 as local time. */
export const clock = (instant: string): string => new Date(instant).toTimeString().slice(0, 8)
