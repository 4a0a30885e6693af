import { decisionAbout, reasonOfDecision } from '../balancing/decisions.js'
import type { CompiledConfiguration } from '../compiler/compile.js'
import type { EndpointState } from '../state/endpoint-state.js'
import type { Registry } from '../state/registry.js'
import type { Sliced } from '../slices/sliced-work.js'
import { definitionOfEndpoint } from './endpoint-definitions.js'
import { ObservedRegistry } from './observed-registry.js'
import { filePositionOf, type FilePosition } from './file-position.js'
import { proxyTarget, sampleRequest } from './sample-request.js'
import type { TraceStep } from './trace-steps.js'
import { trace, Trace } from './trace.js'

/** The proxy and the message to explain. */
export interface Question {
  readonly proxy: string
  /** A whole HTTP request, or a body. Default: an empty SOAP message. */
  readonly request?: Buffer | undefined
  /** `live`: endpoints and sessions as they are now. `fresh`: as if nothing had happened. */
  readonly state: 'live' | 'fresh'
  /** Endpoints that do not respond; the others do. */
  readonly down: readonly string[]
  /** The member that the session is bound to. Default: as it is. */
  readonly session?: string | undefined
}

/** Steps with the name of the request line. */
export interface LiveExplanation {
  readonly request: string
  readonly steps: readonly TraceStep[]
  /** Where the configuration has each step: its endpoint, or the mediator that ran; null: in no text. */
  readonly positions: readonly (FilePosition | null)[]
}

/**
 * Explains what a configuration would do with a request now. It runs on a copy: it moves no rotation, binds no session
 * and sends nothing. Undefined: there is no such proxy.
 * @param running the state of the configuration that runs
 */
export function * liveTrace (
  configuration: CompiledConfiguration,
  running: Registry,
  { uuid }: { readonly uuid: () => string },
  question: Question
): Sliced<LiveExplanation | undefined> {
  const registry = new ObservedRegistry(running.now, question.state === 'live' ? running : undefined)
  const kept = new Trace()
  const copy = yield * configuration.copy(registry, mediator => {
    kept.now = mediator
  })
  const service = copy.services.get(question.proxy)
  if (service === undefined) return undefined
  registry.adoptAll()
  const decisions = new Decisions(registry, kept)
  registry.onDecision = (endpoint, isAccepted) => decisions.add(endpoint, isAccepted)
  const request = sampleRequest(service, proxyTarget(question.proxy), question.request)
  const owner = question.session
  const steps = trace(
    service,
    request,
    {
      uuid,
      responds: name => !question.down.includes(name),
      ownerOf (group, id) {
        const name = owner ?? (question.state === 'live' ? ownerIn(running, group.name, id) : undefined)
        const member = name === undefined ? -1 : group.memberIds.indexOf(name)
        decisions.ofSession(group.name, member >= 0)
        return member < 0 ? undefined : member
      }
    },
    kept
  )
  const ran = [...kept.running, kept.now]
  const positions = steps.map((step, at) => {
    const name = 'endpoint' in step ? step.endpoint : 'group' in step ? step.group : undefined
    const definition = name === undefined ? undefined : definitionOfEndpoint(configuration, name)
    return filePositionOf(definition ?? ran[at], configuration.locations)
  })
  return { request: `${request.method} /services/${question.proxy}${request.path}${request.query}`, steps, positions }
}

const ownerIn = (running: Registry, group: string, id: string): string | undefined =>
  running.groups.get(group)?.sessions === undefined ? undefined : running.sessionOwner(group, id)

/** Turns decisions about endpoints into steps: the choice of their group once, then each that is passed over. */
class Decisions {
  readonly #registry: Registry
  readonly #kept: Trace
  readonly #chosen = new Set<string>()

  constructor (registry: Registry, kept: Trace) {
    this.#registry = registry
    this.#kept = kept
  }

  /** A session that is bound leaves nothing to choose. */
  ofSession (group: string, isBound: boolean): void {
    if (isBound) this.#chosen.add(group)
  }

  add (endpoint: EndpointState, isAccepted: boolean): void {
    this.#choice(endpoint)
    if (!isAccepted) {
      const reason = reasonOfDecision(decisionAbout(endpoint, this.#registry), this.#registry.now())
      this.#kept.add({ kind: 'passed', endpoint: endpoint.name, reason })
    } else if (this.#registry.healthOf(endpoint).state === 'half-open') {
      this.#kept.add({ kind: 'trial', endpoint: endpoint.name })
    }
  }

  #choice (endpoint: EndpointState): void {
    const group = [...this.#registry.groups.values()].find(
      each => each.kind !== 'recipientlist' && this.#registry.endpointsOf(each.name).includes(endpoint)
    )
    if (group === undefined || this.#chosen.has(group.name)) return
    this.#chosen.add(group.name)
    const isReady = (member: string): boolean =>
      this.#registry.endpointsOf(member).some(each => this.#registry.isReady(each))
    const ready = group.members.filter(isReady)
    const members = group.kind === 'failover' ? ready.slice(0, 1) : ready
    this.#kept.add({ kind: 'choice', group: group.name, manner: group.kind, members })
  }
}
