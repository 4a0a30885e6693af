import { Type } from '@sinclair/typebox'
import { describe } from '../../contracts/fields.js'
import { checkedAddress } from '../settings/checked-address.js'
import { endpoint } from '../../contracts/kind.js'
import { ownProperty, type Message } from '../../message/message.js'
import { commonSettings, endpointSettings } from '../settings/endpoint-settings.js'
import { requirementsOfEndpoint } from '../settings/endpoint-policies.js'
import { readCommon, readSettings, writeCommon, writeSettings } from '../settings/endpoint-settings-xml.js'
import { resolvePlaceholder } from '../settings/placeholders.js'
import { createNetworkEndpoint } from './network-endpoint.js'

/** An endpoint with one address, and with a state of its own. */
export const address = endpoint({
  name: 'address',
  description: 'Sends to one address, which is suspended after a failure.',
  fields: {
    ...commonSettings,
    uri: describe(
      Type.String({ minLength: 1 }),
      'An http or https address, or `unix+http://%2Frun%2Fapp.sock/path` for a unix socket; `$SYSTEM:NAME` stands ' +
        'for an environment variable.'
    ),
    ...endpointSettings
  },
  read (element, reader) {
    const kindElement = element.child('address')!
    const uri = kindElement.attribute('uri')?.trim() ?? ''
    if (uri === '') {
      reader.problem(
        kindElement,
        '<address> needs a uri',
        'write <address uri="http://host:port/path"/>; <default/> sends to the To of the message'
      )
    }
    return { ...readCommon(element, reader), uri, ...readSettings(kindElement, reader) }
  },
  write: ({ uri, ...config }) => [...writeCommon(config), writeSettings('address', { uri }, config)],
  reads: requirementsOfEndpoint,
  build (config, context) {
    const resolved = resolvePlaceholder(config.uri, context)
    const isComputed = resolved.includes('${')
    const uri = checkedAddress(resolved, context, isComputed)
    return createNetworkEndpoint(
      config,
      context,
      isComputed
        ? {
            addressFor: (message: Message) => fillPlaceholders(uri, message),
            origin: originBeforePlaceholders(uri)
          }
        : uri
    )
  }
})

/** Returns scheme, host and port if they precede the first placeholder. */
const originBeforePlaceholders = (uri: string): string | undefined => /^https?:\/\/[^/?#${}]+(?=[/?#])/i.exec(uri)?.[0]

/**
 * Replaces `${name}` by properties of the message. Placeholders without a property stay.
 * @see Apache Synapse, EndpointDefinition
 */
const fillPlaceholders = (uri: string, { properties }: Message): string =>
  uri.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    const value = ownProperty(properties, name)
    return value === undefined || typeof value === 'object' ? whole : String(value)
  })
