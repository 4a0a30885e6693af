import type { Health } from '../../lib/state/health.js'
import type { EndpointState, Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { redactUrl } from '../logging/redact.js'

/** The media type of the text below (Prometheus: exposition formats, text). */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const STATES: readonly Health['state'][] = ['active', 'timeout', 'suspended', 'off', 'draining']
/** So many endpoints, and so many groups, have labels of their own; more endpoints are added up as `(others)`. */
const MOST = 500
const OTHERS = '(others)'
/** Endpoints whose addresses messages bring are added up: clients must not make labels. */
const DYNAMIC = '(dynamic)'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]
interface Family { readonly name: string, readonly type: 'counter' | 'gauge', readonly help: string, readonly samples: readonly Sample[] }

/** Everything that can be counted, as Prometheus reads it. Labels are names of the configuration; nothing that a client sends is among them. */
export const metrics = (registry: Registry, proxyServices: ProxyServices | undefined): string =>
  [...endpoints(registry), ...groups(registry), ...bodies(proxyServices), ...stores(proxyServices), ...configuration(proxyServices), ...processMetrics()].map(formatted).join('')

function endpoints (registry: Registry): Family[] {
  const all = gathered(registry.endpoints.values())
  const each = (value: (leaf: EndpointState) => number): Sample[] => all.map(([endpoint, leaves]) => [{ endpoint }, sum(leaves.map(value))])
  const now = registry.now()
  return [
    gauge('endpoint_state', '1 for the state that the endpoint is in, else 0; of those that are added up, how many are in it.', all.flatMap(([endpoint, leaves]) =>
      STATES.map((state): Sample => [{ endpoint, state }, leaves.filter(({ health }) => health.state === state).length]))),
    gauge('endpoint_ready', '1 if a new message may go there, else 0.', each(leaf => Number(registry.isReady(leaf)))),
    gauge('endpoint_retry_seconds', 'Until the endpoint may be tried again, 0 if it may now or is off.', each(({ health }) => 'retryAt' in health ? Math.max(0, health.retryAt - now) / 1000 : 0)),
    gauge('endpoint_inflight', 'Messages that wait for its answer.', each(({ inFlight: inflight }) => inflight)),
    counter('endpoint_answered', 'Messages that it answered, with any HTTP status.', each(({ responses: answered }) => answered)),
    counter('endpoint_failed', 'Messages that the network kept it from answering.', each(({ failures: failed }) => failed))
  ]
}

function groups (registry: Registry): Family[] {
  const all = [...registry.groups.values()].slice(0, MOST)
  const tables = all.flatMap(({ name, sessions }) => sessions === undefined ? [] : [{ labels: { group: redactUrl(name) }, sessions }])
  return [
    gauge('group_endpoints', 'Endpoints of a group, those of the groups in it included.', all.map(({ name }) => [{ group: redactUrl(name) }, registry.endpointsOf(name).length])),
    gauge('group_endpoints_ready', 'Those of them that a new message may go to.', all.map(({ name }) => [{ group: redactUrl(name) }, registry.endpointsOf(name).filter(leaf => registry.isReady(leaf)).length])),
    gauge('group_sessions', 'Sessions that are bound; some may have expired a moment ago.', tables.map(({ labels, sessions }) => [labels, sessions.size])),
    counter('group_sessions_evicted', 'Sessions that were forgotten before their time, since there was no room.', tables.map(({ labels, sessions }) => [labels, sessions.evicted]))
  ]
}

function bodies (proxyServices: ProxyServices | undefined): Family[] {
  const all = [...proxyServices ?? []].map(({ budget }) => budget)
  if (all.length === 0) return []
  return [
    gauge('released', 'Messages that go on although their client has its answer.', [[{}, sum([...proxyServices!].map(({ detachedDeliveries: errands }) => errands.size))]]),
    gauge('body_budget_used_bytes', 'Bytes of bodies that are kept now.', [[{}, sum(all.map(({ inUse }) => inUse))]]),
    gauge('body_budget_limit_bytes', 'Bytes of bodies that may be kept at one time.', [[{}, sum(all.map(({ limit }) => limit))]]),
    counter('body_budget_denied', 'How often a body could not be kept, since there was no room.', [[{}, sum(all.map(({ denied }) => denied))]]),
    counter('retries_impossible', 'Messages that failed and could not be tried elsewhere, since their body was gone.', [[{}, sum(all.map(({ retriesImpossible: unrepeatable }) => unrepeatable))]])
  ]
}

function stores (proxyServices: ProxyServices | undefined): Family[] {
  const all = [...proxyServices ?? []].flatMap(({ sessions }) => sessions ?? [])
  if (all.length === 0) return []
  return [
    gauge('session_store_up', '1 if sessions are shared with other gateways, 0 while their store does not work.', [[{}, Number(all.every(({ up }) => up))]]),
    counter('session_store_fallbacks', 'Times that a session was looked up or bound here alone, since the store did not answer.', [[{}, sum(all.map(({ fallbacks }) => fallbacks))]])
  ]
}

function configuration (proxyServices: ProxyServices | undefined): Family[] {
  if (proxyServices === undefined) return []
  const { reloads, loadedAt, upToDate } = proxyServices
  return [
    gauge('configuration_proxies', 'Proxy services that run.', [[{}, sum([...proxyServices].map(({ configuration: program }) => program.services.size))]]),
    gauge('configuration_loaded_timestamp_seconds', 'When the configuration that runs was read.', [[{}, loadedAt / 1000]]),
    gauge('configuration_up_to_date', '0 if the last reload was refused and the configuration before it runs on, else 1.', [[{}, Number(upToDate)]]),
    counter('configuration_reloads', 'Reloads since the start.', [[{ result: 'succeeded' }, reloads.succeeded], [{ result: 'failed' }, reloads.failed]])
  ]
}

function processMetrics (): Family[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  const { active, idle } = performance.eventLoopUtilization()
  const one = (type: Family['type'], name: string, help: string, value: number): Family => ({ type, name, help, samples: [[{}, value]] })
  return [
    one('counter', 'process_cpu_seconds_total', 'Processor time, user and system.', (user + system) / 1e6),
    one('gauge', 'process_resident_memory_bytes', 'Memory that the process has.', rss),
    one('gauge', 'process_start_time_seconds', 'When the process began.', performance.timeOrigin / 1000),
    one('gauge', 'nodejs_heap_used_bytes', 'Memory of JavaScript objects.', heapUsed),
    one('gauge', 'nodejs_external_memory_bytes', 'Memory of buffers.', external),
    one('counter', 'nodejs_eventloop_active_seconds_total', 'Time in which the event loop worked.', active / 1000),
    one('counter', 'nodejs_eventloop_idle_seconds_total', 'Time in which it waited.', idle / 1000)
  ]
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({ type: 'gauge', name: `proxy_services_${name}`, help, samples })
const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({ type: 'counter', name: `proxy_services_${name}_total`, help, samples })
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Endpoints by their label. */
function gathered (leaves: Iterable<EndpointState>): [label: string, leaves: EndpointState[]][] {
  const found = new Map<string, EndpointState[]>()
  for (const leaf of leaves) {
    const name = redactUrl(leaf.name)
    const label = leaf.addressFromMessage ? DYNAMIC : found.has(name) || found.size < MOST ? name : OTHERS
    const others = found.get(label)
    if (others === undefined) found.set(label, [leaf])
    else others.push(leaf)
  }
  return [...found]
}

/** Nothing, where there is nothing to say. */
function formatted ({ name, type, help, samples }: Family): string {
  if (samples.length === 0) return ''
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`)
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}
