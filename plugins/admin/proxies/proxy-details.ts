import type { FilePosition } from '../../../lib/explain/file-position.js'
import {
  outlineOf,
  type OutlineEndpoint,
  type OutlineStep,
  type ProxyOutline
} from '../../../lib/explain/proxy-outline.js'
import type { ReadDepth } from '../../../lib/message/message.js'
import { Components } from '../../../lib/wsdl/components.js'
import { operationsOf, type Operation } from '../../../lib/wsdl/operations.js'
import { sampleMessage, type SampleMessage } from '../../../lib/wsdl/sample-message.js'
import type { Dispatcher } from '../../gateway/dispatcher.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { HttpError } from '../contract/http-error.js'

/** The session id of requests that operators try. */
const TRY_SESSION = 'try-1'

/** One operation, as the console lists it. */
export interface OperationView {
  readonly name: string
  readonly versions: readonly string[]
}

/** One proxy in detail. */
export interface ProxyDetail {
  readonly name: string
  readonly path: string
  readonly transports: readonly string[]
  readonly isRunning: boolean
  readonly at: FilePosition | null
  readonly flow: ProxyOutline
  /** How much of requests and responses the proxy reads. */
  readonly reads: { readonly request: ReadDepth; readonly response: ReadDepth }
  /** `generated`: the configuration names none. */
  readonly wsdl: 'published' | 'generated' | 'unavailable'
  readonly wsdlProblem: string | null
  /** Of its WSDL; empty where that is generated. */
  readonly operations: readonly OperationView[]
}

/** What a published WSDL offers. */
interface PublishedWsdl {
  readonly components: Components
  readonly operations: readonly Operation[]
}

/** Proxies in detail. WSDLs are read when they are requested, and kept as long as they are published. */
export class ProxyDetails {
  readonly #proxyServices: ProxyServices
  readonly #wsdls = new WeakMap<Buffer, PublishedWsdl>()

  constructor (proxyServices: ProxyServices) {
    this.#proxyServices = proxyServices
  }

  /** @param withValues whether values of the configuration are shown. @throws HttpError 404 */
  detail (name: string, withValues: boolean): ProxyDetail {
    const dispatcher = this.dispatcherOf(name)
    const { configuration, publisher } = dispatcher
    const { transports, isRunning, reads } = configuration.services.get(name)!
    const { expanded: definitions, locations, endpointNames } = configuration
    const flow = outlineOf(name, { definitions, locations, endpointNames, withValues })!
    const wsdl = this.#wsdlOf(dispatcher, name)
    const isGiven = definitions.proxies![name]!.wsdl !== undefined
    return {
      name,
      path: pathOf(dispatcher, name),
      transports,
      isRunning,
      at: flow.at,
      flow: redacted(flow),
      reads,
      wsdl: wsdl !== undefined ? 'published' : isGiven ? 'unavailable' : 'generated',
      wsdlProblem: publisher.problem(name) ?? null,
      operations:
        wsdl?.operations.map(operation => ({
          name: operation.name,
          versions: operation.bindings.map(({ version }) => version)
        })) ?? []
    }
  }

  /** A request for a proxy. @param operation undefined: its Body is empty. @throws HttpError 404 */
  sample (name: string, operation: string | undefined, version: '1.1' | '1.2'): SampleMessage {
    const dispatcher = this.dispatcherOf(name)
    const wsdl = this.#wsdlOf(dispatcher, name)
    const found = wsdl?.operations.find(each => each.name === operation)
    if (operation !== undefined && found === undefined) {
      throw new HttpError(404, `the WSDL of "${name}" has no operation "${operation}"`)
    }
    const { expanded: definitions, locations, endpointNames } = dispatcher.configuration
    const flow = outlineOf(name, { definitions, locations, endpointNames, withValues: false })!
    const clientId = usesClientId(flow) ? TRY_SESSION : undefined
    return sampleMessage(wsdl?.components, { version, operation: found, clientId })
  }

  /** The dispatcher that serves a proxy. @throws HttpError 404 */
  dispatcherOf (name: string): Dispatcher {
    for (const dispatcher of this.#proxyServices) if (dispatcher.configuration.services.has(name)) return dispatcher
    throw new HttpError(404, `no proxy is called "${name}"`)
  }

  #wsdlOf ({ publisher }: Dispatcher, name: string): PublishedWsdl | undefined {
    const documents = publisher.documents(name)
    const [first] = documents ?? []
    if (documents === undefined || first === undefined) return undefined
    let wsdl = this.#wsdls.get(first)
    if (wsdl === undefined) {
      const components = new Components(documents)
      this.#wsdls.set(first, (wsdl = { components, operations: operationsOf(components) }))
    }
    return wsdl
  }
}

/** The path of a proxy in its app. */
export const pathOf = ({ operatorRequests: { prefix } }: Dispatcher, name: string): string =>
  `${prefix}/services/${encodeURIComponent(name)}`

/** Names of endpoints may be addresses, and addresses may hold secrets. */
function redacted (flow: ProxyOutline): ProxyOutline {
  const endpoint = (each: OutlineEndpoint | null): OutlineEndpoint | null =>
    each === null ? null : { ...each, name: redactUrl(each.name) }
  const steps = (all: readonly OutlineStep[]): OutlineStep[] =>
    all.map(each => ({
      ...each,
      text: redactUrl(each.text),
      endpoint: endpoint(each.endpoint),
      branches: each.branches.map(branch => ({ ...branch, steps: steps(branch.steps) }))
    }))
  return {
    ...flow,
    in: steps(flow.in),
    endpoint: endpoint(flow.endpoint),
    out: flow.out && steps(flow.out),
    fault: flow.fault && { ...flow.fault, steps: steps(flow.fault.steps) }
  }
}

function usesClientId ({ in: steps, endpoint }: Pick<ProxyOutline, 'in' | 'endpoint'>): boolean {
  const isClientId = (each: OutlineEndpoint | null): boolean => each?.session === 'simpleClientSession'
  const uses = (all: readonly OutlineStep[]): boolean =>
    all.some(each => isClientId(each.endpoint) || each.branches.some(branch => uses(branch.steps)))
  return isClientId(endpoint) || uses(steps)
}
