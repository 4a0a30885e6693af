import type { FastifyBaseLogger, FastifyError, FastifyInstance } from 'fastify'
import type { Registry } from '../../lib/state/registry.js'
import { readinessRoutes, type Readiness } from './readiness.js'
import { metrics, METRICS_TYPE } from './metrics.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { redactUrl } from '../logging/redact.js'
import { refusal } from './authorize.js'
import { endpointDetail, endpointView, groupView, proxyViews, type EndpointView } from './view.js'

export interface AdminOptions {
  /** Fastify's own option of this name. */
  prefix?: string
  /** Whose endpoints are shown and switched. Default: `app.endpointRegistry`. */
  registry?: Registry
  /** Whose proxies are shown. Default: `app.proxyServices`, if the app has it. */
  proxyServices?: ProxyServices
  /** Who knows whether the app is ready. Default: it is from when it is loaded until it closes. */
  readiness?: Readiness
  /** With it, whoever asks for anything but health must bring it: `Authorization: Bearer …`. Without, changes are accepted from loopback only. */
  token?: string
}

/** What can be asked for (the first two: WSO2 Micro Integrator, management API), how it is done, and what is said then. */
const SWITCHES = {
  active: { how: 'switchOn', said: 'is switched on' },
  inactive: { how: 'switchOff', said: 'is switched off' },
  draining: { how: 'drain', said: 'is draining' }
} as const

/**
 * What an operator asks: who is out, why and until when; and switches endpoints. For an app of its own, or a corner of yours.
 * Paths and shapes are modelled on the management API of WSO2 Micro Integrator.
 */
export async function admin (app: FastifyInstance, options: AdminOptions): Promise<void> {
  const { token, readiness } = options
  const registry = options.registry ?? app.endpointRegistry
  const proxyServices = options.proxyServices ?? (app.hasDecorator('proxyServices') ? app.proxyServices : undefined)
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error }, 'the admin cannot answer')
    return reply.code(status).send({ Error: status >= 500 ? 'unexpected' : error.message })
  })
  await app.register(readinessRoutes, { readiness })
  await app.register(async inner => {
    // Bodies are JSON: a web page cannot send that elsewhere without being asked first.
    inner.removeContentTypeParser('text/plain')
    inner.addHook('onRequest', async (request, reply) => {
      const refused = refusal(request, token)
      if (refused === undefined) return
      if (refused.status === 401) reply.header('www-authenticate', 'Bearer')
      await reply.code(refused.status).send({ Error: refused.why })
    })
    routes(inner, registry, proxyServices)
  })
}

interface Named { Params: { '*': string } }
interface Switching { Body: { name?: unknown, status?: unknown } | null }

function routes (app: FastifyInstance, registry: Registry, proxyServices: ProxyServices | undefined): void {
  app.get('/metrics', async (_request, reply) => await reply.type(METRICS_TYPE).send(metrics(registry, proxyServices)))
  app.get('/proxy-services', async () => listingOf(proxyViews(proxyServices)))
  app.get('/groups', async () => listingOf([...registry.groups.values()].map(group => groupView(group, registry))))
  app.get('/endpoints', async () => listingOf([...registry.endpoints.values()].map(leaf => endpointView(leaf, registry))))
  // Names may hold slashes, and may be longer than a parameter.
  app.get<Named>('/endpoints/*', async request => endpointDetail(findOne(registry.endpoints.values(), request.params['*']), registry))
  app.post<Switching>('/endpoints', async ({ body, log }) => change(registry, body?.name, body?.status, log))
  app.post<Named & Switching>('/endpoints/*', async ({ body, params, log }) => change(registry, params['*'], body?.status, log))
}

const listingOf = <T>(list: readonly T[]): { count: number, list: readonly T[] } => ({ count: list.length, list })

/** Switches an endpoint, or all endpoints of a group. */
function change (registry: Registry, name: unknown, wanted: unknown, log: FastifyBaseLogger): { Message: string, list: EndpointView[] } {
  if (typeof name !== 'string' || typeof wanted !== 'string') throw new HttpError(400, 'a JSON object is needed: {"name": …, "status": …}')
  const status = wanted.toLowerCase()
  if (!isSwitch(status)) throw new HttpError(400, `the status is one of: ${Object.keys(SWITCHES).join(', ')}`)
  const found = findOne([...registry.endpoints.values(), ...registry.groups.values()], name)
  const leaves = registry.endpointsOf(found.name)
  if (leaves.length === 0) throw new HttpError(404, `${redactUrl(found.name)} has no endpoints yet`)
  if (status === 'draining' && leaves.every(({ health }) => health.state === 'off')) throw new HttpError(409, `${redactUrl(found.name)} is off: there is nothing to drain`)
  registry[SWITCHES[status].how](found.name)
  const said = `${redactUrl(found.name)} ${SWITCHES[status].said}`
  log.info({ endpoints: leaves.map(leaf => redactUrl(leaf.name)), status }, `by hand: ${said}`)
  return { Message: said, list: leaves.map(leaf => endpointView(leaf, registry)) }
}

const isSwitch = (status: string): status is keyof typeof SWITCHES => Object.hasOwn(SWITCHES, status)

/** By its name, or by its name as it is shown. */
function findOne<T extends { readonly name: string }> (all: Iterable<T>, name: string): T {
  const list = [...all]
  const [found, ...more] = list.some(each => each.name === name) ? list.filter(each => each.name === name) : list.filter(each => redactUrl(each.name) === name)
  if (found === undefined) throw new HttpError(404, 'nobody has that name')
  if (more.length > 0 && found.name !== name) throw new HttpError(409, 'several have that name, as it is shown')
  return found
}

/** What the client got wrong. */
class HttpError extends Error {
  readonly statusCode: number
  constructor (statusCode: number, message: string) {
    super(message)
    this.statusCode = statusCode
  }
}
