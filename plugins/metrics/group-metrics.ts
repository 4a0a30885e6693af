import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { GroupState } from '../../lib/state/group-state.js'
import type { Registry } from '../../lib/state/registry.js'
import type { SessionTable } from '../../lib/state/session-table.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import { MAX_LABELS, OTHERS } from './endpoint-metrics.js'
import { sum, type MetricSource, type MetricSample } from './metric.js'

/** Metrics of groups and their sessions. */
export function groupMetrics (registry: Registry): MetricSource[] {
  const labels = ['group']
  const endpoints = (count: (endpoints: readonly EndpointState[]) => number) => (): MetricSample[] =>
    byLabel([...registry.groups.values()], ({ name }) => count(registry.endpointsOf(name)))
  const sessions = (count: (table: SessionTable) => number) => (): MetricSample[] => {
    const groups = [...registry.groups.values()].filter(group => group.sessions !== undefined)
    return byLabel(groups, group => count(group.sessions!))
  }
  return [
    {
      name: 'group_endpoints',
      aggregator: 'first',
      type: 'gauge',
      help: 'Endpoints of a group, those of nested groups included.',
      labels,
      samples: endpoints(({ length }) => length)
    },
    {
      name: 'group_endpoints_ready',
      aggregator: 'first',
      type: 'gauge',
      help: 'Endpoints of a group that accept new messages; 0: its clients get faults.',
      labels,
      samples: endpoints(all => all.filter(endpoint => registry.isReady(endpoint)).length)
    },
    {
      name: 'group_sessions',
      aggregator: 'max',
      type: 'gauge',
      help: 'Bound sessions; a few may have expired a moment ago.',
      labels,
      samples: sessions(({ size }) => size)
    },
    {
      name: 'group_member_sessions',
      aggregator: 'max',
      type: 'gauge',
      help: 'Bound sessions by member; the sessions of groups inside the group are counted there as well.',
      labels: ['group', 'member'],
      samples: () => memberSessions(registry)
    },
    {
      name: 'group_sessions_moved_total',
      type: 'counter',
      help: 'Sessions that were bound to another member; first messages that fail over included.',
      labels,
      samples: sessions(({ moved }) => moved)
    },
    {
      name: 'group_sessions_evicted_total',
      aggregator: 'max',
      type: 'counter',
      help: 'Sessions evicted before their timeout: there are more than maxSessions, or invented ids.',
      labels,
      samples: sessions(({ evicted }) => evicted)
    }
  ]
}

/** At most `MAX_LABELS` in all; further members are added up. */
function memberSessions (registry: Registry): MetricSample[] {
  const samples: MetricSample[] = []
  let others = 0
  for (const { name, memberIds, sessions } of registry.groups.values()) {
    for (const [id, { count }] of sessions?.byMember() ?? []) {
      const member = redactUrl(memberIds[id] ?? OTHERS)
      if (samples.length < MAX_LABELS) samples.push([{ group: redactUrl(name), member }, count])
      else others += count
    }
  }
  return others === 0 ? samples : [...samples, [{ group: OTHERS, member: OTHERS }, others]]
}

/** One value for each group; groups beyond `MAX_LABELS` are added up. */
function byLabel (groups: readonly GroupState[], value: (group: GroupState) => number): MetricSample[] {
  const own = groups.slice(0, MAX_LABELS).map((group): MetricSample => [{ group: redactUrl(group.name) }, value(group)])
  const others = groups.slice(MAX_LABELS)
  return others.length === 0 ? own : [...own, [{ group: OTHERS }, sum(others.map(value))]]
}
