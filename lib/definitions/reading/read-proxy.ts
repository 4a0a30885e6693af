import { omitUndefined } from '../../contracts/fields.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'

/** Records where a value was read from, and returns it. */
export type Locate = <T extends object>(element: Element, value: T) => T

/**
 * Reads `<proxy>`. An attribute of `<target>` wins over the child of the same name.
 * @see Synapse: ProxyServiceFactory
 */
export function readProxy (element: Element, reader: Reader, locate: Locate): object {
  for (const ignored of ['trace', 'statistics', 'serviceGroup']) element.attribute(ignored)
  const pinned = element.attribute('pinnedServers')
  if (pinned) reader.hint(element, 'pinnedServers has no effect', 'the proxy runs wherever its configuration is loaded')
  for (const child of element.all('enableSec', 'enableRM')) {
    reader.problem(child.markHandled(), `<${child.name}> on a proxy is not supported`, SECURED[child.name],
      'unsupported-feature')
  }
  for (const child of element.all('enableAddressing', 'policy')) {
    reader.hint(child.markHandled(), `<${child.name}> on a proxy has no effect`, WITHOUT_EFFECT[child.name])
  }
  const target = element.child('target')
  return omitUndefined({
    description: element.child('description')?.text,
    transports: transportsOf(element, reader),
    websocket: webSocketOf(element, reader),
    startOnLoad: reader.flag(element, 'startOnLoad', 'onlyTrue'),
    in: sequenceOf(target, 'inSequence', reader, locate),
    endpoint: endpointOf(target, reader, locate),
    out: sequenceOf(target, 'outSequence', reader, locate),
    fault: sequenceOf(target, 'faultSequence', reader, locate),
    wsdl: wsdlOf(element, reader, locate),
    parameters: parametersOf(element, reader)
  })
}

const SECURED: Readonly<Record<string, string>> = {
  enableSec: 'without it the service is open to everyone: authenticate in front of it, in a hook of its app, or ' +
    'keep the policy at the back-end, which gets the security headers untouched',
  enableRM: 'reliable messaging ends at the back-end: leave it out, and its headers pass through untouched'
}
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  enableAddressing: 'addressing is read where it is needed; <enableAddressing/> of an endpoint writes it',
  policy: 'policies are neither published nor enforced: those in a WSDL are published with it'
}

/** The parameter that lets clients upgrade to WebSocket. */
const WEB_SOCKET = 'websocket'

function webSocketOf (element: Element, reader: Reader): boolean | undefined {
  const parameter = element.all('parameter').find(each => each.attribute('name') === WEB_SOCKET)
  if (parameter === undefined) return undefined
  const text = parameter.text.trim().toLowerCase()
  if (text === 'true' || text === 'false') return text === 'true'
  reader.problem(parameter, `the parameter ${WEB_SOCKET} is true or false, not "${text}"`)
  return undefined
}

function parametersOf (element: Element, reader: Reader): Record<string, string> | undefined {
  const parameters = element.all('parameter').filter(each => each.attribute('name') !== WEB_SOCKET)
  const unnamed = parameters.find(each => !each.attribute('name'))
  if (unnamed) reader.problem(unnamed, 'a <parameter> of a proxy needs a name')
  if (parameters.length === 0) return undefined
  return Object.fromEntries(parameters.map(each =>
    [each.attribute('name') ?? '', each.elements[0]?.markup() ?? each.text]))
}

/**
 * Undefined: all. A proxy that is reached over other transports only cannot run.
 * @see Synapse: ProxyServiceFactory
 */
function transportsOf (element: Element, reader: Reader): string[] | undefined {
  const names = (element.attribute('transports') ?? '').split(/[\s,]+/).filter(Boolean)
  if (names.length === 0 || names.includes('all')) return undefined
  for (const name of names) {
    if (name === 'local') {
      reader.hint(element, 'the transport local has no effect', 'proxies call one another over http')
    } else if (!SERVED.includes(name)) {
      reader.problem(element, `unsupported transport "${name}": supported are ${SERVED.join(' and ')}`,
        'let a service that listens there post the messages to the proxy', 'unsupported-feature')
    }
  }
  const served = names.filter(name => SERVED.includes(name))
  return served.length === 0 ? undefined : served
}
const SERVED = ['http', 'https']

export function sequenceOf (
  target: Element | undefined, name: string, reader: Reader, locate: Locate
): object | undefined {
  const key = target?.attribute(name)
  const inline = target?.child(name)
  if (key !== undefined) {
    if (inline) reader.hint(inline, `<${name}> has no effect beside the attribute of the same name`)
    return [locate(target!, { kind: 'sequence', key })]
  }
  return inline && reader.sequence(inline)
}

function endpointOf (target: Element | undefined, reader: Reader, locate: Locate): object | undefined {
  const key = target?.attribute('endpoint')
  const inline = target?.child('endpoint')
  if (key !== undefined) return locate(target!, { kind: 'reference', key })
  return inline && reader.endpoint(inline) as object
}

function wsdlOf (element: Element, reader: Reader, locate: Locate): object | undefined {
  const published = element.child('publishWSDL')
  if (published === undefined) return undefined
  published.attribute('preservePolicy')
  if (published.attribute('endpoint') !== undefined) {
    reader.problem(published, 'publishWSDL endpoint="…" is not supported',
      'name the address of the document with uri="…"', 'unsupported-feature')
  }
  const resources = published.all('resource').map(each => {
    const resource = { location: each.attribute('location') ?? '', key: each.attribute('key') ?? '' }
    if (!resource.location || !resource.key) {
      reader.problem(each, 'a <resource> needs a location and a key',
        'the location as the WSDL imports it, and the local entry that holds it')
    }
    return resource
  })
  const inline = published.elements.find(({ name }) => name === 'definitions' || name === 'description')
  return locate(published, omitUndefined({
    key: published.attribute('key'),
    uri: published.attribute('uri')?.trim(),
    inline: inline?.markup(),
    resources: resources.length > 0 ? resources : undefined
  }))
}
