/** `name: value` lines as headers; undefined: a line is malformed. Empty lines are left out. */
export function headersOfLines (text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {}
  for (const line of text.split(/\r?\n/).filter(each => each.trim() !== '')) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined) return undefined
    headers[name] = (value ?? '').trim()
  }
  return headers
}

export const linesOfHeaders = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
