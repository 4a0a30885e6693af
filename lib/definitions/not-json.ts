import { MAX_JSON_DEPTH } from '../json/json-depth.js'
import type { Sliced } from '../slices/sliced-work.js'

/** A value that JSON cannot express: its path, and what it is. */
export interface NotJson {
  /** Such as `proxies.A.in[0]`. */
  readonly path: string
  readonly what: string
}

/** As `findNotJson`, of definitions, one artefact a slice. */
export function * notJsonIn (definitions: object): Sliced<NotJson | undefined> {
  if (!isParts(definitions)) return findNotJson(definitions)
  const outer = findNotJson(shallow(definitions))
  if (outer !== undefined) return outer
  for (const [category, artefacts] of Object.entries(definitions)) {
    if (!isParts(artefacts)) {
      const found = artefacts === undefined ? undefined : findNotJson(artefacts, category, 1)
      if (found !== undefined) return found
      continue
    }
    const itself = findNotJson(shallow(artefacts), category, 1)
    if (itself !== undefined) return itself
    for (const [name, artefact] of Object.entries(artefacts)) {
      const found = artefact === undefined ? undefined : findNotJson(artefact, `${category}.${name}`, 2)
      if (found !== undefined) return found
      yield
    }
  }
  return undefined
}

/** Definitions as JSON, one artefact a slice. */
export function * jsonTextOf (definitions: object): Sliced<string> {
  if (!isParts(definitions)) return JSON.stringify(definitions)
  const categories: string[] = []
  for (const [category, artefacts] of Object.entries(definitions)) {
    if (artefacts === undefined) continue
    const members: string[] = []
    for (const [name, artefact] of isParts(artefacts) ? Object.entries(artefacts) : []) {
      if (artefact === undefined) continue
      members.push(`${JSON.stringify(name)}:${JSON.stringify(artefact)}`)
      yield
    }
    const text = isParts(artefacts) ? `{${members.join(',')}}` : JSON.stringify(artefacts)
    categories.push(`${JSON.stringify(category)}:${text}`)
  }
  return `{${categories.join(',')}}`
}

const isParts = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object of the same class without members. */
const shallow = (value: object): object => Object.create(Object.getPrototypeOf(value) as object | null) as object

/**
 * Finds the first part of an object that JSON would drop, refuse or change: a function, a bigint, a symbol, a number
 * that is not finite, a class instance, a cycle. Undefined members of objects count as absent.
 */
export function findNotJson (value: unknown, path = '', depth = 0): NotJson | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, what: String(value) }
  if (typeof value !== 'object') return { path, what: typeof value === 'undefined' ? 'undefined' : `a ${typeof value}` }
  if (depth > MAX_JSON_DEPTH) return { path: '', what: `nested more than ${MAX_JSON_DEPTH} deep, or a cycle` }
  if (Array.isArray(value)) {
    for (const [at, each] of value.entries()) {
      const found = findNotJson(each, `${path}[${at}]`, depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return { path, what: `an instance of ${value.constructor.name}` }
  }
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue
    const found = findNotJson(each, path === '' ? name : `${path}.${name}`, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
