import { chain, withoutEffects, type Chain } from '../pipeline/chain.js'
import { endpointWithErrorHandler } from '../pipeline/send-and-receive.js'
import type { Sequence } from '../definitions/model/kind-definitions.js'
import type { ApiResource, Definitions, Proxy } from '../definitions/model/model.js'
import type { CompilerOptions } from './compiler-options.js'
import { environmentOf, ownEntry } from './expression-environment.js'
import type { Runtime } from './runtime.js'
import { warnOfUnreadResources } from './registry-expressions.js'
import { problemAt, type SourceLocation, type SourceLocations, type Problem } from '../definitions/model/problem.js'
import { adviceToDefine } from '../contracts/fields.js'
import { GeneratedNames } from './generated-names.js'
import { NamedPart, type PartSource } from './named-part.js'
import type { BuildPlan } from '../definitions/checking/build-plan.js'
import { nodeOf, nounOf } from '../definitions/checking/reference-graph.js'
import type { Sliced } from '../slices/sliced-work.js'
import { orFailing } from '../expression/failing-expression.js'
import { compileExpression, type ExpressionConfig } from '../expression/expression.js'
import { createReservingEndpoint, type Endpoint } from '../contracts/endpoint.js'
import { NO_ALGORITHM, NO_ENDPOINT, NO_MEDIATOR, NO_SESSION } from './unbuilt.js'
import type { AnyKind, Kinds } from '../contracts/kind.js'
import type { BuildContext } from '../contracts/build-context.js'
import type { Mediator } from '../contracts/mediator.js'
import type { ReadDepth } from '../message/message.js'
import { matchersOf, type Matchers } from '../rest/api.js'
import { READS_NOTHING, analyzeReads, type ReadAnalysis } from '../pipeline/read-depth.js'
import { withParameters } from './template-parameters.js'
import type { StateLease } from '../state/state-lease.js'
import { serviceReads } from './service-reads.js'
import { synchronous } from './synchronous.js'
import type { ProxyService } from '../pipeline/service.js'
import { noteLevels, runNested } from '../pipeline/nesting.js'

/** Runs before all other sequences. @see Synapse: SynapseConstants, MANDATORY_SEQUENCE_KEY */
const MANDATORY = 'pre-mediate'

/** A bug rather than a configuration error. */
const isBug = (error: Error): boolean => error instanceof TypeError && !('code' in error)

/** Builds named parts on demand, each once, and collects their problems. */
export class PartBuilder {
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  /** Names in the registry of endpoints, by their definitions. */
  readonly endpointNames = new WeakMap<object, string>()
  /** To be called if the configuration is not used after all. */
  readonly disposers: (() => void)[] = []
  /** Whether a part could not be built: then only further problems are of interest. */
  #broken = false
  readonly #definitions: Definitions
  readonly #locations: SourceLocations
  readonly #kinds: Kinds
  readonly #context: BuildContext
  readonly #reads: ReadAnalysis
  readonly #onMediator: CompilerOptions['onMediator']
  readonly #sequences = new Map<string, NamedPart<Chain>>()
  readonly #endpoints = new Map<string, NamedPart<Endpoint>>()
  readonly #plan: BuildPlan
  readonly #names: GeneratedNames
  /** The configuration that is being built. */
  #current: object = {}

  constructor (definitions: Definitions, options: CompilerOptions) {
    const { runtime, lease, locations, kinds, scope, documents, onMediator, plan } = options
    this.#plan = plan
    this.#definitions = definitions
    this.#onMediator = onMediator
    this.#locations = locations
    this.#kinds = kinds
    this.#names = new GeneratedNames(scope)
    const evaluation = environmentOf(definitions, runtime, documents)
    const expression = (config: ExpressionConfig) => compileExpression(config, evaluation)
    this.#context = this.#contextOf(runtime, lease, evaluation.localEntry, expression)
    this.#reads = analyzeReads({
      kinds,
      sequence: key => ownEntry(definitions.sequences, key),
      endpoint: key => ownEntry(definitions.endpoints, key),
      endpoints: plan.steps.flatMap(({ category, name, isDone }) => category === 'endpoints' && isDone ? name : []),
      expression: (config): ReadDepth => { try { return expression(config).depth } catch { return 'nothing' } }
    })
  }

  #contextOf (
    runtime: Runtime, lease: StateLease, localEntry: BuildContext['localEntry'], expression: BuildContext['expression']
  ): BuildContext {
    const warn: BuildContext['warn'] = (message, hint, code = 'message-failure') => {
      this.warnings.push(problemAt(this.#locations.get(this.#current), code, message, hint, 'warning'))
    }
    const hint: BuildContext['hint'] = (message, advice) => {
      this.warnings.push(problemAt(this.#locations.get(this.#current), 'no-effect', message, advice, 'hint'))
    }
    return {
      ...runtime,
      registry: lease.registry,
      lease,
      localEntry,
      warn,
      hint,
      expression: config => warnOfUnreadResources(orFailing(() => expression(config), warn), localEntry, warn),
      mediators: configs => this.#chain(configs as Sequence),
      sequence: key => this.sequence(key),
      endpoint: config => this.#endpointOf(config),
      endpointByKey: key => this.endpoint(key),
      endpointDefaults: { ...this.#definitions.defaults, ...runtime.endpointDefaults },
      watchMembers: (source, changed) => {
        const stop = runtime.watchMembers?.(source, changed) ?? (() => {})
        this.disposers.push(stop)
        return stop
      },
      algorithm: config => this.#build(this.#kinds.algorithms, config, NO_ALGORITHM),
      session: config => this.#build(this.#kinds.sessions, config, NO_SESSION),
      generatedName: what => this.#names.next(what)
    }
  }

  service (name: string, proxy: Proxy): ProxyService {
    const handler = proxy.fault ?? (this.#definitions.sequences?.['fault'] && [{ kind: 'sequence', key: 'fault' }])
    return this.#names.within(name, () => ({
      name,
      transports: proxy.transports ?? ['http', 'https'],
      webSocket: proxy.websocket,
      isRunning: proxy.startOnLoad !== false,
      in: this.#afterMandatory(this.#chain(proxy.in ?? [])),
      endpoint: proxy.endpoint && this.#context.endpoint(proxy.endpoint),
      out: this.#outOf(proxy),
      fault: handler && this.#chain(handler),
      reads: this.#broken ? READS_NOTHING : serviceReads(this.#reads, MANDATORY, proxy)
    }))
  }

  /** Runs the mandatory sequence first, where there is one. @see WSO2, Axis2SynapseEnvironment.injectMessage */
  #afterMandatory (inner: Chain): Chain {
    const isThere = ownEntry(this.#definitions.sequences, MANDATORY) !== undefined
    return isThere ? chain([this.sequence(MANDATORY), inner]) : inner
  }

  /** Undefined: responses go to the client as they are. */
  #outOf ({ out }: Proxy): Chain | undefined {
    if (out !== undefined) return this.#afterMandatory(this.#chain(out))
    if (ownEntry(this.#definitions.sequences, MANDATORY) === undefined) return undefined
    return this.#afterMandatory(chain([message => ({ to: 'client', message })]))
  }

  /** The matchers of a resource, or none if they are malformed. */
  matchers (resource: ApiResource): Matchers {
    return this.#attempt(resource, {}, () => matchersOf(resource))
  }

  /**
   * Builds all named parts and computes what they read, one a slice. Each is built after those that it refers to, so
   * that a long chain of them needs no deep stack; a reference that closes a circle is resolved for each message.
   */
  * buildNamedParts (): Sliced<void> {
    for (const { category, name, isDone } of this.#plan.steps) {
      const part = category === 'sequences' ? this.#sequencePart(name) : this.#endpointPart(name)
      if (isDone) part.finish()
      else part.begin()
      yield
    }
    if (!this.#broken) yield * this.#reads.settle(this.#plan)
  }

  /** @throws RangeError for an unknown key */
  sequence (key: string): Chain {
    if (ownEntry(this.#definitions.sequences, key) === undefined) {
      throw new RangeError(`unknown sequence "${key.slice(0, 100)}"`)
    }
    return this.#sequencePart(key).get()
  }

  /** Undefined for an unknown key. */
  endpoint (key: string): Endpoint | undefined {
    return ownEntry(this.#definitions.endpoints, key) === undefined ? undefined : this.#endpointPart(key).get()
  }

  #sequencePart (key: string): NamedPart<Chain> {
    return this.#part(this.#sequences, 'sequences', key, () => {
      const config = this.#definitions.sequences![key]!
      const what = `the ${nounOf('sequences', config)} "${key}"`
      return {
        forwarder: resolve => message => runNested(resolve(), message, what),
        build: () => this.#chain(config)
      }
    })
  }

  #endpointPart (key: string): NamedPart<Endpoint> {
    return this.#part(this.#endpoints, 'endpoints', key, () => {
      const config = this.#definitions.endpoints![key]!
      return {
        forwarder: resolve => createReservingEndpoint(key, (...parameters) => resolve().reserve(...parameters)),
        build: () => this.#context.endpoint(this.#locatedAt(this.#locations.get(config), { name: key, ...config }))
      }
    })
  }

  #part<T extends object>(
    parts: Map<string, NamedPart<T>>, category: string, key: string, source: () => PartSource<T>
  ): NamedPart<T> {
    const known = parts.get(key)
    if (known !== undefined) return known
    const { forwarder, build } = source()
    const part = new NamedPart(forwarder, () => {
      const built = this.#names.within(key, build)
      noteLevels(built, this.#plan.levels.get(nodeOf(category, key)) ?? 0)
      return built
    })
    parts.set(key, part)
    return part
  }

  #chain (sequence: Sequence): Chain {
    const { onError, mediators } = 'mediators' in sequence ? sequence : { onError: undefined, mediators: sequence }
    const built = mediators.map(config => this.#mediator(config))
    const parameters = 'parameters' in sequence ? sequence.parameters : undefined
    if (parameters !== undefined) {
      built.unshift(message => ({ to: 'next', message: withParameters(message, parameters) }))
    }
    return chain(built, this.#handlerOf(sequence, onError))
  }

  #mediator (config: object): Mediator {
    const mediator = this.#build(this.#kinds.mediators, config, NO_MEDIATOR)
    const report = this.#onMediator
    return report === undefined ? mediator : message => { report(config); return mediator(message) }
  }

  #endpointOf (config: unknown): Endpoint {
    const { onError, properties } = config as { onError?: string; properties?: readonly object[] }
    const bare = this.#build(this.#kinds.endpoints, config, NO_ENDPOINT)
    const built =
      properties === undefined
        ? bare
        : this.#attempt(config as object, bare, () =>
          this.#withProperties(bare, properties, this.#locations.get(config as object))
        )
    this.endpointNames.set(config as object, built.endpointName)
    const handler = this.#handlerOf(config as object, onError)
    return handler === undefined ? built : endpointWithErrorHandler(built, handler)
  }

  /** Undefined for an unknown key: failures then propagate as without a handler. @see Synapse: SequenceMediator */
  #handlerOf (config: object, onError: string | undefined): Chain | undefined {
    if (onError === undefined) return undefined
    if (ownEntry(this.#definitions.sequences, onError) !== undefined) return this.sequence(onError)
    const message = `unknown sequence "${onError}": failures here are not handled by it`
    const advice = adviceToDefine('sequence', onError)
    this.warnings.push(problemAt(this.#locations.get(config), 'missing-reference', message, advice, 'warning'))
    return undefined
  }

  /** Sets the properties of an endpoint on every message that is sent to it. @see Synapse: AbstractEndpoint */
  #withProperties (endpoint: Endpoint, properties: readonly object[], location: SourceLocation | undefined): Endpoint {
    const setProperties = withoutEffects(
      properties.map(each => {
        const config = this.#locatedAt(location, { kind: 'property', ...each })
        return this.#build(this.#kinds.mediators, config, NO_MEDIATOR)
      })
    )
    return createReservingEndpoint(endpoint.endpointName, (message, bound, delivery) =>
      endpoint.reserve(setProperties(message), bound, delivery)
    )
  }

  /** Gives a derived configuration the location of its source. */
  #locatedAt<T extends object>(location: SourceLocation | undefined, config: T): T {
    if (location !== undefined) this.#locations.set(config, location)
    return config
  }

  #build<T>(kinds: readonly AnyKind<T>[], config: unknown, placeholder: T): T {
    const { kind: name, ...fields } = config as { kind: string; [field: string]: unknown }
    const kind = kinds.find(each => each.name === name)
    if (kind === undefined) return placeholder
    return this.#attempt(config as object, placeholder, () => synchronous(kind.name, kind.build(fields, this.#context)))
  }

  /** Reports an error of `build` at the location of the configuration, and returns the placeholder. */
  #attempt<T>(config: object, placeholder: T, build: () => T): T {
    const outer = this.#current
    this.#current = config
    try {
      return build()
    } catch (error) {
      this.#broken = true
      const location = this.#locations.get(config)
      if (location?.damaged) return placeholder
      if (!(error instanceof Error) || isBug(error)) throw error
      this.problems.push(
        problemAt(location, error instanceof RangeError ? 'missing-reference' : 'invalid-value', error.message)
      )
      return placeholder
    } finally {
      this.#current = outer
    }
  }
}
