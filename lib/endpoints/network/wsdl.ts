import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { endpoint } from '../../contracts/kind.js'
import { commonSettings, endpointSettings } from '../settings/endpoint-settings.js'
import { requirementsOfEndpoint } from '../settings/endpoint-policies.js'
import { readCommon, readSettings, writeCommon, writeSettings } from '../settings/endpoint-settings-xml.js'

/**
 * An endpoint whose address and format come from a WSDL 1.1. The WSDL is read before anything is built, and the
 * endpoint becomes an `address`.
 */
export const wsdl = endpoint({
  name: 'wsdl',
  description: 'Sends to the address of a port of a WSDL 1.1, in the format of its binding.',
  fields: {
    ...commonSettings,
    uri: describe(Type.Optional(Type.String({ minLength: 1 })), 'Where the WSDL is.'),
    inline: describe(Type.Optional(Type.String({ minLength: 1 })), 'The WSDL itself.'),
    service: describe(Type.String({ minLength: 1 }), 'The local name of a service in it.'),
    port: describe(Type.String({ minLength: 1 }), 'The local name of a port of that.'),
    ...endpointSettings
  },
  read (element, reader) {
    const kindElement = element.child('wsdl')!
    const [uri, service, port] = ['uri', 'service', 'port'].map(name => kindElement.attribute(name)?.trim())
    const inline = kindElement.elements
      .find(({ namespace, name }) => namespace === 'http://schemas.xmlsoap.org/wsdl/' && name === 'definitions')
      ?.markup()
    if (!uri && inline === undefined) reader.problem(kindElement, '<wsdl> needs a uri, or a WSDL inside')
    for (const [name, value] of Object.entries({ service, port })) {
      if (!value) reader.problem(kindElement, `<wsdl> needs a ${name}`, 'by its local name in the WSDL')
    }
    return omitUndefined({
      ...readCommon(element, reader),
      uri,
      inline: uri ? undefined : inline,
      service,
      port,
      ...readSettings(kindElement, reader)
    })
  },
  write ({ uri, service, port, inline, ...config }) {
    const [name, attributes, ...settings] = writeSettings('wsdl', { uri, service, port }, config)
    return [
      ...writeCommon(config),
      [name, attributes, inline === undefined ? undefined : { markup: inline }, ...settings]
    ]
  },
  reads: requirementsOfEndpoint,
  build ({ uri }) {
    throw new Error(`the WSDL ${uri ?? 'inside the endpoint'} was not read`)
  }
})
