import type { Check } from '../checks.js'
import type { Step, WireRow } from '../row.js'

type More = Omit<WireRow, 'id' | 'kind' | 'what' | 'client' | 'checks'>

/** Rows of one group; each gets its number. Clients are made of the address of their row. */
export function collect (
  kind: WireRow['kind'],
  group: string,
  service = 'Plain'
): {
    rows: WireRow[]
    add: (
      what: string,
      client: (path: string) => readonly Step[] | string,
      checks: Check | readonly Check[],
      more?: More
    ) => void
  } {
  const rows: WireRow[] = []
  return {
    rows,
    add (what, client, checks, more = {}) {
      const id = `${kind}-${group}-${String(rows.length + 1).padStart(3, '0')}`
      const steps = client(`/services/${more.tls === true ? 'Secure' : service}/r/${id}/`)
      rows.push({
        id,
        kind,
        what,
        client: typeof steps === 'string' ? [steps] : steps,
        checks: [checks].flat(),
        ...more
      })
    }
  }
}

/** A POST with these header lines and this body, as they are. */
export const post = (path: string, lines: readonly string[], body = '', host = 'Host: h'): string =>
  ['POST ' + path + ' HTTP/1.1', ...(host === '' ? [] : [host]), ...lines, '', body].join('\r\n')

export const get = (path: string, lines: readonly string[] = [], method = 'GET'): string =>
  [`${method} ${path} HTTP/1.1`, 'Host: h', ...lines, '', ''].join('\r\n')

export const smuggled = (path: string): string => get(`${path}smuggled`)

/** A byte as a report shows it. */
export const byteName = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`

export const CONTROLS: readonly number[] = [...Array(32).keys(), 0x7f]
