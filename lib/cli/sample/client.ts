/** The requests of Synapse's sample client (`ant loadbalancefailover`, `ant stockquote`). */
import { Readable } from 'node:stream'
import { Agent, request, type Dispatcher } from 'undici'
import { MEDIA_TYPE, SYNAPSE_NAMESPACE, type Version } from '../../message/soap-version.js'
import { escapeText } from '../../xml/escape.js'
import { faultOf, is, readEnvelope, trimmedText, writeEnvelope, type SampleEnvelope } from './envelope.js'

/** Bytes of a response; milliseconds for its head, and between two chunks of its body. */
const MAX_RESPONSE = 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000

/** The response to one request: its text, or the reason of its fault. */
export interface Reply {
  /** From 1. */
  readonly number: number
  readonly status: number
  readonly text: string
  readonly fault: boolean
}

export const SESSIONS = [0, 1, 2] as const
export type SessionId = typeof SESSIONS[number]
/** The content of the header block ClientID. */
export const clientIdOf = (session: SessionId): string => `c${session + 1}`

/** Sends requests of sessions in SOAP 1.2. @throws Error without a response, or for one without a Value */
export interface SessionClient {
  send (session: SessionId): Promise<Reply>
  close (): Promise<void>
}

export function createSessionClient (url: string): SessionClient {
  const dispatcher = new Agent()
  let number = 0
  return {
    async send (session) {
      const clientId = `<syn:ClientID xmlns:syn="${SYNAPSE_NAMESPACE}">${clientIdOf(session)}</syn:ClientID>`
      const {
        status, envelope
      } =
           await soap({
             url,
             version: '1.2',
             action: 'urn:sampleOperation',
             content: '<Value>v1</Value>',
             header: clientId,
             dispatcher
           })
      return { number: ++number, status, ...valueOf(envelope) }
    },
    close: () => dispatcher.close()
  }
}

/** Mode `session`: `random` (from 0 to below 1) chooses one of three sessions for each request. */
export async function * sessionClient (
  { url, requests, random = Math.random }: { url: string, requests: number, random?: (() => number) | undefined }
): AsyncGenerator<Reply & { readonly session: SessionId }> {
  const client = createSessionClient(url)
  try {
    for (let left = requests; left > 0; left--) {
      const session = SESSIONS[Math.floor(random() * SESSIONS.length)]!
      yield { ...await client.send(session), session }
    }
  } finally {
    await client.close()
  }
}

/** Mode `simple`: SOAP 1.1, with cookies. */
export async function * simpleClient ({ url, requests }: { url: string, requests: number }): AsyncGenerator<Reply> {
  const dispatcher = new Agent()
  const cookies = new Map<string, string>()
  try {
    for (let number = 1; number <= requests; number++) {
      const cookie = [...cookies].map(each => each.join('=')).join('; ')
      const {
        status, envelope, headers
      } =
           await soap({
             url,
             version: '1.1',
             action: 'urn:sampleOperation',
             content: '<Value>Sample string</Value>',
             headers: cookie === '' ? {} : { cookie },
             dispatcher
           })
      for (const [name, value] of cookiesIn(headers)) cookies.set(name, value)
      yield { number, status, ...valueOf(envelope) }
    }
  } finally {
    await dispatcher.close()
  }
}

/**
 * Sends an order as Synapse's documentation does, as `text/xml` without a SOAPAction. An accepted order gets status
 * 202.
 */
export async function placeOrder (
  { url, symbol, quantity, price, headers = {} }: {
    url: string, symbol: string, quantity: number, price: number, headers?: Record<string, string>
  }
): Promise<{ status: number, fault?: string | undefined }> {
  const fields =
    Object.entries({ price, quantity, symbol }).map(([name, value]) =>
      `<m0:${name}>${escapeText(String(value))}</m0:${name}>`).join('')
  const content = `<m0:placeOrder xmlns:m0="http://services.samples"><m0:order>${fields}</m0:order></m0:placeOrder>`
  const dispatcher = new Agent()
  try {
    const {
      status, text
    } =
         await post(url, { 'Content-Type': 'text/xml;charset=UTF-8', ...headers }, writeEnvelope('1.1', content),
           dispatcher)
    return { status, fault: text === '' ? undefined : faultOf(readEnvelope(text)) }
  } finally {
    await dispatcher.close()
  }
}

interface SampleExchange {
  readonly url: string
  readonly version: Version
  readonly action: string
  readonly content: string
  readonly header?: string
  readonly headers?: Record<string, string>
  readonly dispatcher: Dispatcher
}

async function soap ({ url, version, action, content, header, headers, dispatcher }: SampleExchange) {
  const type = `${MEDIA_TYPE[version]}; charset=UTF-8`
  const described: Record<string, string> = version === '1.1'
    ? { 'Content-Type': type, SOAPAction: `"${action}"` }
    : { 'Content-Type': `${type}; action="${action}"` }
  const response = await post(url, { ...described, ...headers }, writeEnvelope(version, content, header), dispatcher)
  return { ...response, envelope: readEnvelope(response.text) }
}

/** Sends a chunked body, as Axis2 does. */
async function post (url: string, headers: Record<string, string>, message: string, dispatcher: Dispatcher) {
  const response = await request(url, {
    method: 'POST',
    headers: { 'User-Agent': 'Axis2', ...headers },
    body: Readable.from([Buffer.from(message)]),
    dispatcher,
    headersTimeout: REQUEST_TIMEOUT_MS,
    bodyTimeout: REQUEST_TIMEOUT_MS
  })
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_RESPONSE) throw new Error(`the response of ${url} exceeds ${MAX_RESPONSE} bytes`)
    chunks.push(chunk)
  }
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }
}

function valueOf (envelope: SampleEnvelope): { text: string, fault: boolean } {
  const reason = faultOf(envelope)
  if (reason !== undefined) return { text: reason, fault: true }
  if (envelope.content === undefined || !is(envelope.content, '', 'Value')) {
    throw new Error('the response has no element Value in no namespace')
  }
  return { text: trimmedText(envelope.content), fault: false }
}

const cookiesIn = (headers: Awaited<ReturnType<typeof post>>['headers']): [string, string][] =>
  [headers['set-cookie'] ?? []].flat().flatMap(each => {
    const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(each) ?? []
    return name === undefined || value === undefined ? [] : [[name, value.trim()] satisfies [string, string]]
  })
