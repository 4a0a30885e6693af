import { faultIn, meaning, type SoapFault } from './meaning.js'
import { toBytes, type Case, type Exchange, type Seen, type Spoken } from './record.js'
import { numbered } from './tokens.js'
import { fieldsOf, statusOf, valuesOf } from './wire.js'

/**
 * What is different: `start` the configuration is not served; `status` of the response, or that there is none; `fault`
 * version, code, reason, role, node, detail, names of header blocks; `header` of the response, end to end; `body` of
 * the response, as far as it is not a fault; `backend` what back-ends received; `attempts` the back-ends that were
 * tried, in order; `time` at once, or not. Some come everywhere: `echo` (a header of the request comes back in a
 * response that the engine made), `artefact` (it invents a charset, or a Content-Type, that the message did not have).
 */
export type Class =
  'start' | 'status' | 'fault' | 'header' | 'body' | 'backend' | 'attempts' | 'time' | 'echo' | 'artefact'
/** `what` in a few words; of a header its name, at a back-end `header` and its name. */
export interface Difference {
  readonly class: Class
  readonly what: string
  readonly there: string
  readonly here: string
}

/** All that is different between what was recorded and what was seen here, but for what `varies`. */
export function differences (
  exchange: Exchange,
  played: Seen,
  { framing = false }: Pick<Case, 'framing'>
): Difference[] {
  const there = { ...exchange, ...numbered({ atBackends: exchange.atBackends, reply: exchange.reply }) }
  const here = { ...played, ...numbered({ atBackends: played.atBackends, reply: played.reply }) }
  const varies = (part: string): boolean => exchange.varies?.some(path => path.startsWith(part)) ?? false
  return [
    ...(varies('atBackends') ? [] : inBackends(there, here, framing)),
    ...(varies('reply') ? [] : inReplies(there, here, framing))
  ]
}

export const triedIn = ({ atBackends }: Seen): string => atBackends.map(({ backend }) => backend).join(' ')

function * inBackends (there: Exchange, here: Seen, framing: boolean): Generator<Difference> {
  if (triedIn(there) !== triedIn(here)) {
    yield { class: 'attempts', what: 'endpoints tried', there: triedIn(there) || 'none', here: triedIn(here) || 'none' }
  }
  for (const [at, a] of there.atBackends.entries()) {
    const b = here.atBackends[at]
    if (b === undefined) continue
    yield * unlike('backend', 'request line', a.head[0], b.head[0])
    const typeless = toBytes(a.body).length === 0 || valuesOf(there.request.head, 'content-type').length === 0
    for (const each of inHeaders(a, b, framing)) {
      yield isArtefact(each, typeless)
        ? { class: 'artefact', ...each }
        : { class: 'backend', ...each, what: `header ${each.what}` }
    }
    yield * unlike('backend', 'body', meaning(a), meaning(b))
    if (framing) yield * unlike('backend', 'framing', a.framing, b.framing)
  }
}

function * inReplies (there: Exchange, here: Seen, framing: boolean): Generator<Difference> {
  const [a, b] = [there.reply, here.reply]
  if (a === null || b === null) {
    const status = (reply: Spoken | null, connection: string): string =>
      reply === null ? `none, ${connection}` : String(statusOf(reply.head))
    if (a !== b) {
      yield { class: 'status', what: 'reply', there: status(a, there.connection), here: status(b, here.connection) }
    }
    return
  }
  yield * unlike('status', 'status', statusOf(a.head), statusOf(b.head))
  yield * unlike('status', 'complete', a.complete !== false, b.complete !== false)
  const [fa, fb] = [faultIn(a), faultIn(b)]
  if (fa !== undefined && fb !== undefined) {
    for (const part of Object.keys(fa) as (keyof SoapFault)[]) yield * unlike('fault', part, fa[part], fb[part])
  } else if (fa !== fb) {
    const text = (fault: unknown): string => fault ? JSON.stringify(fault) : 'no fault'
    yield { class: 'fault', what: 'fault', there: text(fa), here: text(fb) }
  } else yield * unlike('body', 'body', meaning(a), meaning(b))
  for (const each of inHeaders(a, b, framing)) {
    yield { class: isArtefact(each) ? 'artefact' : isEcho(each, there.request) ? 'echo' : 'header', ...each }
  }
  if (framing) {
    yield * unlike('header', 'framing', a.framing, b.framing)
    yield * unlike('header', 'connection', there.connection, here.connection)
  }
  yield * unlike('header', 'interim responses', there.interim?.join(' '), here.interim?.join(' '))
  yield * unlike('status', 'bytes after the response', toBytes(a.extra).toString(), toBytes(b.extra).toString())
  if ((there.time === 'at once') !== (here.time === 'at once')) {
    yield { class: 'time', what: 'time', there: there.time, here: here.time }
  }
}

function * unlike (kind: Class, what: string, there: unknown, here: unknown): Generator<Difference> {
  if (there !== here) yield { class: kind, what, there: String(there), here: String(here) }
}

/** What belongs to one connection, or names the software. */
const OWN = ['date', 'server', 'user-agent', 'host', 'keep-alive', 'connection']
const FRAMING = ['content-length', 'transfer-encoding', 'via', 'trailer']

type Unlike = Omit<Difference, 'class'>

function inHeaders (a: Spoken, b: Spoken, framing: boolean): Unlike[] {
  const table = (message: Spoken): Map<string, string[]> => {
    const all = new Map<string, string[]>()
    for (const [name, value] of fieldsOf(message.head)) {
      const lower = name.toLowerCase()
      if (OWN.includes(lower) || (!framing && FRAMING.includes(lower))) continue
      // Clients of the engine look for Set-Cookie in this very case.
      const key = lower === 'set-cookie' ? name : lower
      all.set(key, [...all.get(key) ?? [], lower === 'content-type' ? mediaType(value) : value].sort())
    }
    return all
  }
  const [there, here] = [table(a), table(b)]
  return [...new Set([...there.keys(), ...here.keys()])]
    .map(name => ({
      what: name,
      there: there.get(name)?.join(' | ') ?? 'absent',
      here: here.get(name)?.join(' | ') ?? 'absent'
    }))
    .filter(({ there, here }) => there !== here)
}

/** Parameters in order, without quotes; case only where it counts. */
function mediaType (value: string): string {
  const [media = '', ...parameters] = value.split(';').map(each => each.trim())
  const written = parameters.filter(each => each !== '').map(each => {
    const [name = '', ...rest] = each.split('=')
    const text = rest.join('=').replace(/^"(.*)"$/, '$1')
    return `${name.toLowerCase()}=${/charset/i.test(name) ? text.toLowerCase() : text}`
  })
  return [media.toLowerCase(), ...written.sort()].join('; ')
}

const withoutCharset = (type: string): string => type.replace('; charset=utf-8', '')

/** A charset that is there or not; a Content-Type of what has none. */
const isArtefact = ({ what, there, here }: Unlike, typeless = false): boolean => what === 'content-type' &&
  (withoutCharset(there) === withoutCharset(here) || (typeless && here === 'absent'))

/** What the client said of itself, said to it again. */
function isEcho ({ what, there, here }: Unlike, request: Exchange['request']): boolean {
  const isType = what === 'content-type'
  const said = valuesOf(request.head, what).map(value => isType ? mediaType(value) : value).join(' | ')
  return said === there && (!isType || here === 'absent' || here.split(';')[0] === there.split(';')[0])
}
