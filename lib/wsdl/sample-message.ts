import { MEDIA_TYPE, SOAP_NAMESPACE, SYNAPSE_NAMESPACE, type Version } from '../message/soap-version.js'
import { escapeText } from '../xml/escape.js'
import { attributeOf } from '../xml/positioned-tree.js'
import { referenceIn, type Components } from './components.js'
import type { Operation, OperationBinding } from './operations.js'
import { SampleContent } from './sample-content.js'

/** A request that a reader completes and sends. */
export interface SampleMessage {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SampleOptions {
  readonly version: Version
  /** Undefined: the Body is empty. */
  readonly operation?: Operation | undefined
  /** The session id of a `ClientID` header block. Default: there is none. */
  readonly clientId?: string | undefined
}

/** A SOAP request of an operation, made from its schema. Bounded: at most 500 elements. */
export function sampleMessage (
  components: Components | undefined,
  { version, operation, clientId }: SampleOptions
): SampleMessage {
  const binding = operation?.bindings.find(each => each.version === version) ?? operation?.bindings[0]
  const content = components && binding && operation && contentOf(components, operation.name, binding)
  const body =
    content === undefined || content.lines.length === 0
      ? ['  <soapenv:Body/>']
      : ['  <soapenv:Body>', ...content.lines, '  </soapenv:Body>']
  const lines = [
    `<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[version]}"${content?.declarations ?? ''}>`,
    ...(clientId === undefined ? [] : headerOf(clientId)),
    ...body,
    '</soapenv:Envelope>'
  ]
  return { headers: headersOf(version, binding?.action ?? ''), body: lines.join('\n') }
}

function contentOf (components: Components, name: string, binding: OperationBinding): SampleContent {
  const content = new SampleContent(components)
  const write = (depth: number): void => {
    for (const part of binding.parts) {
      const [element, type] = [referenceIn(part, 'element'), referenceIn(part, 'type')]
      if (element !== undefined) content.globalElement(element, depth)
      else if (type !== undefined) content.typedElement(attributeOf(part, 'name')?.value ?? 'part', type, depth)
    }
  }
  if (binding.style === 'rpc') content.wrapper({ namespace: binding.namespace, name }, 2, write)
  else write(2)
  return content
}

const headerOf = (clientId: string): string[] => [
  '  <soapenv:Header>',
  `    <syn:ClientID xmlns:syn="${SYNAPSE_NAMESPACE}">${escapeText(clientId)}</syn:ClientID>`,
  '  </soapenv:Header>'
]

/** SOAP 1.1 has its action in a header, SOAP 1.2 in the media type. */
function headersOf (version: Version, given: string): Record<string, string> {
  const action = given.replace(/[^\x21\x23-\x7e]/g, '')
  const type = `${MEDIA_TYPE[version]}; charset=utf-8`
  if (version === '1.1') return { 'content-type': type, soapaction: `"${action}"` }
  return { 'content-type': action === '' ? type : `${type}; action="${action}"` }
}
