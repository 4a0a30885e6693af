import { redactBody } from '../../lib/redaction/redact-body.js'
import { redactHeaders, redactPath } from '../../lib/redaction/redact-headers.js'
import type { SecretNames } from '../../lib/redaction/secret-names.js'
import { headerOf } from '../../lib/message/headers.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import { decodedStart } from './decoded-start.js'
import type { AttemptCapture, MessageCapture, Note, PartCapture } from './message-capture.js'
import type {
  PartName, RecordedAttempt, RecordedBody, RecordedMessage, RecordedPart
} from './recorded-message.js'

/** What is left of a message: its parts with values hidden. Bodies that pass unchanged are kept once. */
export function recordMessage (
  capture: MessageCapture, names: SecretNames, fingerprint: (id: string) => string
): RecordedMessage {
  const parts = new PartWriter(names, capture.limit)
  const { given, attempts, fault, sessionId, response } = capture
  const request = parts.write('request', capture.request)
  return {
    at: capture.at,
    proxy: given.proxy,
    method: given.method,
    path: redactPath(given.path, names),
    status: capture.status ?? null,
    ms: capture.ms ?? null,
    hasLeft: capture.hasLeft,
    session: sessionId === undefined ? null : fingerprint(sessionId),
    fault: fault === undefined ? null : { code: fault.code, reason: redactUrl(fault.reason) },
    notes: capture.notes.map(shownNote),
    attempts: attempts.map((each, index) => recordAttempt(each, index + 1, parts, names)),
    moreAttempts: capture.moreAttempts,
    request,
    response: response === undefined ? null : parts.write('response', response),
    operation: parts.operation ?? null
  }
}

function recordAttempt (
  capture: AttemptCapture, number: number, parts: PartWriter, names: SecretNames
): RecordedAttempt {
  const { endpoint, path, outcome, status, from, to, code, cause, sent, received } = capture
  return {
    endpoint: redactUrl(endpoint),
    path: redactPath(path, names),
    outcome: outcome ?? 'pending',
    status: status ?? null,
    from,
    to: to ?? null,
    code: code ?? null,
    cause: cause === undefined ? null : redactUrl(cause),
    sent: sent === undefined ? null : parts.write(`sent-${number}`, sent),
    received: received === undefined ? null : parts.write(`received-${number}`, received)
  }
}

function shownNote (note: Note): Note {
  if (note.kind === 'passed' || note.kind === 'trial') return { ...note, endpoint: redactUrl(note.endpoint) }
  const group = redactUrl(note.group)
  return note.kind === 'bound'
    ? { ...note, group, member: redactUrl(note.member) }
    : { ...note, group, member: note.member === null ? null : redactUrl(note.member) }
}

/** Writes the parts of one message. */
class PartWriter {
  /** That of the first body that has one. */
  operation: string | undefined
  readonly #names: SecretNames
  readonly #limit: number
  readonly #written: (readonly [PartName, PartCapture])[] = []

  constructor (names: SecretNames, limit: number) {
    this.#names = names
    this.#limit = limit
  }

  write (name: PartName, part: PartCapture): RecordedPart {
    const headers = redactHeaders(part.wireHeaders(), this.#names)
    const same = part.body.size > 0 ? this.#written.find(([, other]) => isSame(other, part))?.[0] : undefined
    if (same !== undefined) return { headers, body: same }
    this.#written.push([name, part])
    return { headers, body: this.#body(part) }
  }

  #body ({ headers, body, coding }: PartCapture): RecordedBody {
    const size = body.isComplete ? body.size : null
    const without = (reason: string | null): RecordedBody =>
      ({ size, text: null, isCut: body.isCut, hidden: 0, reason })
    if (body.size === 0) return without(null)
    if (this.#limit === 0) return without('only heads are recorded')
    if (body.isOverBudget) return without('the bodies of messages on their way took all the memory of the recording')
    const decoded = decodedStart(body.bytes, coding, this.#limit)
    if (decoded === undefined) return without(`its coding ${coding?.slice(0, 40)} cannot be decoded`)
    const isCut = body.isCut || decoded.isCut
    const type = headerOf(headers, 'content-type')
    const redacted = redactBody({ bytes: decoded.bytes, isCut, type }, this.#names)
    if ('reason' in redacted) return without(redacted.reason)
    this.operation ??= redacted.operation
    return { size, text: redacted.text, isCut, hidden: redacted.hidden, reason: null }
  }
}

const isSame = (a: PartCapture, b: PartCapture): boolean =>
  a.coding === b.coding &&
  headerOf(a.headers, 'content-type') === headerOf(b.headers, 'content-type') &&
  a.body.equals(b.body)
