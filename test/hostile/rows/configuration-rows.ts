import { quickly, type Check } from '../checks.js'
import type { ConfigurationRow } from '../row.js'
import { oneLineEach } from '../session-checks.js'

/** How long a row with files that are none may take, in milliseconds. */
const AT_ONCE = 5_000

/** Collects rows of configurations; their ids count within each group. */
export function configurationRows () {
  const rows: ConfigurationRow[] = []
  const counts = new Map<string, number>()

  function add (
    group: string,
    what: string,
    file: string | Buffer | ConfigurationRow['files'],
    checks: Check | readonly Check[],
    more: Partial<Pick<ConfigurationRow, 'path' | 'heavy'>> = {}
  ): void {
    const count = (counts.get(group) ?? 0) + 1
    counts.set(group, count)
    const files = typeof file === 'string' || Buffer.isBuffer(file) ? { 'c.xml': file } : file
    rows.push({
      id: `configurations-${group}-${String(count).padStart(3, '0')}`,
      kind: 'configurations',
      what,
      files,
      checks: [checks, oneLineEach, group === 'file' ? quickly(AT_ONCE) : []].flat(),
      ...more
    })
  }

  return { rows, add }
}
