import { transportAction } from '../endpoints/upstream-request.js'
import { withoutHeaders } from '../message/headers.js'
import { NO_BODY, type Message } from '../message/message.js'
import { SOAP_NAMESPACE, type Version } from '../message/soap-version.js'
import type { ProxyService } from '../pipeline/service.js'

/** A SOAP message with an empty Body. */
export const emptyEnvelope = (version: Version): string =>
  `<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[version]}"><soapenv:Body/></soapenv:Envelope>`
const REQUEST = /^([A-Z]+) (\S+) HTTP\/1\.\d\r?\n([^]*?\r?\n)?\r?\n([^]*)$/

/** The request that `explain` runs: a file with a whole HTTP request or a body, else an empty SOAP 1.1 message. */
export function sampleRequest ({ reads }: ProxyService, name: string, file: Buffer | undefined): Message {
  const text = (file ?? Buffer.from(emptyEnvelope('1.1'))).toString('latin1')
  const [, method = 'POST', target = `/services/${name}`, head = '', body = text] = REQUEST.exec(text) ?? []
  const fields = head
    .split(/\r?\n/)
    .filter(Boolean)
    .flatMap(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    })
  const headers = withoutHeaders(
    fields.length > 0 ? fields : ['Content-Type', mediaTypeOf(text)],
    'host',
    'content-length'
  )
  const url = new URL(target, 'http://localhost')
  return {
    direction: 'request',
    method,
    path: url.pathname.replace(/^.*?\/services\/[^/]+/, ''),
    query: url.search,
    headers,
    addressing: { to: target, action: transportAction(headers) },
    properties: {},
    axis2: {},
    read: reads.request !== 'nothing',
    body: body === '' ? NO_BODY : { kind: 'bytes', bytes: Buffer.from(body, 'latin1') }
  }
}

const mediaTypeOf = (text: string): string => {
  const isSoap12 = text.includes('http://www.w3.org/2003/05/soap-envelope')
  return `${isSoap12 ? 'application/soap+xml' : 'text/xml'}; charset=UTF-8`
}
