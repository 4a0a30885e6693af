import type { FastifyBaseLogger } from 'fastify'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import type { Registry } from '../../../lib/state/registry.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { logHandChange, printable } from '../contract/hand-change.js'
import { HttpError } from '../contract/http-error.js'
import type { EndpointView } from '../contract/schemas.js'
import { endpointView } from './endpoint-views.js'

/** What an operator may set. `on` and `off` are ours; `active` and `inactive` are those of WSO2 Micro Integrator. */
const SWITCHES = {
  on: { method: 'switchOn', message: 'is switched on' },
  active: { method: 'switchOn', message: 'is switched on' },
  off: { method: 'switchOff', message: 'is switched off' },
  inactive: { method: 'switchOff', message: 'is switched off' },
  draining: { method: 'drain', message: 'is draining' }
} as const

/** All values of `status` that a request may carry. */
export const SWITCH_STATUSES = Object.keys(SWITCHES) as (keyof typeof SWITCHES)[]

/** A request to switch an endpoint, or all endpoints of a group. */
export interface SwitchRequest {
  readonly name: string
  /** One of `SWITCH_STATUSES`, in any case. */
  readonly status: string
  /** The state that the caller saw. Where an endpoint has another one by now, nothing is switched (409). */
  readonly if?: string | undefined
  /** The name that the operator gives, for the log. */
  readonly by?: string | undefined
  /** The address that the request came from, for the log. */
  readonly remote: string
}

export interface SwitchResult {
  readonly Message: string
  readonly list: EndpointView[]
}

/** @throws HttpError 400 unknown status, 404 unknown name, 409 ambiguous name or a state that does not allow it */
export function switchEndpoints (registry: Registry, request: SwitchRequest, log: FastifyBaseLogger): SwitchResult {
  const status = request.status.toLowerCase()
  if (!isSwitch(status)) {
    const known = SWITCH_STATUSES.join(', ')
    throw new HttpError(400, `unknown status "${printable(request.status)}" (one of: ${known})`)
  }
  const { name } = findByName([...registry.endpoints.values(), ...registry.groups.values()], request.name)
  const endpoints = registry.endpointsOf(name)
  const shown = redactUrl(name)
  if (endpoints.length === 0) throw new HttpError(404, `${shown} has no endpoints yet`)
  checkState(registry, endpoints, status, request.if, shown)
  const before = endpoints.map(({ health }) => health.state)
  registry[SWITCHES[status].method](name)
  const message = `${shown} ${SWITCHES[status].message}`
  logHandChange(log, message, {
    endpoints: endpoints.map(endpoint => redactUrl(endpoint.name)),
    status,
    before,
    after: endpoints.map(({ health }) => health.state),
    remote: request.remote,
    by: request.by
  })
  return { Message: message, list: endpoints.map(endpoint => endpointView(endpoint, registry)) }
}

function checkState (
  registry: Registry,
  endpoints: readonly EndpointState[],
  status: string,
  expected: string | undefined,
  shown: string
): void {
  const changed = expected !== undefined && endpoints.find(each => registry.healthOf(each).state !== expected)
  if (changed) {
    throw new HttpError(
      409,
      `${redactUrl(changed.name)} is ${registry.healthOf(changed).state} by now, not ${printable(expected)}`
    )
  }
  if (status === 'draining' && endpoints.every(({ health }) => health.state === 'off')) {
    throw new HttpError(409, `${shown} is off and cannot be drained`)
  }
}

const isSwitch = (status: string): status is keyof typeof SWITCHES => Object.hasOwn(SWITCHES, status)

/** Finds by name, or by the name as it is shown. @throws HttpError 404 unknown, 409 ambiguous */
export function findByName<T extends { readonly name: string }> (all: Iterable<T>, name: string): T {
  const list = [...all]
  const exact = list.filter(each => each.name === name)
  const [found, ...more] = exact.length > 0 ? exact : list.filter(each => redactUrl(each.name) === name)
  if (found === undefined) throw new HttpError(404, `unknown name "${printable(name)}"`)
  if (more.length > 0 && found.name !== name) {
    throw new HttpError(409, `the name "${printable(name)}" is ambiguous: several endpoints are shown by it`)
  }
  return found
}
