/** Headers that name sessions in a configuration: ids of sessions are as secret as passwords. */
export function sessionHeadersIn (definitions: unknown): Set<string> {
  const names = new Set<string>()
  collect(definitions, names)
  return names
}

function collect (value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  if ('session' in value) {
    const { session } = value
    const isHeader = typeof session === 'object' && session !== null && 'kind' in session && session.kind === 'header'
    if (isHeader && 'name' in session && typeof session.name === 'string') names.add(session.name)
  }
  for (const each of Object.values(value)) collect(each, names)
}
