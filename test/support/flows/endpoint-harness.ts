import { compile, type CompiledConfiguration, type Runtime } from '../../../lib/compiler/compile.js'
import { parse, definitionsOrThrow } from '../../../lib/definitions/load.js'
import type { Documents } from '../../../lib/definitions/checking/expansion.js'
import { fault, type CodeName } from '../../../lib/message/fault.js'
import type { Forward, ForwardOutcome } from '../../../lib/contracts/flow.js'
import { NO_BODY, type Message } from '../../../lib/message/message.js'
import { interpretAtOnce } from '../../../lib/pipeline/interpret.js'
import { serveRequest } from '../../../lib/pipeline/service.js'
import { FIXED_RUNTIME } from './fixed-runtime.js'

export const NS = 'http://ws.apache.org/ns/synapse'

/** A message of plain XML to the proxy P, by POST. */
export const request = (more: Partial<Message> = {}): Message => ({
  direction: 'request',
  method: 'POST',
  path: '',
  query: '',
  headers: ['Content-Type', 'application/xml'],
  addressing: { to: '/services/P' },
  properties: {},
  axis2: {},
  read: true,
  body: { kind: 'bytes', bytes: Buffer.from('<a/>') },
  ...more
})

export const answered = (call: Forward, text = '<ok/>'): ForwardOutcome => ({
  kind: 'answered',
  message: {
    ...call.message,
    direction: 'response',
    status: 200,
    headers: ['Content-Type', 'application/xml'],
    axis2: {},
    body: text === '' ? NO_BODY : { kind: 'bytes', bytes: Buffer.from(text) }
  }
})

export const failed = (code: CodeName = 'CONNECTION_FAILED', retry: 'any' | 'none' = 'any'): ForwardOutcome => ({
  kind: 'failed',
  retry,
  fault: fault(code, code)
})

export interface Given extends Partial<Runtime> { readonly documents?: Documents }

/** A program of a text in either language, or of the model, with a time that the test moves. */
export function program (given: string | object, { documents, ...runtime }: Given = {}): CompiledConfiguration {
  const loaded = parse(typeof given === 'string' ? given : JSON.stringify(given))
  return compile(
    definitionsOrThrow(loaded),
    { ...FIXED_RUNTIME, ...runtime },
    { locations: loaded.locations, ...(documents && { documents }) }
  )
}

/** The proxy P around one endpoint, in XML. */
export const around = (endpoint: string, outside = ''): string =>
  `<definitions xmlns="${NS}">${outside}<proxy name="P"><target><inSequence><send>${endpoint}</send></inSequence></target></proxy></definitions>`

/** Sends one message through P: the endpoints that it tries, and what the client gets. */
export function play (
  program: CompiledConfiguration,
  message: Message,
  respond: (call: Forward, number: number) => ForwardOutcome = call => answered(call)
): { calls: Forward[], response: Message } {
  const calls: Forward[] = []
  const forward = (effect: Forward): ForwardOutcome => respond(effect, calls.push(effect) - 1)
  return {
    response: interpretAtOnce(
      serveRequest(program.services.get('P')!, message, () => 'uuid'),
      { forward }
    ),
    calls
  }
}

/** What is called, as one line each. */
export const requestsOf = ({ calls }: { calls: readonly Forward[] }): string[] =>
  calls.map(({ origin, path, message: { method } }) => `${method} ${origin}${path}`)

export const textOf = ({ body }: Pick<Message, 'body'>): string => body.kind === 'bytes' ? body.bytes.toString() : ''
