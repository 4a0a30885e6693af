import { transportAction } from '../endpoints/network/endpoint-request.js'
import { withoutHeaders } from '../message/headers.js'
import { NO_BODY, type Message } from '../message/message.js'
import { SOAP_NAMESPACE, type Version } from '../message/soap-version.js'
import type { ProxyService } from '../pipeline/service.js'

/** A SOAP message with an empty Body. */
export const emptyEnvelope = (version: Version): string =>
  `<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE[version]}"><soapenv:Body/></soapenv:Envelope>`

/** What a sample request goes to: its usual method, the address of the service, and what follows that. */
export interface SampleTarget {
  readonly method: string
  /** Without a slash at its end: empty for an API at `/`. */
  readonly base: string
  readonly path: string
}

export const proxyTarget = (name: string): SampleTarget => ({ method: 'POST', base: `/services/${name}`, path: '' })

const BODYLESS = ['GET', 'HEAD', 'DELETE', 'OPTIONS']
const REQUEST = /^([A-Z]+) (\S+) HTTP\/1\.\d\r?\n([^]*?\r?\n)?\r?\n([^]*)$/

/** The request line of a file; undefined: it holds a body only. */
export function requestTarget (file: Buffer): { readonly method: string, readonly target: string } | undefined {
  const [, method, target] = REQUEST.exec(file.toString('latin1')) ?? []
  return method === undefined || target === undefined ? undefined : { method, target }
}

/**
 * The request that `explain` runs: a file with a whole HTTP request or a body, else an empty SOAP 1.1 message, or no
 * body where the method has none.
 */
export function sampleRequest (
  { reads }: ProxyService,
  { method: usual, base, path }: SampleTarget,
  file: Buffer | undefined
): Message {
  const text = (file ?? Buffer.from(BODYLESS.includes(usual) ? '' : emptyEnvelope('1.1'))).toString('latin1')
  const [, method = usual, target = base + path || '/', head = '', body = text] = REQUEST.exec(text) ?? []
  const fields = head
    .split(/\r?\n/)
    .filter(Boolean)
    .flatMap(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    })
  const headers = withoutHeaders(
    fields.length > 0 || body === '' ? fields : ['Content-Type', mediaTypeOf(text)],
    'host',
    'content-length'
  )
  const url = new URL(target, 'http://localhost')
  return {
    direction: 'request',
    method,
    path: pathBelow(url.pathname, base),
    query: url.search,
    headers,
    addressing: { to: target, action: transportAction(headers) },
    properties: {},
    axis2: {},
    read: reads.request !== 'nothing',
    body: body === '' ? NO_BODY : { kind: 'bytes', bytes: Buffer.from(body, 'latin1') }
  }
}

/** What follows the address of a service: any prefix before `/services/NAME` belongs to it. */
const pathBelow = (pathname: string, base: string): string => {
  if (base.startsWith('/services/')) return pathname.replace(/^.*?\/services\/[^/]+/, '')
  if (pathname === (base || '/')) return ''
  return pathname.startsWith(base) ? pathname.slice(base.length) : pathname
}

const mediaTypeOf = (text: string): string => {
  const isSoap12 = text.includes('http://www.w3.org/2003/05/soap-envelope')
  return `${isSoap12 ? 'application/soap+xml' : 'text/xml'}; charset=UTF-8`
}
