import type { Static, TSchema } from '@sinclair/typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Registry as MetricsRegistry } from 'prom-client'
import type { Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import type { Journal } from './journal/journal.js'
import { exemplarsOf } from '../metrics/exemplars.js'
import { acceptsOpenMetrics, OPEN_METRICS, openMetricsOf } from '../metrics/open-metrics.js'
import {
  EndpointDetail,
  EndpointView,
  ErrorView,
  GroupView,
  ListOf,
  NamedSwitchBody,
  NameParams,
  ProxyView,
  SwitchBody,
  SwitchResultView
} from './contract/schemas.js'
import { handChangeEntry } from './contract/hand-change.js'
import { findByName, switchEndpoints, type SwitchResult } from './endpoints/switch-endpoints.js'
import { endpointDetail, endpointView, groupView, proxyViews } from './endpoints/endpoint-views.js'

export interface AdminSources {
  readonly registry: Registry
  readonly proxyServices: ProxyServices | undefined
  readonly journal: Journal
  readonly metrics: () => Promise<MetricsRegistry>
}

interface ByName {
  Params: Static<typeof NameParams>
}
interface Switch {
  Body: Static<typeof SwitchBody>
}
interface NamedSwitch {
  Body: Static<typeof NamedSwitchBody>
}

/** The schema of a route, for validation, serialisation and OpenAPI. */
const documented = (summary: string, view: TSchema, more: object = {}): { schema: object } => ({
  schema: { summary, response: { 200: view, '4xx': ErrorView }, ...more }
})

export function adminRoutes (app: FastifyInstance, { registry, proxyServices, journal, metrics }: AdminSources): void {
  const change = (request: FastifyRequest, name: string, body: Static<typeof SwitchBody>): SwitchResult => {
    const result = switchEndpoints(registry, { name, ...body, remote: request.ip }, request.log)
    journal.add(handChangeEntry('switch', `by hand: ${result.Message}`, { remote: request.ip, by: body.by }))
    return result
  }

  app.get(
    '/metrics',
    { schema: { summary: 'Metrics for Prometheus.' } },
    async ({ headers }, reply) => {
      const all = await metrics()
      const text = await all.metrics()
      return all.contentType.startsWith('text/plain') && acceptsOpenMetrics(headers.accept)
        ? await reply.type(OPEN_METRICS).send(openMetricsOf(text, exemplarsOf(proxyServices)))
        : await reply.type(all.contentType).send(text)
    }
  )
  app.get('/proxy-services', documented('All proxies.', ListOf(ProxyView)), async () =>
    listOf(proxyViews(proxyServices))
  )
  app.get('/groups', documented('All groups.', ListOf(GroupView)), async () =>
    listOf([...registry.groups.values()].map(group => groupView(group, registry)))
  )
  app.get('/endpoints', documented('All endpoints.', ListOf(EndpointView)), async () =>
    listOf([...registry.endpoints.values()].map(endpoint => endpointView(endpoint, registry)))
  )
  // Names may contain slashes, and may be longer than a path parameter.
  app.get<ByName>('/endpoints/*', documented('One endpoint.', EndpointDetail, { params: NameParams }), async request =>
    endpointDetail(findByName(registry.endpoints.values(), request.params['*']), registry, proxyServices)
  )
  app.post<NamedSwitch>(
    '/endpoints',
    documented('Switches an endpoint, or all endpoints of a group.', SwitchResultView, { body: NamedSwitchBody }),
    async request => change(request, request.body.name, request.body)
  )
  app.post<ByName & Switch>(
    '/endpoints/*',
    documented('The same, with the name in the path.', SwitchResultView, { params: NameParams, body: SwitchBody }),
    async request => change(request, request.params['*'], request.body)
  )
}

const listOf = <T>(list: readonly T[]): { count: number; list: readonly T[] } => ({ count: list.length, list })
