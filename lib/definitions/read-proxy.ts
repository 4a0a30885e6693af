import { omitUndefined, type Reader } from '../contracts/kind.js'
import type { Element } from '../xml/element.js'

type From = <T extends object>(element: Element, value: T) => T

/** `<proxy>` (Synapse: ProxyServiceFactory). An attribute of `<target>` wins over the child of the same name. */
export function readProxy (element: Element, reader: Reader, from: From): object {
  for (const ignored of ['trace', 'statistics', 'serviceGroup']) element.attribute(ignored)
  const pinned = element.attribute('pinnedServers')
  if (pinned) reader.hint(element, 'pinnedServers has no effect', 'the proxy runs wherever its configuration is loaded')
  for (const inside of element.all('enableSec', 'enableRM')) reader.problem(inside.markHandled(), `<${inside.name}> on a proxy is not supported`, SECURED)
  for (const inside of element.all('enableAddressing', 'policy')) reader.hint(inside.markHandled(), `<${inside.name}> on a proxy has no effect`, WITHOUT_EFFECT[inside.name])
  const target = element.child('target')
  if (target === undefined) reader.problem(element, '<proxy> needs a <target>', 'with an inSequence, an endpoint or both, as children or as attributes that name one')
  const endpoint = endpointOf(target, reader, from)
  const inside = sequenceOf(target, 'inSequence', reader, from)
  if (target && endpoint === undefined && inside === undefined) reader.problem(target, '<target> needs an inSequence, an endpoint or both', 'as children, or as attributes that name one')
  for (const each of element.all('parameter')) if (!each.attribute('name')) reader.problem(each, 'a <parameter> of a proxy needs a name')
  const parameters = element.all('parameter').map(each => [each.attribute('name') ?? '', each.elements[0]?.markup() ?? each.text])
  return omitUndefined({
    description: element.child('description')?.text,
    transports: transportsOf(element, reader),
    startOnLoad: reader.flag(element, 'startOnLoad'),
    in: inside,
    endpoint,
    out: sequenceOf(target, 'outSequence', reader, from),
    fault: sequenceOf(target, 'faultSequence', reader, from),
    wsdl: wsdlOf(element, reader, from),
    parameters: parameters.length > 0 ? Object.fromEntries(parameters) : undefined
  })
}

const SECURED = 'security and reliable messaging end at the back-end: leave it out, and their headers pass through untouched'
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  enableAddressing: 'addressing is read where a mediator or an endpoint asks for it; <enableAddressing/> of an endpoint writes it',
  policy: 'policies are neither published nor enforced: those in a WSDL are published with it'
}

/** Undefined: all that there are. A proxy that would be reached over anything else cannot be (Synapse: ProxyServiceFactory). */
function transportsOf (element: Element, reader: Reader): string[] | undefined {
  const given = (element.attribute('transports') ?? '').split(/[\s,]+/).filter(Boolean)
  if (given.length === 0 || given.includes('all')) return undefined
  for (const name of given) {
    if (name === 'local') reader.hint(element, 'the transport local has no effect', 'proxies call one another over http')
    else if (!SERVED.includes(name)) reader.problem(element, `the transport "${name}" is not supported, only ${SERVED.join(' and ')}`, 'let a service that listens there post the messages to the proxy')
  }
  const served = given.filter(name => SERVED.includes(name))
  return served.length === 0 ? undefined : served
}
const SERVED = ['http', 'https']

function sequenceOf (target: Element | undefined, name: string, reader: Reader, from: From): object | undefined {
  const key = target?.attribute(name)
  const inline = target?.child(name)
  if (key !== undefined) {
    if (inline) reader.hint(inline, `<${name}> has no effect beside the attribute of the same name`)
    return [from(target!, { kind: 'sequence', key })]
  }
  return inline && reader.sequence(inline)
}

function endpointOf (target: Element | undefined, reader: Reader, from: From): object | undefined {
  const key = target?.attribute('endpoint')
  const inline = target?.child('endpoint')
  if (key !== undefined) return from(target!, { kind: 'reference', key })
  return inline && reader.endpoint(inline) as object
}

function wsdlOf (element: Element, reader: Reader, from: From): object | undefined {
  const published = element.child('publishWSDL')
  if (published === undefined) return undefined
  published.attribute('preservePolicy')
  if (published.attribute('endpoint') !== undefined) reader.problem(published, 'publishWSDL endpoint="…" is not supported', 'name the address of the document with uri="…"')
  const resources = published.all('resource').map(each => ({ location: each.attribute('location') ?? '', key: each.attribute('key') ?? '' }))
  for (const each of published.all('resource')) if (!each.attribute('location') || !each.attribute('key')) reader.problem(each, 'a <resource> needs a location and a key', 'the location as it is imported, and the local entry that stands for it')
  const inline = published.elements.find(({ name }) => name === 'definitions' || name === 'description')
  return from(published, omitUndefined({
    key: published.attribute('key'),
    uri: published.attribute('uri')?.trim(),
    inline: inline?.markup(),
    resources: resources.length > 0 ? resources : undefined
  }))
}
