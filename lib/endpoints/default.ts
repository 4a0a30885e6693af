import { endpoint } from '../contracts/kind.js'
import type { Message } from '../message/message.js'
import { common, definition, needsOf, readCommon, readDefinition, writeCommon, writeDefinition } from './endpoint-settings.js'
import { network } from './network.js'

/** Wherever the message's own To says. */
export const defaultEndpoint = endpoint({
  name: 'default',
  about: 'Sends to the address that the message itself names in To.',
  fields: { ...common, ...definition },
  read: (element, reader) => ({ ...readCommon(element, reader), ...readDefinition(element.child('default')!, reader) }),
  write: config => [...writeCommon(config), writeDefinition('default', {}, config)],
  needs: needsOf,
  build: (config, tools) => network(config, tools, { at: (message: Message) => message.addressing.to })
})
