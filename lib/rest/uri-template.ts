/** The variables of a request that matches. */
export type Variables = Readonly<Record<string, string>>

/** A part of a template. `reserved` variables may contain slashes. */
type TemplatePart =
  | { readonly literal: string }
  | { readonly name: string, readonly reserved: boolean }
  | { readonly wildcard: true }

/**
 * Parses the `uri-template` of a resource, such as `/orders/{id}?currency={currency}` or `/files/*`.
 * The returned function matches a path below the context of the API and a query with its `?`. It takes time linear in
 * the length of both. A template without a query matches any query.
 * @see WSO2: org.wso2.uri.template, URITemplateBasedDispatcher
 * @throws Error for a brace without its counterpart
 */
export function uriTemplate (template: string): (path: string, query: string) => Variables | undefined {
  const { pathTemplate, queryTemplate, optional } = split(template)
  const parts = partsOf(withoutTrailingSlash(pathTemplate))
  const required =
    [...new URLSearchParams(queryTemplate)].map(([name, value]) => [name, variableIn(value), value] as const)
  return (path, query) => {
    const variables: Record<string, string> = {}
    if (!matchParts(parts, withoutTrailingSlash(path), variables)) return undefined
    if (required.length + optional.length === 0) return variables
    const given = new URLSearchParams(query)
    for (const [name, variable, literal] of required) {
      const value = given.get(name)
      if (value === null || (variable === undefined && value !== literal)) return undefined
      if (variable !== undefined) variables[variable] = value
    }
    for (const name of optional) variables[name] = given.get(name) ?? ''
    return variables
  }
}

/** Separates the path, a literal query (`?a={b}`), and optional parameters (`{?a,b}`). */
function split (template: string): { pathTemplate: string, queryTemplate: string, optional: string[] } {
  const optional: string[] = []
  const rest = template.replace(/\{[?&]([^{}]*)\}/g, (_, names: string) => {
    optional.push(...names.split(',').map(each => each.trim()).filter(Boolean))
    return ''
  })
  const mark = rest.indexOf('?')
  return mark < 0
    ? { pathTemplate: rest, queryTemplate: '', optional }
    : { pathTemplate: rest.slice(0, mark), queryTemplate: rest.slice(mark + 1), optional }
}

function partsOf (template: string): TemplatePart[] {
  return template.split(/(\{[^{}]*\}|\*$)/).filter(Boolean).map((text): TemplatePart => {
    if (text === '*') return { wildcard: true }
    const [, operator, name] = /^\{([+#/]?)([^{}]+?)\*?\}$/.exec(text) ?? []
    if (name !== undefined) return { name, reserved: operator === '+' || operator === '#' }
    if (/[{}]/.test(text)) throw new Error(`malformed uri-template: unbalanced brace in "${template}"`)
    return { literal: text }
  })
}

/** The variable that a value of a query stands for, as `{a}` does; undefined: the value is literal. */
export const variableIn = (value: string): string | undefined => /^\{\+?([^{}]+)\}$/.exec(value)?.[1]

const withoutTrailingSlash = (path: string): string => path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path

function matchParts (parts: readonly TemplatePart[], path: string, variables: Record<string, string>): boolean {
  let at = 0
  for (const [index, part] of parts.entries()) {
    if ('wildcard' in part) return true
    if ('literal' in part) {
      if (path.startsWith(part.literal, at)) at += part.literal.length
      else return isEmptyWildcard(part.literal, parts[index + 1], path.slice(at))
      continue
    }
    const end = endOf(part, parts[index + 1], path, at)
    if (end <= at) return false
    variables[part.name] = decoded(path.slice(at, end))
    at = end
  }
  return at === path.length
}

/** Whether the rest of a path is that of `/*` without its slash: `/files/*` matches `/files`. */
const isEmptyWildcard = (literal: string, next: TemplatePart | undefined, rest: string): boolean =>
  next !== undefined && 'wildcard' in next && literal === `${rest}/`

/** Where a variable ends: before the next literal, before a slash, or with the path. */
function endOf ({ reserved }: { reserved: boolean }, next: TemplatePart | undefined, path: string, at: number): number {
  const slash = path.indexOf('/', at)
  const limit = reserved || slash < 0 ? path.length : slash
  if (next === undefined || !('literal' in next)) return limit
  const found = reserved ? path.lastIndexOf(next.literal) : path.indexOf(next.literal, at + 1)
  return found < 0 || found > limit ? limit : found
}

function decoded (text: string): string {
  try { return decodeURIComponent(text) } catch { return text }
}
