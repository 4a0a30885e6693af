import { attributeOf, childrenOf, namespaceIn, type PositionedElement } from '../xml/positioned-tree.js'
import { parseDocument, SOAP11, SOAP12, WSDL } from './document.js'

const HTTP = 'http://schemas.xmlsoap.org/wsdl/http/'

/** Where a port of a WSDL is, and how messages to it are written. */
export interface Port {
  readonly address: string
  readonly format: 'soap11' | 'soap12' | 'rest' | 'get'
}

/** A service or port that a WSDL does not have: messages to it fail, and the rest of a configuration runs. */
export class MissingPort extends Error {}

/**
 * A port of a WSDL 1.1, by the local names of its service and its own. Its binding decides the format (Synapse:
 * WSDL11EndpointBuilder).
 * @throws MissingPort, naming what it has @throws Error if it is not WSDL 1.1
 */
export function findPort (text: string, service: string, port: string): Port {
  const root = parseDocument(Buffer.from(text))
  if (root.namespace !== WSDL || root.name !== 'definitions') throw new Error('it is not WSDL 1.1')
  const ofName = (nodes: PositionedElement[], what: string, name: string): PositionedElement => {
    const found = nodes.find(node => attributeOf(node, 'name')?.value === name)
    if (found !== undefined) return found
    throw new MissingPort(
      `it has no ${what} "${name}", ${
        nodes.length === 0
          ? `nor any other ${what}`
          : `only ${nodes
              .slice(0, 10)
              .map(node => attributeOf(node, 'name')?.value ?? '')
              .join(', ')}`
      }`
    )
  }
  const found = ofName(
    childrenOf(ofName(childrenOf(root, WSDL, 'service'), 'service', service), WSDL, 'port'),
    'port',
    port
  )
  for (const [namespace, format] of [
    [SOAP11, 'soap11'],
    [SOAP12, 'soap12'],
    [HTTP, 'rest']
  ] as const) {
    const address = childrenOf(found, namespace, 'address').map(node =>
      attributeOf(node, 'location')?.value.trim()
    )[0]
    if (address) return { address, format: format === 'rest' && isGet(root, found) ? 'get' : format }
  }
  throw new MissingPort(`its port "${port}" has no SOAP or HTTP address`)
}

/** Whether the HTTP binding of a port, in the same document, is one of GET. */
function isGet (root: PositionedElement, port: PositionedElement): boolean {
  const [local, prefix = ''] = (attributeOf(port, 'binding')?.value.trim() ?? '').split(':').reverse()
  if (namespaceIn(port.scope, prefix) !== attributeOf(root, 'targetNamespace')?.value) return false
  const binding = childrenOf(root, WSDL, 'binding').find(node => attributeOf(node, 'name')?.value === local)
  return (
    binding !== undefined &&
    childrenOf(binding, HTTP, 'binding').some(node => attributeOf(node, 'verb')?.value.toUpperCase() === 'GET')
  )
}
