import { Type } from '@sinclair/typebox'
import { endpoint, type Tools } from '../kind.js'
import type { Message } from '../message.js'
import { common, definition, needsOf, readCommon, readDefinition, writeCommon, writeDefinition } from './definition.js'
import { network } from './network.js'

/** One place on the network, with a health of its own. */
export const address = endpoint({
  name: 'address',
  about: 'Sends to one address, and leaves it alone for a while when it fails.',
  fields: { ...common, uri: Type.String({ minLength: 1 }), ...definition },
  read (element, reader) {
    const place = element.child('address')!
    return { ...readCommon(element, reader), uri: place.attribute('uri')?.trim() ?? '', ...readDefinition(place, reader) }
  },
  write: ({ uri, ...config }) => [...writeCommon(config), writeDefinition('address', { uri }, config)],
  needs: needsOf,
  build (config, tools) {
    const uri = fromEnvironment(config.uri, tools)
    return network(config, tools, uri.includes('${') ? message => filled(uri, message) : uri)
  }
})

/** `$SYSTEM:NAME` stands for an environment variable (Synapse: SynapseConfigUtils). @throws Error if it is not set */
export function fromEnvironment (text: string, tools: Pick<Tools, 'environment'>): string {
  if (!text.startsWith('$SYSTEM')) return text
  const name = text.slice(text.lastIndexOf(':') + 1)
  const value = tools.environment(name)
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`)
  return value.trim()
}

/** `${name}` stands for a property of the message; what has none stays as it is (Synapse: EndpointDefinition). */
const filled = (uri: string, { properties }: Message): string =>
  uri.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    const value = properties[name]
    return value === undefined || typeof value === 'object' ? whole : String(value)
  })
