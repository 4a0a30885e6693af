import { escapeAttribute } from '../xml/escape.js'
import { SCHEMA, SOAP11, SOAP12, WSDL, WSDL2 } from './document.js'
import {
  attributeOf,
  childrenOf,
  missingDeclarations,
  namespaceIn,
  type PositionedElement
} from '../xml/positioned-tree.js'

/** A WSDL 1.1 with a part that WSDL 2.0, or this translation to it, cannot express. */
export class NotTranslatable extends Error {}

/** Characters that the schemas may have, all in all. */
const LENGTH = 8 * 1024 * 1024
/** Characters that a name may have. */
const NAME = 256
const WSOAP = 'http://www.w3.org/ns/wsdl/soap'
const PROTOCOL: Readonly<Record<string, readonly [version: string, protocol: string]>> = {
  [SOAP11]: ['1.1', 'http://www.w3.org/2006/01/soap11/bindings/HTTP/'],
  [SOAP12]: ['1.2', 'http://www.w3.org/2003/05/soap/bindings/HTTP/']
}

/** An element on its own: it declares all prefixes that are declared outside of it. */
export const standalone = (bytes: Buffer, element: PositionedElement): string =>
  bytes.toString('utf8', element.start, element.nameEnd) +
  missingDeclarations(element) +
  bytes.toString('utf8', element.nameEnd, element.end)

/**
 * A WSDL 1.1 as WSDL 2.0 (W3C, Core Language and Adjuncts, 2007): its schemas as they are, port types as interfaces,
 * the SOAP bindings and ports.
 * Only document/literal with whole elements as messages, request–response and one-way; other bindings than SOAP are
 * left out.
 * @throws for the rest, and for what is in imported WSDLs
 */
export function toWsdl2 (bytes: Buffer, root: PositionedElement): string {
  const prefixes = new Map<string, string>()
  const target = attributeOf(root, 'targetNamespace')?.value ?? ''
  if (target === '') throw new NotTranslatable('it has no targetNamespace')
  // Names occur here more often than in the document.
  const short = (text: string): string => {
    if (text.length > NAME) throw new NotTranslatable(`a name is longer than ${NAME} characters`)
    return text
  }
  const name = (node: PositionedElement): string => escapeAttribute(short(attributeOf(node, 'name')?.value ?? ''))
  const split = (node: PositionedElement, attribute: string): [string, string] => {
    const value = short(attributeOf(node, attribute)?.value.trim() ?? '')
    const [local = '', prefix = ''] = value.split(':').reverse()
    return [namespaceIn(node.scope, prefix) ?? '', local]
  }
  const qname = (node: PositionedElement, attribute: string): string => {
    const [namespace, local] = split(node, attribute)
    if (namespace === '') throw new NotTranslatable(`the element ${local} is in no namespace`)
    const prefix = prefixes.get(namespace) ?? `n${prefixes.size}`
    prefixes.set(namespace, prefix)
    return `${prefix}:${escapeAttribute(local)}`
  }
  const index = new Map(
    root.children
      .filter(({ namespace }) => namespace === WSDL)
      .map(each => [`${each.name} ${attributeOf(each, 'name')?.value}`, each])
  )
  /** The element of this document that a reference means. */
  const referred = (node: PositionedElement, attribute: string, kind: string): PositionedElement => {
    const [namespace, local] = split(node, attribute)
    const found = namespace === target ? index.get(`${kind} ${local}`) : undefined
    if (!found) throw new NotTranslatable(`the ${kind} ${local} is not in the document itself`)
    return found
  }
  const element = (node: PositionedElement): string => {
    const message = referred(node, 'message', 'message')
    const parts = childrenOf(message, WSDL, 'part')
    const [part] = parts
    if (!part) return 'element="#none"'
    if (parts.length > 1 || !attributeOf(part, 'element')) {
      throw new NotTranslatable(`the message ${name(message)} is not one element`)
    }
    return `element="${qname(part, 'element')}"`
  }
  const one = (node: PositionedElement, direction: string): PositionedElement | undefined =>
    childrenOf(node, WSDL, direction)[0]

  const interfaceOf = (portType: PositionedElement): string => {
    const faults = new Map<string, string>()
    const operations = childrenOf(portType, WSDL, 'operation').map(operation => {
      const [input, output] = [one(operation, 'input'), one(operation, 'output')]
      if (!input) throw new NotTranslatable(`the operation ${name(operation)} begins with the service`)
      const thrown = childrenOf(operation, WSDL, 'fault').map(fault => {
        const [type, known] = [element(fault), faults.get(name(fault))]
        if (known !== undefined && known !== type) {
          throw new NotTranslatable(`two different faults are called ${name(fault)}`)
        }
        faults.set(name(fault), type)
        return `<wsdl:outfault ref="tns:${name(fault)}"/>`
      })
      return (
        `<wsdl:operation name="${name(operation)}" pattern="${WSDL2}/${output ? 'in-out' : 'in-only'}">` +
        `<wsdl:input ${element(input)}/>` +
        `${output ? `<wsdl:output ${element(output)}/>` : ''}${thrown.join('')}</wsdl:operation>`
      )
    })
    const declared = [...faults].map(([fault, type]) => `<wsdl:fault name="${fault}" ${type}/>`)
    return `<wsdl:interface name="${name(portType)}">${declared.join('')}${operations.join('')}</wsdl:interface>\n`
  }

  const soapOf = (node: PositionedElement, local: string): PositionedElement | undefined =>
    [SOAP11, SOAP12].flatMap(each => childrenOf(node, each, local))[0]
  const bindingOf = (binding: PositionedElement): string => {
    const soap = soapOf(binding, 'binding')!
    const [version, protocol] = PROTOCOL[soap.namespace]!
    const operations = childrenOf(binding, WSDL, 'operation').map(operation => {
      const own = soapOf(operation, 'operation')
      const bodies = ['input', 'output'].flatMap(each => one(operation, each) ?? [])
      if ([own, soap].some(each => each && attributeOf(each, 'style')?.value === 'rpc')) {
        throw new NotTranslatable(`the binding ${name(binding)} is of style rpc`)
      }
      if (
        bodies.some(
          each =>
            each.children.some(child => child.name !== 'body') ||
            attributeOf(soapOf(each, 'body') ?? each, 'use')?.value === 'encoded'
        )
      ) {
        throw new NotTranslatable(
          `the operation ${name(operation)} of the binding ${name(binding)} has headers, parts or an encoding`
        )
      }
      const action = own && attributeOf(own, 'soapAction')?.value
      const soapAction = action ? ` wsoap:action="${escapeAttribute(action)}"` : ''
      return `<wsdl:operation ref="tns:${name(operation)}"${soapAction}/>`
    })
    const type = name(referred(binding, 'type', 'portType'))
    return (
      `<wsdl:binding name="${name(binding)}" interface="tns:${type}" type="${WSOAP}"` +
      ` wsoap:version="${version}" wsoap:protocol="${protocol}">${operations.join('')}</wsdl:binding>\n`
    )
  }

  const serviceOf = (service: PositionedElement): string => {
    const ports = childrenOf(service, WSDL, 'port')
      .filter(port => soapOf(port, 'address'))
      .map(port => ({ port, binding: referred(port, 'binding', 'binding') }))
    const interfaces = new Set(ports.map(({ binding }) => name(referred(binding, 'type', 'portType'))))
    if (interfaces.size !== 1) {
      throw new NotTranslatable(`the service ${name(service)} has ports of ${interfaces.size} port types`)
    }
    const endpoints = ports.map(({ port, binding }) => {
      const address = escapeAttribute(attributeOf(soapOf(port, 'address')!, 'location')?.value ?? '')
      return `<wsdl:endpoint name="${name(port)}" binding="tns:${name(binding)}" address="${address}"/>`
    })
    const type = [...interfaces].join('')
    return `<wsdl:service name="${name(service)}" interface="tns:${type}">${endpoints.join('')}</wsdl:service>\n`
  }

  let types = ''
  for (const schema of childrenOf(root, WSDL, 'types').flatMap(each => childrenOf(each, SCHEMA, 'schema'))) {
    types += standalone(bytes, schema) + '\n'
    if (types.length > LENGTH) throw new NotTranslatable('its schemas are too long')
  }
  const parts = [
    ...childrenOf(root, WSDL, 'portType').map(interfaceOf),
    ...childrenOf(root, WSDL, 'binding')
      .filter(each => soapOf(each, 'binding'))
      .map(bindingOf),
    ...childrenOf(root, WSDL, 'service').map(serviceOf)
  ]
  const declared = [
    ['wsdl', WSDL2],
    ['wsoap', WSOAP],
    ['tns', target],
    ...[...prefixes].map(([uri, prefix]) => [prefix, uri])
  ].map(([prefix, uri = '']) => ` xmlns:${prefix}="${escapeAttribute(uri)}"`)
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<wsdl:description${declared.join('')}` +
    ` targetNamespace="${escapeAttribute(target)}">\n` +
    `<wsdl:types>${types}</wsdl:types>\n${parts.join('')}</wsdl:description>\n`
  )
}
