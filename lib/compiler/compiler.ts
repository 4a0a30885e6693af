import { chain, guarded, handling, type Chain } from '../pipeline/chain.js'
import type { Definitions, Proxy, Sequence } from '../definitions/model.js'
import { problemAt, type Origin, type Origins, type Problem } from '../definitions/problem.js'
import { toDefine } from '../contracts/fields.js'
import { compileExpression, type ExpressionConfig } from '../expression/expression.js'
import { systemProperties } from '../expression/system.js'
import { named, type Affinity, type Algorithm, type Defaults, type Endpoint, type Mediator, type Needs, type NeedsOf, type Tools } from '../contracts/kind.js'
import type { Watch } from '../contracts/discovery.js'
import type { Need } from '../message/message.js'
import { after, most, NO_NEEDS, survey } from '../pipeline/read-depth.js'
import type { Claim } from '../state/registry.js'
import type { Service } from '../pipeline/service.js'

/** What the outside supplies: time, chance and environment. */
export interface World {
  /** Milliseconds. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  readonly uuid: () => string
  readonly environment: (name: string) => string | undefined
  /** What holds for endpoints that say nothing themselves; stands above the defaults of the configuration. */
  readonly defaults?: Defaults | undefined
  /** Without it, a dynamic group has no members. */
  readonly membership?: Watch | undefined
}

interface Buildable { readonly name: string, readonly build: (config: never, tools: Tools) => unknown, readonly needs?: (config: never, of: NeedsOf) => Partial<Needs> }
export type BuildableKinds = Readonly<Record<'mediators' | 'endpoints' | 'algorithms' | 'sessions', readonly Buildable[]>>

/** A mistake of the program, or of a configuration that nobody checked, and no message for a user. */
const isOurs = (error: Error): boolean => error instanceof TypeError && !('code' in error)

/** The part of this name; names like those that every object has are nothing special. */
const own = <T>(parts: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  parts !== undefined && Object.hasOwn(parts, name) ? parts[name] : undefined

/** An expression that asks the registry of the real engines. */
const REGISTRY = /get-property\(\s*(['"])registry\1/

/** Builds named things as they are asked for, each once, and keeps account of what is wrong with them. */
export class Compiler {
  readonly problems: Problem[] = []
  /** Whether anything was not built: from then on only problems are of interest. */
  #broken = false
  readonly warnings: Problem[] = []
  /** What must end if nothing comes of it. */
  readonly ends: (() => void)[] = []
  readonly #definitions: Definitions
  readonly #origins: Origins
  readonly #kinds: BuildableKinds
  readonly #scope: string
  readonly #tools: Tools
  readonly #needs: NeedsOf
  readonly #sequences = new Map<string, Chain>()
  readonly #endpoints = new Map<string, Endpoint>()
  /** Whom the nameless things belong to that are being built, and how often each name was given. */
  #owner = { name: '', given: new Map<string, number>() }
  /** What is being built. */
  #current: object = {}

  constructor (definitions: Definitions, world: World, claim: Claim, origins: Origins, kinds: BuildableKinds, scope: string) {
    this.#definitions = definitions
    this.#origins = origins
    this.#kinds = kinds
    this.#scope = scope
    const entry = (key: string): string | undefined => {
      const found = own(definitions.localEntries, key)
      return found !== undefined && 'text' in found ? found.text : undefined
    }
    const surroundings = { entries: entry, clock: world.now, system: systemProperties(world.environment('JAVA_OPTS')) }
    const expression = (config: ExpressionConfig) => compileExpression(config, surroundings)
    this.#tools = {
      ...world,
      registry: claim.registry,
      claim,
      entry,
      expression: config => {
        if (REGISTRY.test(config.xpath)) this.#tools.warn('what stands in a registry is always empty: registries are not read', 'write it as <localEntry key="…">, and read it with get-property("…")')
        return expression(config)
      },
      mediators: configs => this.#chain(configs as Sequence),
      sequence: key => this.sequence(key),
      endpoint: config => this.#endpointOf(config),
      endpointByKey: key => this.endpoint(key),
      defaults: { ...definitions.defaults, ...world.defaults },
      membership: (source, changed) => {
        const end = world.membership?.(source, changed) ?? (() => {})
        this.ends.push(end)
        return end
      },
      warn: (message, hint) => { this.warnings.push(problemAt(this.#origins.get(this.#current), message, hint, 'warning')) },
      algorithm: config => this.#build<Algorithm>('algorithms', config, members => () => members.keys()),
      session: config => this.#build<Affinity>('sessions', config, { find: () => [], onLost: 'strict', policy: { timeout: 0, expiry: 'sliding', maxSessions: 1 } }),
      nameFor: what => {
        const count = (this.#owner.given.get(what) ?? 0) + 1
        this.#owner.given.set(what, count)
        return `${this.#owner.name} ${what}${count > 1 ? ` #${count}` : ''}`
      }
    }
    this.#needs = survey({
      kinds,
      sequence: key => own(definitions.sequences, key),
      endpoint: key => own(definitions.endpoints, key),
      endpoints: Object.keys(definitions.endpoints ?? {}),
      expression: (config): Need => { try { return expression(config).need } catch { return 'nothing' } }
    })
  }

  service (name: string, proxy: Proxy): Service {
    const handler = proxy.fault ?? (this.#definitions.sequences?.['fault'] && [{ kind: 'sequence', key: 'fault' }])
    return this.#for(name, () => ({
      name,
      transports: proxy.transports ?? ['http', 'https'],
      active: proxy.startOnLoad !== false,
      in: this.#chain(proxy.in ?? []),
      endpoint: proxy.endpoint && this.#tools.endpoint(proxy.endpoint),
      out: proxy.out && this.#chain(proxy.out),
      fault: handler && this.#chain(handler),
      needs: this.#broken ? NO_NEEDS : this.#needsFor(proxy)
    }))
  }

  #needsFor (proxy: Proxy): Service['needs'] {
    const forth = after(this.#needs.chain(proxy.in ?? []), proxy.endpoint === undefined ? NO_NEEDS : { ...this.#needs.endpoint(proxy.endpoint), answered: true, passed: false })
    const back = this.#needs.chain(proxy.out ?? [])
    return {
      request: forth.turned ? most(forth.request, back.request) : forth.request,
      response: [forth.response, back.request, back.response].reduce(most)
    }
  }

  /** @throws RangeError if none has that name */
  sequence (key: string): Chain {
    const config = own(this.#definitions.sequences, key)
    if (config === undefined) throw new RangeError(`no sequence is called "${key.slice(0, 100)}"`)
    return this.#once(this.#sequences, key, ahead => message => ahead()(message), () => this.#chain(config))
  }

  /** Undefined, if none has that name. */
  endpoint (key: string): Endpoint | undefined {
    const config = own(this.#definitions.endpoints, key)
    if (config === undefined) return undefined
    return this.#once(this.#endpoints, key,
      ahead => Object.assign((...given: Parameters<Endpoint>) => ahead()(...given), { called: key }),
      () => this.#tools.endpoint(this.#standingAt(this.#origins.get(config), { name: key, ...config })))
  }

  /** Builds a named thing at most once, so that all who refer to it share its state; also those that it refers to itself. */
  #once<T> (built: Map<string, T>, key: string, promise: (ahead: () => T) => T, build: () => T): T {
    const known = built.get(key)
    if (known !== undefined) return known
    built.set(key, promise(() => built.get(key)!))
    const made = this.#for(key, build)
    built.set(key, made)
    return made
  }

  /** What is built meanwhile and has no name is named after this owner. */
  #for<T> (name: string, build: () => T): T {
    const before = this.#owner
    this.#owner = { name: this.#scope + name, given: new Map() }
    try { return build() } finally { this.#owner = before }
  }

  #chain (sequence: Sequence): Chain {
    const { onError, mediators } = 'mediators' in sequence ? sequence : { onError: undefined, mediators: sequence }
    const built = chain(mediators.map(config => this.#build<Mediator>('mediators', config, message => ({ to: 'next', message }))))
    const handler = this.#handlerOf(sequence, onError)
    return handler === undefined ? built : guarded(built, handler)
  }

  #endpointOf (config: unknown): Endpoint {
    const nobody: Endpoint = Object.assign(function * () { return { kind: 'refused', fault: { code: 0, reason: 'not built' } } as const }, { called: '' })
    const { onError, properties } = config as { onError?: string, properties?: readonly object[] }
    const bare = this.#build('endpoints', config, nobody)
    const built = properties === undefined ? bare : this.#attempt(config as object, bare, () => this.#dressed(bare, properties, this.#origins.get(config as object)))
    const handler = this.#handlerOf(config as object, onError)
    return handler === undefined ? built : handling(built, handler)
  }

  /** Undefined where none has that name: failures then go on as if nobody handled them (Synapse: SequenceMediator). */
  #handlerOf (config: object, onError: string | undefined): Chain | undefined {
    if (onError === undefined) return undefined
    if (own(this.#definitions.sequences, onError) !== undefined) return this.sequence(onError)
    this.warnings.push(problemAt(this.#origins.get(config), `no sequence is called "${onError}": what fails here is not handled by it`, toDefine('sequence', onError), 'warning'))
    return undefined
  }

  /** The properties of an endpoint are set on every message that goes to it (Synapse: AbstractEndpoint). */
  #dressed (endpoint: Endpoint, properties: readonly object[], origin: Origin | undefined): Endpoint {
    const dress = this.#chain(properties.map(each => this.#standingAt(origin, { kind: 'property', ...each })))
    return named(endpoint.called, function * (message, bound) {
      return yield * endpoint((yield * dress(message)).message, bound)
    })
  }

  /** What is made here of a configuration stands where that does. */
  #standingAt<T extends object> (origin: Origin | undefined, made: T): T {
    if (origin !== undefined) this.#origins.set(made, origin)
    return made
  }

  #build<T> (list: keyof BuildableKinds, config: unknown, harmless: T): T {
    const { kind, ...rest } = config as { kind: string }
    const found = this.#kinds[list].find(({ name }) => name === kind)
    return found === undefined ? harmless : this.#attempt(config as object, harmless, () => found.build(rest as never, this.#tools) as T)
  }

  /** What cannot be built is a problem at its place, and something harmless takes its place until all problems are known. */
  #attempt<T> (config: object, harmless: T, build: () => T): T {
    const outer = this.#current
    this.#current = config
    try {
      return build()
    } catch (error) {
      this.#broken = true
      const origin = this.#origins.get(config)
      if (origin?.damaged) return harmless
      if (!(error instanceof Error) || isOurs(error)) throw error
      this.problems.push(problemAt(origin, error.message))
      return harmless
    } finally {
      this.#current = outer
    }
  }
}
