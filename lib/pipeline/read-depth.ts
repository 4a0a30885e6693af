import type { ExpressionConfig } from '../expression/expression.js'
import type { AnyKind, Kinds } from '../contracts/kind.js'
import type { ReadRequirements, RequirementsOf } from '../contracts/read-requirements.js'
import { deepestOf, type ReadDepth } from '../message/message.js'
import type { Sliced } from '../slices/sliced-work.js'

/** The requirements of a step that reads nothing and passes every message on. */
export const READS_NOTHING: ReadRequirements = {
  request: 'nothing',
  response: 'nothing',
  responds: false,
  passesOn: true,
  entersOut: false,
  usesTo: false
}

/**
 * The requirements of two steps in sequence: the second one reads what the first one passes on: the message, its
 * response, or either.
 */
export const inSequence = (first: ReadRequirements, second: ReadRequirements): ReadRequirements => ({
  request: first.passesOn ? deepestOf([first.request, second.request]) : first.request,
  response: deepestOf([first.response, second.response, first.responds ? second.request : 'nothing']),
  responds: first.passesOn ? first.responds || second.responds : first.responds,
  passesOn: first.passesOn && second.passesOn,
  entersOut: first.entersOut || (first.passesOn && second.entersOut),
  usesTo: first.usesTo || (first.passesOn && second.usesTo)
})

/** The requirements of two steps of which one runs. */
export const alternatives = (first: ReadRequirements, second: ReadRequirements): ReadRequirements => ({
  request: deepestOf([first.request, second.request]),
  response: deepestOf([first.response, second.response]),
  responds: first.responds || second.responds,
  passesOn: first.passesOn || second.passesOn,
  entersOut: first.entersOut || second.entersOut,
  usesTo: first.usesTo || second.usesTo
})

interface PartConfig {
  readonly kind?: string
  readonly [field: string]: unknown
}

/** Where parts are looked up by name. */
export interface ReadAnalysisSources {
  readonly kinds: Kinds
  readonly sequence: (key: string) => unknown
  readonly endpoint: (key: string) => unknown
  /** The names of all endpoints. */
  readonly endpoints: readonly string[]
  readonly expression: (config: ExpressionConfig) => ReadDepth
}

/** The named parts of a configuration, each after those that it refers to, unless they lead back to it. */
interface PartsInOrder {
  readonly steps: readonly {
    readonly category: 'sequences' | 'endpoints', readonly name: string, readonly isDone: boolean
  }[]
  readonly isCircular: boolean
}

export interface ReadAnalysis extends RequirementsOf {
  /**
   * Computes what all named parts read, one a slice, so that a long chain of them needs no deep stack. Those that lead
   * back to themselves are computed until nothing changes.
   */
  readonly settle: (parts: PartsInOrder) => Sliced<void>
}

/** How often parts that lead back to themselves are computed at most. */
const MAX_PASSES = 20

/** Computes what the parts of a configuration read. */
export function analyzeReads ({
  kinds,
  sequence,
  endpoint,
  endpoints,
  expression
}: ReadAnalysisSources): ReadAnalysis {
  const known = new Map<string, ReadRequirements>()
  const computeOnce = (key: string, compute: () => ReadRequirements): ReadRequirements => {
    if (!known.has(key)) {
      known.set(key, READS_NOTHING)
      known.set(key, compute())
    }
    return known.get(key)!
  }
  const requirementsOfKind = (list: readonly AnyKind[], config: unknown): ReadRequirements => {
    const { kind, ...rest } = (config ?? {}) as PartConfig
    return { ...READS_NOTHING, ...list.find(({ name }) => name === kind)?.reads?.(rest, of) }
  }
  const of: RequirementsOf = {
    chain: configs =>
      (Array.isArray(configs) ? configs : ((configs as { mediators?: unknown[] } | undefined)?.mediators ?? []))
        .map(config => requirementsOfKind(kinds.mediators, config))
        .reduce(inSequence, READS_NOTHING),
    sequence: key => computeOnce(`sequences ${key}`, () => of.chain(sequence(key))),
    endpoint: config => {
      const {
        kind,
        key,
        properties = []
      } = (config ?? {}) as { kind?: string; key?: string; properties?: readonly { expression?: ExpressionConfig }[] }
      const requirements =
        kind === 'reference' && key !== undefined
          ? computeOnce(`endpoints ${key}`, () => of.endpoint(endpoint(key)))
          : requirementsOfKind(kinds.endpoints, config)
      return properties.reduce(
        (sum, { expression }) => ({ ...sum, request: deepestOf([sum.request, of.expression(expression)]) }),
        requirements
      )
    },
    anyEndpoint: () =>
      endpoints.map(key => of.endpoint({ kind: 'reference', key })).reduce(alternatives, READS_NOTHING),
    session: config => requirementsOfKind(kinds.sessions, config),
    expression: config => (config === undefined ? 'nothing' : expression(config))
  }
  return {
    ...of,
    * settle ({ steps, isCircular }) {
      for (const { category, name } of steps) known.set(`${category} ${name}`, READS_NOTHING)
      for (let pass = 0, isSettled = false; !isSettled && pass < MAX_PASSES; pass++) {
        isSettled = true
        for (const { category, name, isDone } of steps) {
          if (!isDone) continue
          const before = known.get(`${category} ${name}`)!
          const now = category === 'sequences' ? of.chain(sequence(name)) : of.endpoint(endpoint(name))
          known.set(`${category} ${name}`, now)
          isSettled &&= !isCircular || isEqual(before, now)
          yield
        }
      }
    }
  }
}

const isEqual = (a: ReadRequirements, b: ReadRequirements): boolean =>
  a.request === b.request && a.response === b.response && a.responds === b.responds &&
  a.passesOn === b.passesOn && a.entersOut === b.entersOut && a.usesTo === b.usesTo
