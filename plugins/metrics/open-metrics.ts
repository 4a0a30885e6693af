/** One request whose trace shows what a bucket of a histogram counts. */
export interface Exemplar {
  readonly traceId: string
  /** In seconds. */
  readonly value: number
  /** When it was recorded, in milliseconds since 1970. */
  readonly at: number
}

/** Returns the exemplar of a bucket; undefined: it has none. */
export type ExemplarOf = (histogram: string, labels: Readonly<Record<string, string>>) => Exemplar | undefined

/** The media type of OpenMetrics. */
export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Whether the Accept header of a scraper names OpenMetrics 1.0. */
export const acceptsOpenMetrics = (accept: string | undefined): boolean =>
  accept !== undefined && /application\/openmetrics-text\s*;\s*version="?1\./i.test(accept)

/**
 * Returns metrics in Prometheus' text format as OpenMetrics.
 * @see OpenMetrics 1.0.0, "Text format"
 */
export function openMetricsOf (text: string, exemplarOf: ExemplarOf): string {
  const counters = new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name!))
  const lines = text.split('\n').filter(line => line !== '')
  const converted = lines.map(line =>
    line.startsWith('# ') ? descriptionOf(line, counters) : sampleOf(line, counters, exemplarOf)
  )
  return [...converted, '# EOF', ''].join('\n')
}

/** The name of a counter lacks the suffix of its samples. */
function descriptionOf (line: string, counters: ReadonlySet<string>): string {
  const [, keyword, name = '', rest = ''] = /^# (\w+) (\S+) ?(.*)$/.exec(line) ?? []
  const family = counters.has(name) ? name.replace(/_total$/, '') : name
  return `# ${keyword} ${family} ${keyword === 'HELP' ? rest.replaceAll('"', '\\"') : rest}`
}

function sampleOf (line: string, counters: ReadonlySet<string>, exemplarOf: ExemplarOf): string {
  const [, name = '', labels = '', value = ''] = /^([^{ ]+)(\{.*\})? (\S+)$/.exec(line) ?? []
  const suffix = counters.has(name) && !name.endsWith('_total') ? '_total' : ''
  const histogram = name.endsWith('_bucket') ? name.slice(0, -'_bucket'.length) : undefined
  const exemplar = histogram === undefined ? undefined : exemplarOf(histogram, labelsOf(labels))
  const end =
    exemplar === undefined
      ? ''
      : ` # {trace_id="${exemplar.traceId}"} ${exemplar.value.toFixed(6)} ${(exemplar.at / 1000).toFixed(3)}`
  return `${name}${suffix}${labels} ${value === 'Nan' ? 'NaN' : value}${end}`
}

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name!, unescaped(value!)])
  )

const unescaped = (value: string): string =>
  value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
