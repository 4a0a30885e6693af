import { compile, type Runtime } from '../../../lib/compiler/compile.js'
import { parse, definitionsOrThrow } from '../../../lib/definitions/load.js'
import { fault, type CodeName } from '../../../lib/message/fault.js'
import type { Forward, Log, ForwardOutcome } from '../../../lib/contracts/flow.js'
import { headerOf } from '../../../lib/message/headers.js'
import type { Message } from '../../../lib/message/message.js'
import { interpretAtOnce } from '../../../lib/pipeline/interpret.js'
import { serveRequest, type ProxyService } from '../../../lib/pipeline/service.js'
import { bytesOf } from '../../../lib/soap/read.js'
import { FIXED_RUNTIME } from './fixed-runtime.js'
import { MEDIA_TYPE, SOAP_NAMESPACE, type Version } from '../../../lib/message/soap-version.js'

/** Services driven by hand: nothing is sent anywhere, and time stands still. */
let ids = 0
const runtime: Runtime = { ...FIXED_RUNTIME, uuid: () => `id${++ids}` }

export const NAMESPACE = 'http://ws.apache.org/ns/synapse'
export const definitionsOf = (xml: string): string => `<definitions xmlns="${NAMESPACE}">${xml}</definitions>`

/** What is wrong with a configuration, each problem with its hint in one line. */
export function wrongWith (xml: string): string[] {
  const loaded = parse(definitionsOf(xml), '')
  const errors = loaded.problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return errors.map(({ message, hint }) => hint === undefined ? message : `${message} (${hint})`)
  try {
    compile(definitionsOrThrow(loaded), runtime)
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

/** The proxy P of a configuration. */
export function proxyIn (xml: string): ProxyService {
  const { definitions, problems } = parse(definitionsOf(xml))
  return compile(definitionsOrThrow({ definitions, problems }), runtime).services.get('P')!
}

/** A proxy of these mediators. */
export const proxyOf = (parts: { in?: string, out?: string, fault?: string, beside?: string }): ProxyService => proxyIn(
  `<proxy name="P"><target><inSequence>${parts.in ?? ''}</inSequence>` +
  (parts.out === undefined ? '' : `<outSequence>${parts.out}</outSequence>`) +
  (parts.fault === undefined ? '' : `<faultSequence>${parts.fault}</faultSequence>`) +
  `</target></proxy>${parts.beside ?? ''}`)

export const TO_BACKEND = '<endpoint><address uri="http://backend/s"/></endpoint>'
export const SEND = `<send>${TO_BACKEND}</send>`
/** Adds a word to the property `way`, by which a test sees where a message came by. */
export const step = (word: string): string =>
  `<property name="way" expression="concat(get-property('way'), '${word} ')"/>`
/** Puts the way into a header of the message. */
export const SHOW_WAY = '<property name="X-Way" expression="get-property(\'way\')" scope="transport"/>'
export const MAKE_FAULT =
  '<makefault><code value="t:Receiver" xmlns:t="http://www.w3.org/2003/05/soap-envelope"/>' +
  '<reason expression="get-property(\'ERROR_MESSAGE\')"/></makefault>'

export const soap = (body: string, version: Version = '1.1', header = ''): string =>
  `<s:Envelope xmlns:s="${SOAP_NAMESPACE[version]}">${header === '' ? '' : `<s:Header>${header}</s:Header>`}<s:Body>${body}</s:Body></s:Envelope>`

/** A message; without a type, it has no Content-Type. */
const message = (
  direction: Message['direction'],
  type: string,
  text: string,
  more: Partial<Message> = {}
): Message => ({
  direction,
  method: 'POST',
  path: '',
  query: '',
  headers: [...(type === '' ? [] : ['Content-Type', type]), ...(more.headers ?? [])],
  addressing: direction === 'request' ? { to: '/services/P' } : {},
  properties: {},
  axis2: direction === 'request' ? { SERVICE_PREFIX: 'http://10.0.0.1:8280/services/P' } : {},
  read: true,
  body: text === '' ? { kind: 'none' } : { kind: 'bytes', bytes: Buffer.from(text) },
  ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'headers'))
})

/** A request as it is received. */
export const request = (text: string, type = 'text/xml', more: Partial<Message> = {}): Message =>
  message('request', type, text, more)
export const soapRequest = (
  body = '<x/>',
  version: Version = '1.1',
  header = '',
  more: Partial<Message> = {}
): Message => request(soap(body, version, header), `${MEDIA_TYPE[version]}; charset=UTF-8`, more)

/** An endpoint's response, as it is received. */
export const answered = (text = soap('<ok/>'), type = 'text/xml', more: Partial<Message> = {}): ForwardOutcome =>
  ({ kind: 'answered', message: { status: 200, ...message('response', type, text, more) } })
export const failed = (code: CodeName = 'CONNECTION_FAILED', more: object = {}): ForwardOutcome => ({
  kind: 'failed',
  fault: fault(code, 'no listener'),
  retry: 'any',
  ...more
})

export interface Played {
  readonly response: Message
  readonly calls: readonly Forward[]
  readonly logs: readonly Log[]
}

/**
 * Plays one request: each call is answered with the next outcome, which keeps the properties of the request as the
 * network does.
 */
export function play (service: ProxyService, first: Message, ...outcomes: readonly ForwardOutcome[]): Played {
  const [calls, logs, left]: [Forward[], Log[], ForwardOutcome[]] = [[], [], [...outcomes]]
  const response = interpretAtOnce(serveRequest(service, first, runtime.uuid), {
    log: entry => { logs.push(entry) },
    forward (effect) {
      calls.push(effect)
      const outcome = left.shift()
      if (outcome === undefined) throw new Error(`no outcome is given for a request to ${effect.origin}`)
      return outcome.kind === 'answered'
        ? { ...outcome, message: { ...outcome.message, properties: effect.message.properties } }
        : outcome
    }
  })
  if (left.length > 0) throw new Error(`${left.length} outcomes are left over`)
  return { response, calls, logs }
}

/** What the back-end gets of a message after these mediators. */
export const sentAfter = (mediators: string, first: Message = soapRequest()): Message =>
  play(proxyOf({ in: mediators + SEND, out: '<send/>' }), first, answered()).calls[0]!.message

/** What an expression gives for a message after these mediators. */
export function valueAfter (mediators: string, expression: string, first: Message = soapRequest()): string | undefined {
  const show = `<property name="X-Value" expression="${expression}" scope="transport"/><respond/>`
  return header(play(proxyOf({ in: mediators + show }), first).response, 'X-Value')
}

export const textOf = ({ body }: Message): string => bytesOf(body).toString()
export const header = ({ headers }: Message, name: string): string | undefined => headerOf(headers, name.toLowerCase())
