import type { Flow, Outcome } from '../flow.js'
import { named, type Endpoint, type Tools } from '../kind.js'
import { attempt } from '../leaf.js'
import type { Message } from '../message.js'
import { outgoing, type Dress } from '../outgoing.js'
import type { Leaf } from '../registry.js'
import { read, soapVersionOf } from '../soap/read.js'
import { policyOf, retryOf, type Definition } from './definition.js'

/** A place on the network: where it is, and its state. */
interface Place { readonly uri: string, readonly origin: string, readonly path: string, readonly leaf: Leaf }

/** How many addresses of one endpoint, made from messages, are remembered with a state of their own. */
const MOST_PLACES = 1000

/**
 * An endpoint that is somewhere on the network. `where` is its address, or gives one for each message: then each address has a health of its own.
 * @throws Error if the address is none
 */
export function network (config: Definition & { name?: string }, tools: Tools, where: string | ((message: Message) => string)): Endpoint {
  const called = config.name ?? tools.nameFor(typeof where === 'string' ? where : 'endpoint')
  const policy = policyOf(config)
  const [retry, dress] = [retryOf(config), dressOf(config)]
  const options = { timeout: config.timeout?.duration ?? 0, verify: config.verify ?? true }

  const fixed = typeof where === 'string' ? placeAt(where, tools.claim.leaf(called, where, policy)) : undefined
  const places = new Map<string, Place>()
  const placeFor = (message: Message): Place => {
    const uri = (where as (message: Message) => string)(message)
    const known = places.get(uri)
    if (known) return known
    if (places.size >= MOST_PLACES) {
      const [oldest, { leaf }] = places.entries().next().value!
      places.delete(oldest)
      tools.claim.forgetLeaf(leaf.name)
    }
    const place = placeAt(uri, tools.claim.leaf(`${called} ${uri}`, uri, policy))
    places.set(uri, place)
    return place
  }

  return named(called, function * (message, bound = false): Flow<Outcome> {
    const place = fixed ?? placeFor(message)
    const outcome: Outcome = yield * attempt(place.leaf, tools.registry, retry, bound, () => {
      const sent = outgoing(message, place.uri, dress, tools.uuid)
      return { kind: 'call', origin: place.origin, path: withSuffix(place.path, sent), message: sent, options }
    })
    return outcome.kind === 'answered' && outcome.message.read ? { kind: 'answered', message: read(outcome.message) } : outcome
  })
}

function placeAt (uri: string, leaf: Leaf): Place {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new Error(`"${uri}" is no http or https address`)
  return { uri, origin: url.origin, path: url.pathname + url.search, leaf }
}

/** What follows the address of the service goes on for plain messages only; SOAP has one address (Synapse: Axis2FlexibleMEPClient). */
function withSuffix (path: string, message: Message): string {
  const suffix = message.path + message.query
  if (suffix === '' || soapVersionOf(message) !== undefined) return path
  return path.endsWith('/') && suffix.startsWith('/') ? path + suffix.slice(1) : path + suffix
}

const dressOf = ({ enableAddressing: version, format }: Definition): Dress => ({
  addressing: version === undefined ? undefined : version === 'submission' ? 'submission' : 'final',
  format
})
