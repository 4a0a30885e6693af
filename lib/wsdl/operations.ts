import type { Version } from '../message/soap-version.js'
import { attributeOf, childrenOf, type PositionedElement } from '../xml/positioned-tree.js'
import { referenceIn, type Components } from './components.js'
import { SOAP11, SOAP12, WSDL } from './document.js'

/** One way to call an operation: by one SOAP version. */
export interface OperationBinding {
  readonly version: Version
  /** The SOAPAction; may be empty. */
  readonly action: string
  /** Whether its content is the message itself, or a wrapper of the name of the operation. */
  readonly style: 'document' | 'rpc'
  /** Of the wrapper. */
  readonly namespace: string
  /** The parts of the input message. */
  readonly parts: readonly PositionedElement[]
}

export interface Operation {
  readonly name: string
  readonly bindings: readonly OperationBinding[]
}

/** Operations that are listed. */
const MAX_OPERATIONS = 1_000
const VERSIONS = [
  [SOAP11, '1.1'],
  [SOAP12, '1.2']
] as const

/** The operations of a WSDL 1.1 with a SOAP binding, in the order of the document; bindings of one name together. */
export function operationsOf (components: Components): Operation[] {
  const found = new Map<string, OperationBinding[]>()
  for (const binding of components.bindings) {
    const [version, soap] =
      VERSIONS.flatMap(([namespace, each]): [Version, PositionedElement][] =>
        childrenOf(binding, namespace, 'binding').map(element => [each, element])
      )[0] ?? []
    if (version === undefined || soap === undefined) continue
    for (const operation of childrenOf(binding, WSDL, 'operation')) {
      const name = attributeOf(operation, 'name')?.value ?? ''
      const known = found.get(name) ?? []
      if (found.size >= MAX_OPERATIONS || known.some(each => each.version === version)) continue
      found.set(name, [...known, bindingOf(components, { binding, operation, soap, version })])
    }
  }
  return [...found].map(([name, bindings]) => ({ name, bindings }))
}

interface BoundOperation {
  readonly binding: PositionedElement
  readonly operation: PositionedElement
  readonly soap: PositionedElement
  readonly version: Version
}

function bindingOf (components: Components, { binding, operation, soap, version }: BoundOperation): OperationBinding {
  const own = childrenOf(operation, soap.namespace, 'operation')[0]
  const style = attributeOf(own ?? soap, 'style') ?? attributeOf(soap, 'style')
  const input = childrenOf(operation, WSDL, 'input')[0]
  const body = input && childrenOf(input, soap.namespace, 'body')[0]
  const named = body && attributeOf(body, 'parts')?.value.split(/\s+/)
  const parts = partsOf(components, binding, attributeOf(operation, 'name')?.value)
  return {
    version,
    action: (own && attributeOf(own, 'soapAction')?.value) ?? '',
    style: style?.value === 'rpc' ? 'rpc' : 'document',
    namespace: (body && attributeOf(body, 'namespace')?.value) ?? '',
    parts: named === undefined ? parts : parts.filter(part => named.includes(attributeOf(part, 'name')?.value ?? ''))
  }
}

function partsOf (components: Components, binding: PositionedElement, operation = ''): PositionedElement[] {
  const type = referenceIn(binding, 'type')
  const portType = type && components.find('portType', type)
  const found =
    portType && childrenOf(portType, WSDL, 'operation').find(each => attributeOf(each, 'name')?.value === operation)
  const input = found && childrenOf(found, WSDL, 'input')[0]
  const reference = input && referenceIn(input, 'message')
  const message = reference && components.find('message', reference)
  return message === undefined ? [] : childrenOf(message, WSDL, 'part')
}
