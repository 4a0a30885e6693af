import { redactUrl } from '../../../lib/message/redact-url.js'
import type { Registry } from '../../../lib/state/registry.js'
import type { GroupSessionsNow } from '../contract/live-protocol.js'

/**
 * Bound sessions by the name of their endpoint, in all groups and through groups in them. Endpoints of groups that keep
 * no sessions in a table are missing. Reads counters, no tables.
 * @param wanted names of endpoints
 */
export function sessionCounts (registry: Registry, wanted: ReadonlySet<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const add = (name: string, sessions: number): void => {
    if (wanted.has(name)) counts.set(name, (counts.get(name) ?? 0) + sessions)
  }
  for (const { sessions, memberIds } of registry.groups.values()) {
    if (sessions === undefined) continue
    for (const [index, member] of memberIds.entries()) {
      if (registry.endpoints.has(member)) add(member, sessions.countOf(index))
      else for (const { name } of registry.endpointsOf(member)) add(name, sessions.countOf(index))
    }
  }
  return counts
}

/** Sessions of the groups that keep them in a table, by their names as they are shown. @param most groups */
export function groupSessions (registry: Registry, most: number): GroupSessionsNow[] {
  const found: GroupSessionsNow[] = []
  for (const { name, sessions } of registry.groups.values()) {
    if (sessions === undefined) continue
    if (found.length === most) break
    found.push({ name: redactUrl(name), bound: sessions.size, evicted: sessions.evicted })
  }
  return found
}
