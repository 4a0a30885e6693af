import { endpoint } from '../contracts/kind.js'
import { createReservingEndpoint } from '../contracts/endpoint.js'
import type { Message } from '../message/message.js'
import { nested } from '../pipeline/nesting.js'
import { endpointSettings } from './settings/endpoint-settings.js'
import { createNetworkEndpoint } from './network/network-endpoint.js'
import { unknownEndpoint } from './reference.js'

/**
 * Returns a kind of endpoint for the option `extensions`: for each message a function gives the address, or the name of
 * an endpoint of the configuration. Each address has a state of its own, up to 1000. Headers that a client may set are
 * as trustworthy as the client: choose by what a hook of the app has set.
 * @param choose undefined, or neither an address nor a name: the message fails
 */
export const dynamicEndpoint = <const N extends string>(name: N, choose: (message: Message) => string | undefined) =>
  endpoint({
    name,
    description: 'Sends each message to the endpoint that a function chooses.',
    fields: { ...endpointSettings },
    read: () => ({}),
    reads: (_, of) => of.anyEndpoint(),
    build (config, context) {
      let chosen: string | undefined
      const byAddress = createNetworkEndpoint(config, context, { addressFor: () => chosen })
      return createReservingEndpoint(name, (message, bound, delivery) => {
        chosen = choose(message)
        if (chosen !== undefined && !/^https?:/i.test(chosen)) {
          const endpoint = context.endpointByKey(chosen) ?? unknownEndpoint(chosen)
          return endpoint.reserve(nested(message, `the endpoint "${chosen.slice(0, 100)}"`, endpoint), bound, delivery)
        }
        return byAddress.reserve(message, bound, delivery)
      })
    }
  })
