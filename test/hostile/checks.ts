import { availableParallelism, loadavg } from 'node:os'
import { slowdown } from './slowdown.js'
import { statusOf, valuesOf, type HttpMessage } from './http-message.js'

/** What was seen of one row. */
export interface Seen {
  /** All responses that the client got, interim ones left out. */
  readonly responses: readonly HttpMessage[]
  /** Everything that the client received, as Latin-1. */
  readonly received: string
  /** What is wrong with the bytes that the client received. */
  readonly problem?: string | undefined
  /** How the connection of the client ended. */
  readonly end: 'open' | 'fin' | 'reset'
  readonly ms: number
  /** What reached the endpoint, in order. */
  readonly requests: readonly HttpMessage[]
  /** What is wrong with the bytes that reached the endpoint. */
  readonly violations: readonly string[]
  /** Whether the connection of the last request was closed by the gateway. */
  readonly cutAtEndpoint: boolean
  /** What the gateway wrote to its log during the row. */
  readonly log: string
  /** Of envelopes: which member got each message, and how many sessions there were after it. */
  readonly placed: readonly {
    readonly status: number
    readonly body: string
    readonly member: string | undefined
    readonly sessions: number
    readonly ms: number
  }[]
  /** Of configurations. */
  readonly code?: number | null
  readonly output?: string
}

/** A rule that must hold: the reason why it does not, or undefined. */
export interface Check {
  readonly rule: string
  readonly broken: (seen: Seen) => string | undefined
}

const check = (rule: string, broken: Check['broken']): Check => ({ rule, broken })
const short = (text: string, most = 120): string =>
  JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text)

export const describe = (seen: Seen): string => {
  const responses =
    seen.responses.map(each => `${statusOf(each)}${each.complete ? '' : ' (cut)'}`).join(' ') || 'no response'
  const requests =
    seen.requests
      .map(each => `${each.start.split(' ')[0]} ${each.body.length}${each.complete ? '' : ' (cut)'}`)
      .join(', ') || 'nothing'
  return `client: ${responses}, ${seen.end}, ${Math.round(seen.ms)} ms; endpoint: ${requests}${seen.violations.length > 0 ? `; ${seen.violations.join('; ')}` : ''}`
}

const first = (seen: Seen): number => (seen.responses[0] === undefined ? 0 : statusOf(seen.responses[0]))
const isWhole = (seen: Seen): boolean => seen.responses[0]?.complete === true

/**
 * Refused before the endpoint is reached: one response with such a status or none, and the connection ends, where
 * `ends` requires it.
 */
export const refused = (statuses: readonly number[] = [400], ends = true): Check =>
  check(
    `refused (${statuses.join(', ')}) before any endpoint is reached${ends ? ', connection closed' : ''}`,
    seen => {
      if (seen.requests.length > 0) {
        return `the endpoint got ${seen.requests.length}: ${short(seen.requests[0]!.start)}`
      }
      if (seen.responses.length > 1) return `${seen.responses.length} responses`
      if (seen.responses.length === 1 && !statuses.includes(first(seen))) return `status ${first(seen)}`
      if (seen.responses.length === 0 && seen.end === 'open') return 'neither a response nor a closed connection'
      return ends && seen.end === 'open' ? 'the connection stays open' : undefined
    }
  )

/** What the request must be at the endpoint. */
export interface Forwarded {
  readonly body?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly target?: RegExp
  readonly method?: string
}

const unlike = (request: HttpMessage, { body, headers = {}, target, method }: Forwarded): string | undefined => {
  if (!request.complete) return 'the request is not complete at the endpoint'
  if (body !== undefined && request.body !== body) return `its body at the endpoint is ${short(request.body)}`
  const [name, path = ''] = request.start.split(' ')
  if (method !== undefined && name !== method) return `its method at the endpoint is ${name}`
  if (target !== undefined && !target.test(path)) return `its target at the endpoint is ${short(path)}`
  for (const [header, wanted] of Object.entries(headers)) {
    const values = valuesOf(request, header)
    if (values.length !== (wanted === undefined ? 0 : 1) || values[0] !== wanted) {
      return `its ${header} at the endpoint is ${short(values.join(' | '))}`
    }
  }
  return undefined
}

/** Exactly one request at the endpoint, as said, and its response at the client. */
export const forwarded = (as: Forwarded = {}, statuses: readonly number[] = [200]): Check =>
  check(
    `one request at the endpoint${as.body === undefined ? '' : `, body ${short(as.body, 40)}`}; the client has its response`,
    seen => {
      if (seen.requests.length !== 1) return `${seen.requests.length} requests at the endpoint`
      const why = unlike(seen.requests[0]!, as)
      if (why !== undefined) return why
      if (!isWhole(seen) || !statuses.includes(first(seen))) {
        return `the client got ${first(seen) || 'nothing'}${isWhole(seen) ? '' : ', not complete'}`
      }
      return undefined
    }
  )

/**
 * These requests at the endpoint, in any order, since connections to it are many; their responses in the order of the
 * client.
 */
export const forwardedAll = (...wanted: readonly Forwarded[]): Check =>
  check(
    `${wanted.length} requests at the endpoint, each with its own response in its place`,
    ({ requests, responses }) => {
      if (requests.length !== wanted.length) return `${requests.length} requests at the endpoint`
      const missing = wanted.findIndex(each => !requests.some(request => unlike(request, each) === undefined))
      if (missing >= 0) return `request ${missing + 1} did not reach the endpoint as it was sent`
      const served = responses.filter(each => each.complete && statusOf(each) === 200)
      if (served.length !== wanted.length) return `${served.length} responses with 200`
      const strange = wanted.findIndex(
        ({ target }, at) => target !== undefined && !target.test(served[at]!.body.split(' ')[1] ?? '')
      )
      return strange < 0 ? undefined : `response ${strange + 1} is that of another request`
    }
  )

export const responses = (...statuses: readonly number[]): Check =>
  check(`the client gets ${statuses.join(', ') || 'no response'}`, seen => {
    const got = seen.responses.map(statusOf)
    return got.length === statuses.length && got.every((status, at) => status === statuses[at])
      ? undefined
      : `it got ${got.join(', ') || 'none'}`
  })

export const closes: Check = check('the connection of the client is closed', ({ end }) =>
  end === 'open' ? 'it stays open' : undefined
)

/** All of these hold. */
export const all = (...checks: readonly Check[]): Check =>
  check(checks.map(({ rule }) => rule).join('; '), seen =>
    checks.map(each => each.broken(seen)).find(why => why !== undefined)
  )

/** One of these holds. */
export const either = (...checks: readonly Check[]): Check =>
  check(checks.map(({ rule }) => rule).join(', or '), seen => {
    const reasons = checks.map(each => each.broken(seen))
    return reasons.includes(undefined) ? undefined : reasons.join(' / ')
  })

export const requestsAtMost = (most: number): Check =>
  check(`the endpoint gets at most ${most} request${most === 1 ? '' : 's'}`, ({ requests }) =>
    requests.length <= most ? undefined : `it got ${requests.length}`
  )

/** No request is complete at the endpoint. */
export const neverWhole: Check = check('no complete request at the endpoint', ({ requests }) =>
  requests.some(each => each.complete) ? 'there is one' : undefined
)

/** A text never appears where a request begins: what was smuggled never became one. */
export const neverRequested = (text: string): Check =>
  check(`no request for ${text} at the endpoint`, ({ requests }) =>
    requests.some(({ start }) => start.split(' ')[1]?.replace(/%.*/, '').includes(text)) ? 'there is one' : undefined
  )

/** Over in this time on an idle machine. On a busy or slow one the limit grows with its load, and how slow it is. */
export const quickly = (ms: number): Check =>
  check(`over within ${ms} ms`, seen => {
    if (seen.ms <= ms) return undefined
    const load = Math.max(loadavg()[0]! / availableParallelism(), slowdown())
    return seen.ms <= ms * Math.max(1, 2 * load) ? undefined : `it took ${Math.round(seen.ms)} ms at load ${load}`
  })

/**
 * The response begins and is not complete, or there is none, and the connection ends: no part is taken for the whole.
 */
export const brokenOff: Check = check('the response is broken off for the client, too', seen => {
  if (isWhole(seen) && first(seen) < 500) {
    return `a complete ${first(seen)} with ${seen.responses[0]!.body.length} bytes`
  }
  return !isWhole(seen) && seen.end === 'open' ? 'the connection stays open' : undefined
})

/** The gateway responds in place of the endpoint. */
export const gatewayError: Check = check('an error of the gateway (5xx)', seen =>
  first(seen) >= 500 && isWhole(seen)
    ? undefined
    : `status ${first(seen) || 'none'}${isWhole(seen) ? '' : ', not complete'}`
)

export const withHeader = (name: string, value: string | undefined): Check =>
  check(`the client gets ${name}: ${value ?? '(none)'}`, seen => {
    const values = seen.responses.flatMap(each => valuesOf(each, name))
    return value === undefined
      ? values.length === 0
        ? undefined
        : short(values.join(' | '))
      : values.includes(value)
        ? undefined
        : short(values.join(' | '))
  })

export const withBody = (body: string): Check =>
  check(`the client gets ${short(body, 40)}`, seen =>
    isWhole(seen) && seen.responses[0]!.body === body
      ? undefined
      : `it got ${short(seen.responses[0]?.body ?? '', 60)}${isWhole(seen) ? '' : ', not complete'}`
  )

export const withoutText = (text: string): Check =>
  check(`the client never sees ${short(text, 40)}`, ({ received }) =>
    received.includes(text) ? 'it does' : undefined
  )

export const headersAtEndpoint = (name: string, values: readonly string[]): Check =>
  check(`the endpoint gets ${name}: ${values.join(', ') || '(none)'}`, ({ requests }) => {
    const found = requests.flatMap(each => valuesOf(each, name))
    return found.length === values.length && found.every((value, at) => value === values[at])
      ? undefined
      : short(found.join(' | '))
  })

/** Everything that may end a line for a program that reads logs. */
const LINE_ENDS = /\r\n|[\n\v\f\r\x85\u2028\u2029]/

/** Whatever splits the log into lines, each is one whole entry. */
export const logIsWhole: Check = check(
  'each line of the log is one entry, whatever ends lines for its reader',
  ({ log }) => {
    const broken = log
      .split(LINE_ENDS)
      .filter(line => line !== '')
      .find(line => !isEntry(line))
    return broken === undefined ? undefined : `the line ${short(broken, 80)}`
  }
)

const isEntry = (line: string): boolean => {
  try {
    return typeof (JSON.parse(line) as { level?: unknown }).level === 'number'
  } catch {
    return false
  }
}

/** No control character reaches a terminal that shows the log. */
export const logIsPlain: Check = check('the log holds no control characters', ({ log }) => {
  const found = /(?!\n)\p{Cc}/u.exec(log)
  return found === null ? undefined : `U+${found[0].codePointAt(0)!.toString(16).padStart(4, '0')}`
})

export const logged = (text: string): Check =>
  check(`the log has ${short(text, 40)}`, ({ log }) => (log.includes(text) ? undefined : 'it has not'))
export const neverLogged = (text: string): Check =>
  check(`the log never has ${short(text, 40)}`, ({ log }) => (log.includes(text) ? 'it has' : undefined))
