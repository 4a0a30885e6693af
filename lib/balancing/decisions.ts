import type { Decision, Delivery } from '../contracts/flow.js'
import type { EndpointState } from '../state/endpoint-state.js'
import type { Registry } from '../state/registry.js'

/** Decisions of one delivery that are kept between two attempts. */
const MAX_DECISIONS = 100

/** Keeps a decision until the next attempt, or until there is none. */
export function noteDecision (
  delivery: Delivery, kind: Decision['kind'] | undefined, endpoint: EndpointState, registry: Registry
): void {
  const decisions = (delivery.decisions ??= [])
  if (decisions.length === MAX_DECISIONS) return
  decisions.push(decisionAbout(endpoint, registry, kind))
}

/** A decision about an endpoint as it is now. @param kind undefined: its state keeps messages away */
export const decisionAbout = (endpoint: EndpointState, registry: Registry, kind?: Decision['kind']): Decision => ({
  kind: kind ?? (registry.isFailing(endpoint) ? 'failing' : 'not-ready'),
  endpoint,
  health: registry.healthOf(endpoint)
})

/** Why an endpoint was passed over, in words that follow its name. @param now milliseconds since 1970 */
export function reasonOfDecision ({ kind, endpoint, health }: Decision, now: number): string {
  if (kind === 'failing') return `its health check fails${causeText(endpoint.checked?.cause)}`
  if (kind === 'full') return 'it has as many requests in flight as it may'
  switch (health.state) {
    case 'suspended':
    case 'timeout': {
      const seconds = Math.max(0, Math.ceil((health.retryAt - now) / 1000))
      const word = health.state === 'timeout' ? 'in timeout' : 'suspended'
      return `${word} for another ${seconds} s${causeText(health.cause)}`
    }
    case 'half-open':
      return 'half-open, and another message is its trial'
    case 'off':
      return 'switched off'
    case 'draining':
      return 'draining: it accepts bound sessions only'
    default:
      return 'not ready'
  }
}

const causeText = (cause: string | undefined): string => (cause === undefined ? '' : ` (${cause})`)
