import { STATES } from '../../lib/state/suspension.js'
import type { HealthCheckStatus } from '../../lib/state/health-check.js'
import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { Registry } from '../../lib/state/registry.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import type { LatencySource } from './latency-metric.js'
import { sum, type MetricSource, type MetricSample } from './metric.js'

/** Number of endpoints, and of groups, that have a label of their own. */
export const MAX_LABELS = 500
/** The label under which further endpoints and groups are added up. */
export const OTHERS = '(others)'
/** The label of endpoints whose addresses come from messages: clients must not create labels. */
export const DYNAMIC = '(dynamic)'

/** Metrics of endpoints. Labels are names of the configuration, never data of a client. */
export function endpointMetrics (registry: Registry): MetricSource[] {
  const each = (value: (endpoint: EndpointState) => number) => (): MetricSample[] =>
    byLabel(registry.endpoints.values()).map(([endpoint, states]) => [{ endpoint }, sum(states.map(value))])
  const labels = ['endpoint']
  return [
    {
      name: 'endpoint_state',
      aggregator: 'first',
      type: 'gauge',
      help: '1 for the state of the endpoint, 0 for the others; the number in each state where endpoints are added up.',
      labels: ['endpoint', 'state'],
      samples: () =>
        byLabel(registry.endpoints.values()).flatMap(([endpoint, states]) =>
          STATES.map((state): MetricSample => [
            { endpoint, state },
            states.filter(each => registry.healthOf(each).state === state).length
          ])
        )
    },
    {
      name: 'endpoint_ready',
      aggregator: 'first',
      type: 'gauge',
      help: '1 if the endpoint accepts new messages and has responded since its last suspension, else 0.',
      labels,
      samples: each(endpoint => Number(registry.isReady(endpoint)))
    },
    {
      name: 'endpoint_health_check_passing',
      aggregator: 'first',
      type: 'gauge',
      help: '1 if the endpoint passes its health checks, 0 if it is out by them; absent where it has none.',
      labels,
      samples: () =>
        checkedByLabel(registry).map(([endpoint, checked]) => [
          { endpoint },
          Number(checked.every(({ isPassing }) => isPassing))
        ])
    },
    {
      name: 'endpoint_health_checks_total',
      aggregator: 'first',
      type: 'counter',
      help: 'Health checks of the endpoint, by result: passed or failed.',
      labels: ['endpoint', 'result'],
      samples: () =>
        checkedByLabel(registry).flatMap(([endpoint, checked]): MetricSample[] => [
          [{ endpoint, result: 'passed' }, sum(checked.map(({ passes }) => passes))],
          [{ endpoint, result: 'failed' }, sum(checked.map(({ failures }) => failures))]
        ])
    },
    {
      name: 'endpoint_suspension_remaining_seconds',
      aggregator: 'first',
      type: 'gauge',
      help: 'Seconds until the next retry; 0 if the endpoint is not suspended.',
      labels,
      samples: each(({ health }) => ('retryAt' in health ? Math.max(0, health.retryAt - registry.now()) / 1000 : 0))
    },
    {
      name: 'endpoint_requests_in_flight',
      type: 'gauge',
      help: 'Requests that wait for a response; a value that only rises: the endpoint hangs, set a timeout.',
      labels,
      samples: each(({ inFlight }) => inFlight)
    },
    {
      name: 'endpoint_requests_queued',
      type: 'gauge',
      help: 'Messages that wait for a place beyond maxRequests; more than 0 for long: the endpoint is too slow.',
      labels,
      samples: each(({ queued }) => queued)
    },
    {
      name: 'endpoint_requests_limit',
      type: 'gauge',
      help: 'Requests that may be in flight at one time (maxRequests); absent without a limit.',
      labels,
      samples: () =>
        byLabel(registry.endpoints.values()).flatMap(([endpoint, states]): MetricSample[] => {
          const limits = states.flatMap(({ maxRequests }) => maxRequests ?? [])
          return limits.length === 0 ? [] : [[{ endpoint }, sum(limits)]]
        })
    },
    {
      name: 'endpoint_requests_refused_total',
      type: 'counter',
      help: 'Messages without a place within maxRequests, in time or at all: their clients got 503.',
      labels,
      samples: each(({ refused }) => refused)
    },
    {
      name: 'endpoint_oldest_request_seconds',
      aggregator: 'max',
      type: 'gauge',
      help: 'Seconds since the oldest request that waits for a response was sent; 0: none waits.',
      labels,
      samples: () =>
        byLabel(registry.endpoints.values()).map(([endpoint, states]) => [
          { endpoint },
          Math.max(...states.map(each => ageOfOldest(each, registry.now())))
        ])
    },
    {
      name: 'endpoint_retries_total',
      type: 'counter',
      help: 'Attempts that followed a failed attempt for the same request: failovers to this endpoint.',
      labels,
      samples: each(({ retries }) => retries)
    },
    {
      name: 'endpoint_requests_cancelled_total',
      type: 'counter',
      help: 'Requests whose client disconnected before there was a response.',
      labels,
      samples: each(({ cancelled }) => cancelled)
    },
    {
      name: 'endpoint_requests_total',
      type: 'counter',
      help: 'Requests by result: response (any HTTP status) or failure.',
      labels: ['endpoint', 'result'],
      samples: () =>
        byLabel(registry.endpoints.values()).flatMap(([endpoint, states]): MetricSample[] => [
          [{ endpoint, result: 'response' }, sum(states.map(({ responses }) => responses))],
          [{ endpoint, result: 'failure' }, sum(states.map(({ failures }) => failures))]
        ])
    }
  ]
}

const ageOfOldest = ({ waiting: { oldestStart } }: EndpointState, now: number): number =>
  oldestStart === undefined ? 0 : Math.max(0, now - oldestStart) / 1000

/** What health checks have found, by label; endpoints without checks are left out. */
const checkedByLabel = (registry: Registry): [label: string, checked: HealthCheckStatus[]][] =>
  byLabel(registry.endpoints.values()).flatMap(([label, states]) => {
    const checked = states.flatMap(each => each.checked ?? [])
    return checked.length === 0 ? [] : [[label, checked]]
  })

/** Time to the head of responses, by endpoint. */
export const latencyOf = (registry: Registry): LatencySource => ({
  name: 'endpoint_response_head_seconds',
  help: 'Time from sending a request to the head of its response.',
  labels: ['endpoint'],
  samples: () =>
    byLabel(registry.endpoints.values()).map(([endpoint, states]) => {
      const all = new LatencyHistogram()
      for (const { latency } of states) all.add(latency)
      return [{ endpoint }, all] as const
    })
})

/** Endpoints by their label, at most `MAX_LABELS` of them. */
function byLabel (endpoints: Iterable<EndpointState>): [label: string, endpoints: EndpointState[]][] {
  const labels = new Map<string, EndpointState[]>()
  for (const endpoint of endpoints) {
    const name = redactUrl(endpoint.name)
    const label = endpoint.addressFromMessage ? DYNAMIC : labels.has(name) || labels.size < MAX_LABELS ? name : OTHERS
    const known = labels.get(label)
    if (known === undefined) labels.set(label, [endpoint])
    else known.push(endpoint)
  }
  return [...labels]
}
