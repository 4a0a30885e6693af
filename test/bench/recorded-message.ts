import type { Forward, ForwardOutcome } from '../../lib/contracts/flow.js'
import { MessageStore } from '../../plugins/admin/messages/message-store.js'
import { Recorder } from '../../plugins/recording/recorder.js'
import { processorTime } from '../support/timing/processor-time.js'
import { median } from './figures.js'
import { envelope, HEADERS, RESPONSE, SESSIONS } from './load.js'

const SETTINGS = { only: 'all', slowerThan: null, proxies: null, hide: [], perSecond: 1e9, seed: [1, 2] } as const
const DEFINITIONS = {}
/** Messages that are measured at once, how often, and how often before that. */
const BATCH = 500
const BATCHES = 21
const WARM = 10

/** The CPU time of one recorded message, in microseconds. */
export interface RecordedMessageCost {
  /** While it passes: what other messages wait for. */
  readonly passing: number
  /** Afterwards, in an idle turn of the event loop. */
  readonly idle: number
}

/** Measures the recording of the message of all measurements by itself. @param bytes of each body that are kept */
export function recordedMessageCost (bytes: number): RecordedMessageCost {
  const store = new MessageStore()
  let number = 0
  const recorder = new Recorder({ ...SETTINGS, bytes }, each => store.add(null, each), () => ++number, () => {})
  const costs = Array.from({ length: WARM + BATCHES }, (_, batch) => {
    const bodies = Array.from({ length: BATCH }, (_, at) => Buffer.from(envelope((batch * BATCH + at) % SESSIONS)))
    const passing = processorTime(() => { for (const body of bodies) pass(recorder, body) })
    const idle = processorTime(() => recorder.flush())
    return { passing: (passing / BATCH) * 1_000, idle: (idle / BATCH) * 1_000 }
  }).slice(WARM)
  recorder.stop()
  return { passing: median(costs.map(each => each.passing)), idle: median(costs.map(each => each.idle)) }
}

const TYPE = ['Content-Type', HEADERS['Content-Type']]
const SOAP = 'http://www.w3.org/2003/05/soap-envelope'
const RESPONSE_BODY = Buffer.from(`<s:Envelope xmlns:s="${SOAP}"><s:Body>${RESPONSE}</s:Body></s:Envelope>`)
const RESPONSE_HEADERS = [...TYPE, 'Content-Length', `${RESPONSE_BODY.length}`, 'Connection', 'keep-alive']

/** What a recorder sees of a message with one attempt. */
function pass (recorder: Recorder, body: Buffer): void {
  const headers = ['Host', '127.0.0.1', ...TYPE, 'Content-Length', `${body.length}`]
  const request = { proxy: 'LBProxy', method: 'POST', path: '/services/LBProxy', headers, definitions: DEFINITIONS }
  const message = recorder.begin(request)!
  message.receive(headers, { kind: 'bytes', bytes: body })
  message.sessionFound('LB', 'client', 'E1')
  const sent = { method: 'POST', path: '/services/LBService1', headers: headers.slice(2), body }
  const attempt = message.attempt({ endpointName: 'E1', origin: 'http://127.0.0.1:9001', path: sent.path } as Forward)!
  attempt.onCall({ ...sent, headTimeout: 0, bodyTimeout: 0 })
  attempt.onHead(200, RESPONSE_HEADERS)
  attempt.onBody(RESPONSE_BODY)
  attempt.onEnd()
  attempt.settle({ kind: 'answered', message: { status: 200 } } as ForwardOutcome)
  message.respond(RESPONSE_HEADERS, { kind: 'bytes', bytes: RESPONSE_BODY })
  message.finish(200, false)
  recorder.finished(message)
}
