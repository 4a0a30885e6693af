import { endpoint } from '../../contracts/kind.js'
import type { Message } from '../../message/message.js'
import { commonSettings, endpointSettings } from '../settings/endpoint-settings.js'
import { requirementsOfEndpoint } from '../settings/endpoint-policies.js'
import { readCommon, readSettings, writeCommon, writeSettings } from '../settings/endpoint-settings-xml.js'
import { createNetworkEndpoint } from './network-endpoint.js'

/** Sends each message to the address in its own To. */
export const defaultEndpoint = endpoint({
  name: 'default',
  description: 'Sends to the address that the message itself names in To.',
  fields: { ...commonSettings, ...endpointSettings },
  read: (element, reader) => ({ ...readCommon(element, reader), ...readSettings(element.child('default')!, reader) }),
  write: config => [...writeCommon(config), writeSettings('default', {}, config)],
  reads: (config, of) => ({ ...requirementsOfEndpoint(config, of), usesTo: true }),
  build: (config, context) =>
    createNetworkEndpoint(config, context, { addressFor: (message: Message) => message.addressing.to })
})
