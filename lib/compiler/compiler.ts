import { chain, withErrorHandler, endpointWithErrorHandler, type Chain } from '../pipeline/chain.js'
import type { Definitions, Proxy, Sequence } from '../definitions/model.js'
import { problemAt, type SourceLocation, type SourceLocations, type Problem } from '../definitions/problem.js'
import { adviceToDefine } from '../contracts/fields.js'
import { compileExpression, type ExpressionConfig } from '../expression/expression.js'
import { systemProperties } from '../expression/system.js'
import { createEndpoint, type AnyKind, type BuildContext, type Endpoint, type EndpointDefaults, type Kinds, type RequirementsOf } from '../contracts/kind.js'
import type { WatchMembers } from '../contracts/discovery.js'
import type { ReadDepth } from '../message/message.js'
import { inSequence, deepest, READS_NOTHING, analyzeReads } from '../pipeline/read-depth.js'
import type { StateLease } from '../state/registry.js'
import type { ProxyService } from '../pipeline/service.js'

/** What the outside supplies: time, chance and environment. */
export interface Runtime {
  /** Milliseconds. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  readonly uuid: () => string
  readonly environment: (name: string) => string | undefined
  /** What holds for endpoints that say nothing themselves; stands above the defaults of the configuration. */
  readonly endpointDefaults?: EndpointDefaults | undefined
  /** Without it, a dynamic group has no members. */
  readonly watchMembers?: WatchMembers | undefined
}

/** A mistake of the program, or of a configuration that nobody checked, and no message for a user. */
const isBug = (error: Error): boolean => error instanceof TypeError && !('code' in error)

/** The part of this name; names like those that every object has are nothing special. */
const ownEntry = <T>(parts: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  parts !== undefined && Object.hasOwn(parts, name) ? parts[name] : undefined

/** Builds named things as they are asked for, each once, and keeps account of what is wrong with them. */
export class Compiler {
  readonly problems: Problem[] = []
  /** Whether anything was not built: from then on only problems are of interest. */
  #broken = false
  readonly warnings: Problem[] = []
  /** What must end if nothing comes of it. */
  readonly disposers: (() => void)[] = []
  readonly #definitions: Definitions
  readonly #locations: SourceLocations
  readonly #kinds: Kinds
  readonly #scope: string
  readonly #context: BuildContext
  readonly #reads: RequirementsOf
  readonly #sequences = new Map<string, Chain>()
  readonly #endpoints = new Map<string, Endpoint>()
  /** Whom the nameless things belong to that are being built, and how often each name was given. */
  #owner = { name: '', given: new Map<string, number>() }
  /** What is being built. */
  #current: object = {}

  constructor (definitions: Definitions, world: Runtime, claim: StateLease, origins: SourceLocations, kinds: Kinds, scope: string) {
    this.#definitions = definitions
    this.#locations = origins
    this.#kinds = kinds
    this.#scope = scope
    const entry = (key: string): string | undefined => {
      const found = ownEntry(definitions.localEntries, key)
      return found !== undefined && 'text' in found ? found.text : undefined
    }
    const surroundings = { localEntry: entry, now: world.now, systemProperty: systemProperties(world.environment('JAVA_OPTS')) }
    const expression = (config: ExpressionConfig) => compileExpression(config, surroundings)
    this.#context = {
      ...world,
      registry: claim.registry,
      lease: claim,
      localEntry: entry,
      expression: config => {
        const compiled = expression(config)
        if (compiled.calls.some(({ name, args: [scope] }) => name === 'get-property' && scope === 'registry')) {
          this.#context.warn(
            'get-property("registry", …) is always empty: registries are not read',
            'write the resource as <localEntry key="…"> and read it with get-property("…")'
          )
        }
        return compiled
      },
      mediators: configs => this.#chain(configs as Sequence),
      sequence: key => this.sequence(key),
      endpoint: config => this.#endpointOf(config),
      endpointByKey: key => this.endpoint(key),
      endpointDefaults: { ...definitions.defaults, ...world.endpointDefaults },
      watchMembers: (source, changed) => {
        const end = world.watchMembers?.(source, changed) ?? (() => {})
        this.disposers.push(end)
        return end
      },
      warn: (message, hint) => { this.warnings.push(problemAt(this.#locations.get(this.#current), message, hint, 'warning')) },
      algorithm: config => this.#build(this.#kinds.algorithms, config, members => () => members.keys()),
      session: config => this.#build(this.#kinds.sessions, config, { idsInRequest: () => [], onLost: 'strict', policy: { timeout: 0, expiry: 'sliding', maxSessions: 1 } }),
      generatedName: what => {
        const count = (this.#owner.given.get(what) ?? 0) + 1
        this.#owner.given.set(what, count)
        return `${this.#owner.name} ${what}${count > 1 ? ` #${count}` : ''}`
      }
    }
    this.#reads = analyzeReads({
      kinds,
      sequence: key => ownEntry(definitions.sequences, key),
      endpoint: key => ownEntry(definitions.endpoints, key),
      endpoints: Object.keys(definitions.endpoints ?? {}),
      expression: (config): ReadDepth => { try { return expression(config).depth } catch { return 'nothing' } }
    })
  }

  service (name: string, proxy: Proxy): ProxyService {
    const handler = proxy.fault ?? (this.#definitions.sequences?.['fault'] && [{ kind: 'sequence', key: 'fault' }])
    return this.#asOwner(name, () => ({
      name,
      transports: proxy.transports ?? ['http', 'https'],
      active: proxy.startOnLoad !== false,
      in: this.#chain(proxy.in ?? []),
      endpoint: proxy.endpoint && this.#context.endpoint(proxy.endpoint),
      out: proxy.out && this.#chain(proxy.out),
      fault: handler && this.#chain(handler),
      reads: this.#broken ? READS_NOTHING : this.#readsOf(proxy)
    }))
  }

  #readsOf (proxy: Proxy): ProxyService['reads'] {
    const forth = inSequence(this.#reads.chain(proxy.in ?? []), proxy.endpoint === undefined ? READS_NOTHING : { ...this.#reads.endpoint(proxy.endpoint), responds: true, passesOn: false })
    const back = this.#reads.chain(proxy.out ?? [])
    return {
      request: forth.entersOut ? deepest(forth.request, back.request) : forth.request,
      response: [forth.response, back.request, back.response].reduce(deepest)
    }
  }

  /** @throws RangeError if none has that name */
  sequence (key: string): Chain {
    const config = ownEntry(this.#definitions.sequences, key)
    if (config === undefined) throw new RangeError(`no sequence is called "${key.slice(0, 100)}"`)
    return this.#once(this.#sequences, key, ahead => message => ahead()(message), () => this.#chain(config))
  }

  /** Undefined, if none has that name. */
  endpoint (key: string): Endpoint | undefined {
    const config = ownEntry(this.#definitions.endpoints, key)
    if (config === undefined) return undefined
    return this.#once(this.#endpoints, key,
      ahead => Object.assign((...given: Parameters<Endpoint>) => ahead()(...given), { endpointName: key }),
      () => this.#context.endpoint(this.#locatedAt(this.#locations.get(config), { name: key, ...config })))
  }

  /** Builds a named thing at most once, so that all who refer to it share its state; also those that it refers to itself. */
  #once<T> (built: Map<string, T>, key: string, promise: (ahead: () => T) => T, build: () => T): T {
    const known = built.get(key)
    if (known !== undefined) return known
    built.set(key, promise(() => built.get(key)!))
    const made = this.#asOwner(key, build)
    built.set(key, made)
    return made
  }

  /** What is built meanwhile and has no name is named after this owner. */
  #asOwner<T> (name: string, build: () => T): T {
    const before = this.#owner
    this.#owner = { name: this.#scope + name, given: new Map() }
    try { return build() } finally { this.#owner = before }
  }

  #chain (sequence: Sequence): Chain {
    const { onError, mediators } = 'mediators' in sequence ? sequence : { onError: undefined, mediators: sequence }
    const built = chain(mediators.map(config => this.#build(this.#kinds.mediators, config, message => ({ to: 'next', message }))))
    const handler = this.#handlerOf(sequence, onError)
    return handler === undefined ? built : withErrorHandler(built, handler)
  }

  #endpointOf (config: unknown): Endpoint {
    const nobody: Endpoint = Object.assign(function * () { return { kind: 'refused', fault: { code: 0, reason: 'not built' } } as const }, { endpointName: '' })
    const { onError, properties } = config as { onError?: string, properties?: readonly object[] }
    const bare = this.#build(this.#kinds.endpoints, config, nobody)
    const built = properties === undefined ? bare : this.#attempt(config as object, bare, () => this.#withProperties(bare, properties, this.#locations.get(config as object)))
    const handler = this.#handlerOf(config as object, onError)
    return handler === undefined ? built : endpointWithErrorHandler(built, handler)
  }

  /** Undefined where none has that name: failures then go on as if nobody handled them (Synapse: SequenceMediator). */
  #handlerOf (config: object, onError: string | undefined): Chain | undefined {
    if (onError === undefined) return undefined
    if (ownEntry(this.#definitions.sequences, onError) !== undefined) return this.sequence(onError)
    this.warnings.push(problemAt(this.#locations.get(config), `no sequence is called "${onError}": what fails here is not handled by it`, adviceToDefine('sequence', onError), 'warning'))
    return undefined
  }

  /** The properties of an endpoint are set on every message that goes to it (Synapse: AbstractEndpoint). */
  #withProperties (endpoint: Endpoint, properties: readonly object[], origin: SourceLocation | undefined): Endpoint {
    const dress = this.#chain(properties.map(each => this.#locatedAt(origin, { kind: 'property', ...each })))
    return createEndpoint(endpoint.endpointName, function * (message, bound) {
      return yield * endpoint((yield * dress(message)).message, bound)
    })
  }

  /** What is made here of a configuration stands where that does. */
  #locatedAt<T extends object> (origin: SourceLocation | undefined, made: T): T {
    if (origin !== undefined) this.#locations.set(made, origin)
    return made
  }

  #build<T> (kinds: readonly AnyKind<T>[], config: unknown, placeholder: T): T {
    const { kind, ...rest } = config as { kind: string, [field: string]: unknown }
    const found = kinds.find(({ name }) => name === kind)
    return found === undefined ? placeholder : this.#attempt(config as object, placeholder, () => found.build(rest, this.#context))
  }

  /** What cannot be built is a problem at its place, and something harmless takes its place until all problems are known. */
  #attempt<T> (config: object, harmless: T, build: () => T): T {
    const outer = this.#current
    this.#current = config
    try {
      return build()
    } catch (error) {
      this.#broken = true
      const origin = this.#locations.get(config)
      if (origin?.damaged) return harmless
      if (!(error instanceof Error) || isBug(error)) throw error
      this.problems.push(problemAt(origin, error.message))
      return harmless
    } finally {
      this.#current = outer
    }
  }
}
