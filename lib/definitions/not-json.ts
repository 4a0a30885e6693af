import { MAX_JSON_DEPTH } from '../json/json-depth.js'

/** A value that JSON cannot express: its path, and what it is. */
export interface NotJson {
  /** Such as `proxies.A.in[0]`. */
  readonly path: string
  readonly what: string
}

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
