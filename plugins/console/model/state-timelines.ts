import type { JournalEntry } from '../../admin/contract/live-protocol.js'

/** One state of an endpoint for a time; instants are milliseconds since 1970. */
export interface StateSpan {
  readonly state: NonNullable<JournalEntry['to']>
  readonly from: number
  readonly to: number
}

/** The states of one endpoint in a window of time, oldest first. */
export interface StateTimeline {
  readonly endpoint: string
  readonly spans: readonly StateSpan[]
}

interface TimelineChange {
  readonly at: number
  readonly from: JournalEntry['from'] | undefined
  readonly to: StateSpan['state']
}

/**
 * The states of all endpoints that changed in a window, those that changed last first.
 * @param entries newest first
 */
export function stateTimelines (entries: readonly JournalEntry[], start: number, end: number): StateTimeline[] {
  const byEndpoint = new Map<string, TimelineChange[]>()
  for (const { at, endpoint, from, to } of entries) {
    if (endpoint === undefined || to === undefined || at < start || at > end) continue
    const changes = byEndpoint.get(endpoint)
    if (changes === undefined) byEndpoint.set(endpoint, [{ at, from, to }])
    else changes.push({ at, from, to })
  }
  return [...byEndpoint].map(([endpoint, newestFirst]) => {
    const ordered = newestFirst.reverse()
    const points = [{ at: start, to: ordered[0]!.from ?? ('active' as const) }, ...ordered]
    const spans = points.map(({ at, to }, index) => ({ state: to, from: at, to: points[index + 1]?.at ?? end }))
    return { endpoint, spans: spans.filter(span => span.to > span.from) }
  })
}
