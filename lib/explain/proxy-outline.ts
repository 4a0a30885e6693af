import type { Definitions, Proxy } from '../definitions/model/model.js'
import { isConfig, type Config } from '../definitions/model/rewrite.js'
import type { SourceLocations } from '../definitions/model/problem.js'
import { ownEntry } from '../compiler/expression-environment.js'
import { filePositionOf, type FilePosition } from './file-position.js'
import { summaryOf, type SummaryOptions } from './step-summary.js'

/** An endpoint or a group that a step sends to. */
export interface OutlineEndpoint {
  /** Its name in the registry. */
  readonly name: string
  readonly kind: string
  /** Kind of the algorithm; null: none. */
  readonly algorithm: string | null
  /** Kind of its sessions; null: none. */
  readonly session: string | null
  readonly at: FilePosition | null
}

/** One mediator, as a reader of the configuration sees it. */
export interface OutlineStep {
  readonly kind: string
  /** One line of what it does; may be empty. */
  readonly text: string
  readonly at: FilePosition | null
  readonly endpoint: OutlineEndpoint | null
  /** What runs inside of it: named sequences, alternatives, branches. */
  readonly branches: readonly OutlineBranch[]
}

export interface OutlineBranch {
  readonly label: string
  readonly steps: readonly OutlineStep[]
}

/** The way of a message through one proxy. */
export interface ProxyOutline {
  readonly at: FilePosition | null
  readonly in: readonly OutlineStep[]
  /** Receives what the in sequence passes on. */
  readonly endpoint: OutlineEndpoint | null
  /** Null: responses go to the client as they are. */
  readonly out: readonly OutlineStep[] | null
  readonly fault: { readonly name: string | null; readonly steps: readonly OutlineStep[] } | null
  /** Whether steps were left out, since there are too many. */
  readonly isCut: boolean
}

export interface OutlineSources {
  /** With templates expanded. */
  readonly definitions: Definitions
  readonly locations: SourceLocations
  /** Names in the registry of the endpoints that were built. */
  readonly endpointNames: { get(definition: object): string | undefined }
  /** Whether values of the configuration are shown; else names only. */
  readonly withValues: boolean
}

/** Steps of one proxy that are shown, and how deep they are nested. */
const MAX_STEPS = 500
const MAX_DEPTH = 12

/** Returns the way of a message through a proxy; undefined: there is no such proxy. Bounded in size. */
export function outlineOf (name: string, sources: OutlineSources): ProxyOutline | undefined {
  const proxy = ownEntry(sources.definitions.proxies, name)
  return proxy === undefined ? undefined : new Outliner(sources).proxy(proxy)
}

class Outliner {
  readonly #sources: OutlineSources
  #left = MAX_STEPS

  constructor (sources: OutlineSources) {
    this.#sources = sources
  }

  proxy (proxy: Proxy): ProxyOutline {
    const { sequences } = this.#sources.definitions
    const fallback = ownEntry(sequences, 'fault') === undefined ? undefined : [{ kind: 'sequence', key: 'fault' }]
    const fault = proxy.fault ?? fallback
    const outline = {
      at: filePositionOf(proxy, this.#sources.locations),
      in: this.#sequence(proxy.in ?? [], 'request', 0),
      endpoint: this.#endpoint(proxy.endpoint),
      out: proxy.out === undefined ? null : this.#sequence(proxy.out, 'response', 0),
      fault: fault === undefined ? null : this.#fault(fault)
    }
    return { ...outline, isCut: this.#left < 0 }
  }

  /** A fault sequence that only refers to a named one is that one. */
  #fault (fault: unknown): ProxyOutline['fault'] {
    const [only, ...others] = mediatorsOf(fault)
    const key = only?.['kind'] === 'sequence' && others.length === 0 ? only['key'] : undefined
    const named = typeof key === 'string' ? ownEntry(this.#sources.definitions.sequences, key) : undefined
    return named === undefined
      ? { name: null, steps: this.#sequence(fault, 'response', 0) }
      : { name: String(key), steps: this.#sequence(named, 'response', 0) }
  }

  #sequence (sequence: unknown, direction: SummaryOptions['direction'], depth: number): OutlineStep[] {
    return mediatorsOf(sequence).flatMap(mediator =>
      --this.#left < 0 ? [] : [this.#step(mediator, direction, depth)]
    )
  }

  #step (mediator: Config, direction: SummaryOptions['direction'], depth: number): OutlineStep {
    const endpoint = this.#endpoint(mediator['endpoint'])
    const { withValues } = this.#sources
    return {
      kind: String(mediator['kind']),
      text: summaryOf(mediator, { direction, withValues, endpointName: endpoint?.name }),
      at: filePositionOf(mediator, this.#sources.locations),
      endpoint,
      branches: depth < MAX_DEPTH ? this.#branches(mediator, direction, depth + 1) : []
    }
  }

  #branches (mediator: Config, direction: SummaryOptions['direction'], depth: number): OutlineBranch[] {
    const branch = (label: string, sequence: unknown): OutlineBranch => ({
      label,
      steps: this.#sequence(sequence, direction, depth)
    })
    const key = mediator['kind'] === 'sequence' ? mediator['key'] : (mediator['target'] ?? mediator['receive'])
    const named = typeof key === 'string' ? ownEntry(this.#sources.definitions.sequences, key) : undefined
    const ownBranches = Object.entries(mediator).flatMap(([field, value]): OutlineBranch[] => {
      if (isSequence(value)) return [branch(field, value)]
      const parts = Array.isArray(value) ? value : [value]
      return parts.filter(isConfig).flatMap((part, index) => this.#part(part, `${field} ${index + 1}`, branch))
    })
    return named === undefined ? ownBranches : [branch(String(key), named), ...ownBranches]
  }

  /** A case of a switch, or a target of a clone. */
  #part (part: Config, label: string, branch: (label: string, sequence: unknown) => OutlineBranch): OutlineBranch[] {
    if ('kind' in part) return []
    const { regex } = part
    const called = typeof regex === 'string' ? `matches ${regex}` : label
    const sequences = Object.values(part)
      .filter(isSequence)
      .map(value => branch(called, value))
    const endpoint = this.#endpoint(part['endpoint'])
    return endpoint === null
      ? sequences
      : [
          ...sequences,
          {
            label: called,
            steps: [
              {
                kind: 'send',
                text: `to ${endpoint.name}`,
                at: filePositionOf(part, this.#sources.locations),
                endpoint,
                branches: []
              }
            ]
          }
        ]
  }

  #endpoint (definition: unknown): OutlineEndpoint | null {
    if (!isConfig(definition)) return null
    const name = this.#sources.endpointNames.get(definition)
    const target = this.#target(definition)
    const { name: ownName, key } = target as { name?: unknown; key?: unknown }
    return {
      name: name ?? String(ownName ?? key ?? target['kind']),
      kind: String(target['kind']),
      algorithm: kindOf(target['algorithm']),
      session: kindOf(target['session']),
      at: filePositionOf(target, this.#sources.locations)
    }
  }

  /** What a chain of references leads to. */
  #target (definition: Config): Config {
    let target = definition
    for (let depth = 0; depth < MAX_DEPTH && target['kind'] === 'reference'; depth++) {
      const named = ownEntry(this.#sources.definitions.endpoints, String(target['key']))
      if (named === undefined) break
      target = named as Config
    }
    return target
  }
}

const kindOf = (value: unknown): string | null => (isConfig(value) ? String(value['kind']) : null)

const isMediator = (value: unknown): value is Config => isConfig(value) && typeof value['kind'] === 'string'

/** Mediators in order, or an object that has them. */
const isSequence = (value: unknown): boolean =>
  (Array.isArray(value) && value.length > 0 && value.every(isMediator)) ||
  (isConfig(value) && Array.isArray(value['mediators']))

const mediatorsOf = (sequence: unknown): readonly Config[] =>
  (Array.isArray(sequence)
    ? sequence
    : isConfig(sequence) && Array.isArray(sequence['mediators'])
      ? sequence['mediators']
      : []
  ).filter(isMediator)
