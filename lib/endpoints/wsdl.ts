import { Type } from '@sinclair/typebox'
import { told } from '../contracts/fields.js'
import { endpoint, present } from '../contracts/kind.js'
import { common, definition, needsOf, readCommon, readDefinition, writeCommon, writeDefinition } from './endpoint-settings.js'

/** An endpoint whose address and format a WSDL 1.1 says. The WSDL is read before anything is built: what runs is an `address`. */
export const wsdl = endpoint({
  name: 'wsdl',
  about: 'Sends to the address of a port of a WSDL 1.1, in the format of its binding.',
  fields: {
    ...common,
    uri: told(Type.Optional(Type.String({ minLength: 1 })), 'Where the WSDL is.'),
    inline: told(Type.Optional(Type.String({ minLength: 1 })), 'The WSDL itself.'),
    service: told(Type.String({ minLength: 1 }), 'The local name of a service in it.'),
    port: told(Type.String({ minLength: 1 }), 'The local name of a port of that.'),
    ...definition
  },
  read (element, reader) {
    const place = element.child('wsdl')!
    const [uri, service, port] = ['uri', 'service', 'port'].map(name => place.attribute(name)?.trim())
    const inline = place.elements.find(({ namespace, name }) => namespace === 'http://schemas.xmlsoap.org/wsdl/' && name === 'definitions')?.markup()
    if (!uri && inline === undefined) reader.problem(place, '<wsdl> needs a uri, or a WSDL inside')
    for (const [name, value] of Object.entries({ service, port })) if (!value) reader.problem(place, `<wsdl> needs a ${name}`, 'by its local name in the WSDL')
    return present({ ...readCommon(element, reader), uri, inline: uri ? undefined : inline, service, port, ...readDefinition(place, reader) })
  },
  write ({ uri, service, port, inline, ...config }) {
    const [name, attributes, ...settings] = writeDefinition('wsdl', { uri, service, port }, config)
    return [...writeCommon(config), [name, attributes, inline === undefined ? undefined : { markup: inline }, ...settings]]
  },
  needs: needsOf,
  build ({ uri }) { throw new Error(`the WSDL ${uri ?? 'inside the endpoint'} was not read`) }
})
