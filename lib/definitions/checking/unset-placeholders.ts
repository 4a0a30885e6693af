import { isPlaceholder } from '../../endpoints/settings/placeholders.js'
import type { Sliced } from '../../slices/sliced-work.js'
import type { Definitions } from '../model/model.js'
import { problemAt, type Problem, type SourceLocations } from '../model/problem.js'

/** Objects that one slice looks at. */
const SLICE_SIZE = 1000

/** Properties that the gateway itself sets. */
const OWN = /^(?:ERROR_|REST_|SYNAPSE_REST_|uri\.var\.|query\.param\.|proxy\.name$|SENDING_FAULT$)/

/**
 * Reports each `${name}` in an address where no part of the configuration sets a property of this name: messages to it
 * fail.
 */
export function * unsetPlaceholders (definitions: Definitions, locations: SourceLocations): Sliced<Problem[]> {
  const set = new Set<string>()
  const addresses: { readonly kind: 'address'; readonly uri: string }[] = []
  const { templates, ...parts } = definitions
  const waiting: object[] = [parts]
  for (let node = waiting.pop(), count = 0; node !== undefined; node = waiting.pop(), count++) {
    if (count % SLICE_SIZE === 0) yield
    if (isAddress(node)) addresses.push(node)
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'object' && value !== null) waiting.push(value)
      else if (typeof value === 'string' && (key === 'name' || key === 'property')) set.add(value)
    }
  }
  return addresses.flatMap(address =>
    namesIn(address.uri)
      .filter(name => !set.has(name) && !OWN.test(name))
      .map(name =>
        problemAt(
          locations.get(address),
          'unresolved-address',
          `the address "${address.uri}" needs the property ${name}, which nothing in this configuration sets`,
          `set it before: <property name="${name}" value="…"/>`,
          'warning'
        )
      )
  )
}

const isAddress = (node: object): node is { kind: 'address'; uri: string } =>
  'kind' in node &&
  node.kind === 'address' &&
  'uri' in node &&
  typeof node.uri === 'string' &&
  node.uri.includes('${') &&
  !isPlaceholder(node.uri)

const namesIn = (uri: string): string[] => [
  ...new Set(Array.from(uri.matchAll(/\$\{([^}]*)\}/g), found => found[1]!))
]
