/** How well a `url-mapping` fits a path: exactly, by this many leading segments, or by its extension. */
export type MappingMatch =
  | { readonly kind: 'exact' | 'extension' }
  | { readonly kind: 'prefix', readonly segments: number }

/**
 * Parses a `url-mapping` of a resource: `/orders` (exact), `/orders/*` (prefix) or `*.xml` (extension). The returned
 * function matches a path below the context of the API.
 * @see WSO2: URLMappingHelper
 */
export function urlMapping (mapping: string): (path: string) => MappingMatch | undefined {
  if (mapping.startsWith('/') && mapping.endsWith('/*')) {
    const segments = mapping.slice(1, -2).split('/').filter(Boolean)
    return path => {
      const given = path.split('/').slice(1)
      return segments.every((segment, index) => given[index] === segment)
        ? { kind: 'prefix', segments: Math.max(1, segments.length) }
        : undefined
    }
  }
  if (mapping.startsWith('*.')) {
    return path => path.endsWith(mapping.slice(1)) ? { kind: 'extension' } : undefined
  }
  const exact = trimmed(mapping)
  return path => trimmed(path) === exact ? { kind: 'exact' } : undefined
}

const trimmed = (path: string): string => path.length > 1 ? path.replace(/\/+$/, '') || '/' : path
