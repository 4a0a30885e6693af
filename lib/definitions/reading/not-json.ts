import { MAX_JSON_DEPTH } from '../../json/json-depth.js'
import { isConfig } from '../model/rewrite.js'
import type { Sliced } from '../../slices/sliced-work.js'

/** A value that JSON cannot express: its path, and what it is. */
export interface NotJson {
  /** Such as `proxies.A.in[0]`. */
  readonly path: string
  readonly what: string
}

/** Artefacts are in categories, and those in definitions. */
const DEPTH_OF_ARTEFACTS = 2

/** As `findNotJson`, of definitions, one artefact a slice. */
export function * notJsonIn (value: unknown, path = '', depth = 0): Sliced<NotJson | undefined> {
  if (depth === DEPTH_OF_ARTEFACTS) yield
  if (depth === DEPTH_OF_ARTEFACTS || !isConfig(value)) return findNotJson(value, path, depth)
  const instance = instanceAt(value, path)
  if (instance !== undefined) return instance
  for (const [name, each] of Object.entries(value)) {
    const part = each === undefined ? undefined : yield * notJsonIn(each, pathTo(path, name), depth + 1)
    if (part !== undefined) return part
  }
  return undefined
}

/** Definitions without what `notJsonIn` finds, as JSON, one artefact a slice. */
export function * jsonTextOf (value: unknown, depth = 0): Sliced<string> {
  if (depth === DEPTH_OF_ARTEFACTS) yield
  if (depth === DEPTH_OF_ARTEFACTS || !isConfig(value)) return JSON.stringify(value)
  const members: string[] = []
  for (const [name, each] of Object.entries(value)) {
    if (each !== undefined) members.push(`${JSON.stringify(name)}:${yield * jsonTextOf(each, depth + 1)}`)
  }
  return `{${members.join(',')}}`
}

const pathTo = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function instanceAt (value: object, path: string): NotJson | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
    ? undefined
    : { path, what: `an instance of ${value.constructor.name}` }
}

/**
 * Finds the first part of an object that JSON would drop, refuse or change: a function, a bigint, a symbol, a number
 * that is not finite, a class instance, a cycle. Undefined members of objects count as absent.
 */
function findNotJson (value: unknown, path = '', depth = 0): NotJson | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, what: String(value) }
  if (typeof value !== 'object') return { path, what: typeof value === 'undefined' ? 'undefined' : `a ${typeof value}` }
  if (depth > MAX_JSON_DEPTH) return { path: '', what: `nested more than ${MAX_JSON_DEPTH} deep, or a cycle` }
  if (Array.isArray(value)) {
    for (const [at, each] of value.entries()) {
      const part = findNotJson(each, `${path}[${at}]`, depth + 1)
      if (part !== undefined) return part
    }
    return undefined
  }
  const instance = instanceAt(value, path)
  if (instance !== undefined) return instance
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) continue
    const part = findNotJson(each, pathTo(path, name), depth + 1)
    if (part !== undefined) return part
  }
  return undefined
}
