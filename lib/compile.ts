import { chain, guarded, handling, type Chain } from './chain.js'
import type { Definitions, Proxy, Sequence } from './definitions/model.js'
import { ConfigurationError, problemAt, type Origins, type Problem } from './definitions/problem.js'
import { OUR_KINDS } from './definitions/read-xml.js'
import { compileExpression, type ExpressionConfig } from './expression/index.js'
import type { Affinity, Algorithm, Endpoint, Mediator, Needs, NeedsOf, Tools } from './kind.js'
import type { Need } from './message.js'
import { after, most, NO_NEEDS, survey } from './needs.js'
import { Registry, type Claim } from './registry.js'
import type { Service } from './serve.js'

/** What the outside supplies: time, chance and environment. */
export interface World {
  /** Milliseconds. */
  readonly now: () => number
  /** From 0 to below 1. */
  readonly random: () => number
  readonly uuid: () => string
  readonly environment: (name: string) => string | undefined
}

/** Checked definitions as running services. */
export interface Program {
  readonly services: ReadonlyMap<string, Service>
  /** What messages go to that no proxy claims: the sequence `main`, where there is one. */
  readonly main?: Service | undefined
  readonly definitions: Definitions
  /** What it holds of the registry; to be released when the program is over. */
  readonly claim: Claim
}

interface Buildable { readonly name: string, readonly build: (config: never, tools: Tools) => unknown, readonly needs?: (config: never, of: NeedsOf) => Partial<Needs> }
export type BuildableKinds = Readonly<Record<'mediators' | 'endpoints' | 'algorithms' | 'sessions', readonly Buildable[]>>

export interface CompileOptions {
  /** The state to go on with; a new one unless told. */
  readonly registry?: Registry
  readonly origins?: Origins
  readonly kinds?: BuildableKinds
  /** Goes before the names that are made here, so that two programs can share a registry. */
  readonly scope?: string
}

/**
 * Every name is resolved here, once, before the first request. State that is in the registry stays with those that keep their names.
 * @throws ConfigurationError with everything that cannot be built
 */
export function compile (definitions: Definitions, world: World, { registry = new Registry(world.now), origins = new WeakMap(), kinds = OUR_KINDS as unknown as BuildableKinds, scope = '' }: CompileOptions = {}): Program {
  const claim = registry.claim()
  const compiler = new Compiler(definitions, world, claim, origins, kinds, scope)
  const { proxies = {}, sequences = {}, endpoints = {} } = definitions
  for (const name of Object.keys(sequences)) compiler.sequence(name)
  for (const name of Object.keys(endpoints)) compiler.endpoint(name)
  const services = new Map(Object.entries(proxies).map(([name, proxy]) => [name, compiler.service(name, proxy)]))
  const main = sequences['main'] && compiler.service('main', { in: [{ kind: 'sequence', key: 'main' }], out: [{ kind: 'sequence', key: 'main' }] })
  if (compiler.problems.length > 0) {
    registry.release(claim)
    throw new ConfigurationError(compiler.problems)
  }
  claim.commit()
  return { services, main, definitions, claim }
}

class Compiler {
  readonly problems: Problem[] = []
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

  constructor (definitions: Definitions, world: World, claim: Claim, origins: Origins, kinds: BuildableKinds, scope: string) {
    this.#definitions = definitions
    this.#origins = origins
    this.#kinds = kinds
    this.#scope = scope
    const entry = (key: string): string | undefined => {
      const found = definitions.localEntries?.[key]
      return found !== undefined && 'text' in found ? found.text : undefined
    }
    const expression = (config: ExpressionConfig) => compileExpression(config, entry, world.now)
    this.#tools = {
      ...world,
      registry: claim.registry,
      claim,
      entry,
      expression,
      mediators: configs => this.#chain(configs as Sequence),
      sequence: key => this.sequence(key),
      endpoint: config => this.#endpointOf(config),
      endpointByKey: key => this.endpoint(key),
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
      sequence: key => definitions.sequences?.[key],
      endpoint: key => definitions.endpoints?.[key],
      expression: (config): Need => { try { return expression(config).need } catch { return 'nothing' } }
    })
  }

  service (name: string, proxy: Proxy): Service {
    const handler = proxy.fault ?? (this.#definitions.sequences?.['fault'] && [{ kind: 'sequence', key: 'fault' }])
    const forth = after(this.#needs.chain(proxy.in ?? []), proxy.endpoint === undefined ? NO_NEEDS : { ...this.#needs.endpoint(proxy.endpoint), answered: true, passed: false })
    const back = this.#needs.chain(proxy.out ?? [])
    const needs = {
      request: forth.turned ? most(forth.request, back.request) : forth.request,
      response: [forth.response, back.request, back.response].reduce(most)
    }
    return this.#for(name, () => ({
      name,
      transports: proxy.transports ?? ['http', 'https'],
      active: proxy.startOnLoad !== false,
      in: this.#chain(proxy.in ?? []),
      endpoint: proxy.endpoint && this.#tools.endpoint(proxy.endpoint),
      out: proxy.out && this.#chain(proxy.out),
      fault: handler && this.#chain(handler),
      needs
    }))
  }

  /** @throws RangeError if none has that name */
  sequence (key: string): Chain {
    const config = this.#definitions.sequences?.[key]
    if (config === undefined) throw new RangeError(`no sequence is called "${key}"`)
    return this.#once(this.#sequences, key, ahead => message => ahead()(message), () => this.#chain(config))
  }

  /** @throws RangeError if none has that name */
  endpoint (key: string): Endpoint {
    const config = this.#definitions.endpoints?.[key]
    if (config === undefined) throw new RangeError(`no endpoint is called "${key}"`)
    return this.#once(this.#endpoints, key,
      ahead => Object.assign((...given: Parameters<Endpoint>) => ahead()(...given), { called: key }),
      () => this.#tools.endpoint({ name: key, ...config }))
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
    return onError === undefined ? built : this.#attempt(sequence, built, () => guarded(built, this.sequence(onError)))
  }

  #endpointOf (config: unknown): Endpoint {
    const nobody: Endpoint = Object.assign(function * () { return { kind: 'refused', fault: { code: 0, reason: 'not built' } } as const }, { called: '' })
    const built = this.#build('endpoints', config, nobody)
    const { onError } = config as { onError?: string }
    return onError === undefined ? built : this.#attempt(config as object, built, () => handling(built, this.sequence(onError)))
  }

  #build<T> (list: keyof BuildableKinds, config: unknown, harmless: T): T {
    const { kind, ...rest } = config as { kind: string }
    const found = this.#kinds[list].find(({ name }) => name === kind)
    return found === undefined ? harmless : this.#attempt(config as object, harmless, () => found.build(rest as never, this.#tools) as T)
  }

  /** What cannot be built is a problem at its place, and something harmless takes its place until all problems are known. */
  #attempt<T> (config: object, harmless: T, build: () => T): T {
    try {
      return build()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.problems.push(problemAt(this.#origins.get(config), error.message))
      return harmless
    }
  }
}
