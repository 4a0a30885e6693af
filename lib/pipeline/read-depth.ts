import type { ExpressionConfig } from '../expression/expression.js'
import type { Needs, NeedsOf } from '../contracts/kind.js'
import { NEEDS, type Need } from '../message/message.js'

/** The larger of two needs. */
export const most = (a: Need, b: Need): Need => NEEDS.indexOf(a) >= NEEDS.indexOf(b) ? a : b

/** Of a step that looks at nothing, and lets every message pass. */
export const NO_NEEDS: Needs = { request: 'nothing', response: 'nothing', answered: false, passed: true, turned: false }

/** What two steps need, one after the other: the second looks at what the first lets pass, the message, its answer, or either. */
export const after = (first: Needs, second: Needs): Needs => ({
  request: first.passed ? most(first.request, second.request) : first.request,
  response: most(first.response, first.answered ? most(second.request, second.response) : second.response),
  answered: first.passed ? first.answered || second.answered : first.answered,
  passed: first.passed && second.passed,
  turned: first.turned || (first.passed && second.turned)
})

/** What two steps need of which either may run. */
export const either = (first: Needs, second: Needs): Needs => ({
  request: most(first.request, second.request),
  response: most(first.response, second.response),
  answered: first.answered || second.answered,
  passed: first.passed || second.passed,
  turned: first.turned || second.turned
})

type Declares = { readonly name: string, readonly needs?: (config: never, of: NeedsOf) => Partial<Needs> }

/** Where the needs of things by name are looked up. */
export interface Surroundings {
  readonly kinds: Readonly<Record<'mediators' | 'endpoints' | 'sessions', readonly Declares[]>>
  readonly sequence: (key: string) => unknown
  readonly endpoint: (key: string) => unknown
  /** The names of all endpoints. */
  readonly endpoints: readonly string[]
  readonly expression: (config: ExpressionConfig) => Need
}

/** Asks the kinds in a configuration what they look at. A thing that refers to itself adds nothing to its own needs. */
export function survey ({ kinds, sequence, endpoint, endpoints, expression }: Surroundings): NeedsOf {
  const known = new Map<string, Needs>()
  const once = (key: string, compute: () => Needs): Needs => {
    if (!known.has(key)) {
      known.set(key, NO_NEEDS)
      known.set(key, compute())
    }
    return known.get(key)!
  }
  const declared = (list: readonly Declares[], config: unknown): Needs => {
    const { kind, ...rest } = (config ?? {}) as { kind?: string }
    return { ...NO_NEEDS, ...list.find(({ name }) => name === kind)?.needs?.(rest as never, of) }
  }
  const of: NeedsOf = {
    chain: configs => (Array.isArray(configs) ? configs : (configs as { mediators?: unknown[] } | undefined)?.mediators ?? [])
      .map(config => declared(kinds.mediators, config)).reduce(after, NO_NEEDS),
    sequence: key => once(`sequence ${key}`, () => of.chain(sequence(key))),
    endpoint: config => {
      const { kind, key, properties = [] } = (config ?? {}) as { kind?: string, key?: string, properties?: readonly { expression?: ExpressionConfig }[] }
      const needs = kind === 'indirect' && key !== undefined ? once(`endpoint ${key}`, () => of.endpoint(endpoint(key))) : declared(kinds.endpoints, config)
      return properties.reduce((sum, { expression }) => ({ ...sum, request: most(sum.request, of.expression(expression)) }), needs)
    },
    anyEndpoint: () => endpoints.map(key => of.endpoint({ kind: 'indirect', key })).reduce(either, NO_NEEDS),
    session: config => declared(kinds.sessions, config),
    expression: config => config === undefined ? 'nothing' : expression(config)
  }
  return of
}
