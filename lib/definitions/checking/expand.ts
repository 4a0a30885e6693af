import type { Static, TObject } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { resolvePlaceholder, type PlaceholderSources } from '../../endpoints/settings/placeholders.js'
import type { template } from '../../endpoints/template.js'
import type { Tls } from '../../endpoints/settings/tls-settings.js'
import { addressOfPort } from './address-of-port.js'
import { UNRESOLVED, type Documents, type Expansion } from './expansion.js'
import { violations } from './validate.js'
import { didYouMean } from '../model/closest-name.js'
import { Definitions } from '../model/model.js'
import { rewrite, type Config } from '../model/rewrite.js'
import { problemAt, type SourceLocations, type Problem } from '../model/problem.js'
import type { ProblemCode } from '../../contracts/problem-code.js'
import type { Sliced } from '../../slices/sliced-work.js'

type ReportProblem = (code: ProblemCode, message: string, hint?: string) => Config

/** Templates may be made from templates, this many deep. */
const MAX_TEMPLATES = 100
/** How deep objects may be nested around an endpoint that is made from a template. */
const MAX_DEPTH = 500
/** Endpoints that templates make, those of groups included: groups of groups multiply. */
const MAX_INSTANCES = 100_000

/**
 * Replaces endpoints that stand for others: one made from a template gets the settings of the template, one of a WSDL
 * becomes the address of its port. What cannot be replaced is a problem at its location. The input is not changed;
 * unchanged parts are the same objects.
 */
export function * expandDefinitions (
  definitions: Definitions,
  locations: SourceLocations,
  sources: PlaceholderSources,
  documents: Documents = new Map()
): Sliced<{ definitions: Definitions; problems: readonly Problem[] }> {
  const problems: Problem[] = []
  const expanded = yield * withoutTemplates(definitions, { locations, problems, sources })
  const lowered = yield * rewrite(expanded, locations, node =>
    node['kind'] === 'wsdl' ? addressOfPort(node, documents, { locations, problems, sources }) : node
  )
  return { definitions: lowered, problems }
}

/** How the endpoint that names a WSDL is authenticated: its WSDL is read that way, too. */
export interface DocumentSecurity {
  readonly verify: boolean
  readonly tls: Tls | undefined
}

const NO_CERTIFICATES: DocumentSecurity = { verify: true, tls: undefined }

/**
 * The addresses of all WSDLs that endpoints name, and of the files that are local entries. Of several endpoints with
 * one address the first counts.
 */
export function * documentAddresses (
  definitions: Definitions,
  sources: PlaceholderSources
): Sliced<Map<string, DocumentSecurity>> {
  const securityByAddress = new Map<string, DocumentSecurity>()
  for (const entry of Object.values(definitions.localEntries ?? {})) {
    if ('src' in entry && !/^https?:/i.test(entry.src)) securityByAddress.set(entry.src, NO_CERTIFICATES)
  }
  const templates = { locations: new WeakMap(), problems: [], sources }
  const expanded = yield * withoutTemplates(definitions, templates)
  yield * rewrite(expanded, new WeakMap(), node => {
    if (node['kind'] === 'wsdl' && typeof node['uri'] === 'string') {
      const { verify = true, tls } = node as { verify?: boolean; tls?: Tls }
      try {
        const address = resolvePlaceholder(node['uri'], sources)
        if (!securityByAddress.has(address)) securityByAddress.set(address, { verify, tls })
      } catch {
        /* reported by expandDefinitions */
      }
    }
    return node
  })
  return securityByAddress
}

function * withoutTemplates (
  definitions: Definitions,
  { locations, problems, sources }: Expansion
): Sliced<Definitions> {
  const topLevel = new Set<unknown>(Object.values(definitions.endpoints ?? {}))
  /** The templates that an endpoint of a template was made from. */
  const templatePaths = new WeakMap<object, readonly string[]>()
  let instances = 0
  return yield * rewrite(definitions, locations, (node, key, depth) => {
    let current = node
    while (current['kind'] === 'template') {
      const location = locations.get(node)
      const report: ReportProblem = (code, message, hint) => {
        if (!location?.damaged) problems.push(problemAt(location, code, message, hint))
        return UNRESOLVED
      }
      const template = String(current['template'])
      const named = current === node && topLevel.has(node) ? { name: key, ...current } : current
      const templatePath = [...(templatePaths.get(current) ?? []), template]
      const limit = limitOf(templatePath, depth, ++instances)
      if (limit !== undefined) {
        if (instances <= MAX_INSTANCES + 1) report(...limit)
        current = UNRESOLVED
        continue
      }
      current = instantiate(named, definitions, sources, report)
      if (current !== UNRESOLVED && location !== undefined) locations.set(current, location)
      if (current === UNRESOLVED) continue
      for (const made of templatesIn(current)) templatePaths.set(made, templatePath)
      if (current['kind'] === 'template') continue
      const place = (path: string): string =>
        [path.replace(/^endpoints\.instance\.?/, ''), `template "${template}"`].filter(Boolean).join(' of ')
      const invalid = [...violations({ endpoints: { instance: current } }, locations, { place })]
      problems.push(...invalid)
      if (invalid.length > 0) return UNRESOLVED
    }
    return current
  })
}

/** Why an endpoint is not made from the last template of a way, if it is not. */
function limitOf (
  way: readonly string[], depth: number, instances: number
): [code: ProblemCode, message: string] | undefined {
  const template = way.at(-1)!
  const first = way.indexOf(template)
  if (first < way.length - 1) {
    return ['circular-reference', `the template "${template}" contains itself: ${way.slice(first).join(' → ')}`]
  }
  if (way.length > MAX_TEMPLATES || depth > MAX_DEPTH) {
    return [
      'invalid-configuration',
      `the template "${template}" is nested too deep: templates are made from at most ${MAX_TEMPLATES} others`
    ]
  }
  return instances > MAX_INSTANCES
    ? ['invalid-configuration', `templates make more than ${MAX_INSTANCES} endpoints`]
    : undefined
}

/** The endpoints inside of one that are to be made from templates. */
function * templatesIn (endpoint: Config): Generator<object> {
  const left: unknown[] = [endpoint]
  while (left.length > 0) {
    const each = left.pop()
    if (typeof each !== 'object' || each === null) continue
    if ((each as Config)['kind'] === 'template') yield each
    left.push(...Object.values(each))
  }
}

type Instance = Static<TObject<typeof template.fields>>

/**
 * The endpoint that a template describes, with the values of its parameters. Only a whole text is replaced.
 * @see Synapse: Template
 */
function instantiate (
  config: Config,
  { templates = {} }: Definitions,
  sources: PlaceholderSources,
  report: ReportProblem
): Config {
  let instance: Instance
  try {
    instance = resolvedInstance(config as Instance, sources)
  } catch (error) {
    return report('invalid-value', (error as Error).message)
  }
  const { template: key, name, uri, parameters = {} } = instance
  if (!Object.hasOwn(templates, key)) {
    const known = Object.keys(templates)
    return report(
      'missing-reference',
      `unknown template "${key}"`,
      didYouMean(key, known) ?? (known.length > 0 ? `known: ${known.join(', ')}` : undefined)
    )
  }
  const template = templates[key]!
  const values = new Map<string, string | undefined>([...Object.entries(parameters), ['name', name], ['uri', uri]])
  const declared = new Set(['name', 'uri', ...(template.parameters ?? [])])
  const missing = new Set<string>()
  const fill = (value: unknown, field?: string): unknown => {
    if (Array.isArray(value)) return value.map(each => fill(each))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, key)]))
    }
    const [, parameter = '', unit] = (typeof value === 'string' && /^\$([^]*?)( s)?$/.exec(value)) || []
    if (!declared.has(parameter)) return value
    const found = values.get(parameter)
    if (found === undefined) missing.add(parameter)
    return found === undefined ? value : converted(found, field, unit !== undefined)
  }
  const filled = fill(template.endpoint) as Config
  if (missing.size > 0) {
    return report(
      'invalid-configuration',
      `the template "${key}" needs a value for ${[...missing].join(', ')}`,
      'name and uri are attributes, others are <parameter name="…" value="…"/>'
    )
  }
  return withNumbers(name === undefined ? filled : { ...filled, name })
}

/** The instance with the values that its attributes stand for. @throws Error for one that does not exist */
function resolvedInstance ({ template, name, uri, parameters }: Instance, sources: PlaceholderSources): Instance {
  const value = (text: string): string => resolvePlaceholder(text, sources)
  return {
    template: value(template),
    ...(name !== undefined && { name: value(name) }),
    ...(uri !== undefined && { uri: value(uri) }),
    ...(parameters && {
      parameters: Object.fromEntries(Object.entries(parameters).map(([key, each]) => [key, value(each)]))
    })
  }
}

/** The value of a parameter, in the form that the reader of XML gives this field. */
function converted (text: string, field: string | undefined, inSeconds: boolean): string | number | string[] {
  if (inSeconds) return /^\s*\d+(\.\d*)?\s*$/.test(text) ? Number(text) * 1000 : text
  switch (field) {
    case 'errorCodes':
    case 'disabledErrorCodes':
    case 'enabledErrorCodes':
    case 'failureStatus':
      return text.split(/[\s,]+/).filter(Boolean)
    case 'method':
      return text.trim().toUpperCase()
    case 'format':
    case 'responseAction':
    case 'enableAddressing':
    case 'scope':
      return text.trim().toLowerCase()
    default:
      return text
  }
}

/** Texts become numbers where the model has numbers. */
function withNumbers (endpoint: Config): Config {
  const { endpoints } = Value.Convert(Definitions, { endpoints: { it: structuredClone(endpoint) } }) as {
    endpoints: { it: Config }
  }
  return endpoints.it
}
