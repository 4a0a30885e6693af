import type { Check } from './checks.js'

const check = (rule: string, broken: Check['broken']): Check => ({ rule, broken })

/**
 * The later messages carry the session of the first one: its member gets them, and no session is added. A clear refusal
 * is as good.
 */
export const sameSession: Check = check(
  'the id that a conforming parser reads, or a clear refusal',
  ({ placed: [bound, ...others] }) => {
    if (bound?.member === undefined) return `the first message was not bound (status ${bound?.status})`
    return others
      .map(each =>
        each.member === undefined
          ? each.status >= 400 && each.sessions === bound.sessions
            ? undefined
            : `no member got it, status ${each.status}`
          : each.sessions !== bound.sessions
            ? 'another session was bound'
            : each.member !== bound.member
              ? 'another member got it'
              : undefined
      )
      .find(why => why !== undefined)
  }
)

/** The later messages carry the session of the first one, and are delivered to its member. */
export const deliveredToSession: Check = check('the message goes to the member of its session', seen => {
  const why = sameSession.broken(seen)
  return (
    why ??
    (seen.placed.some(({ member }) => member === undefined)
      ? `it was refused (status ${seen.placed.at(-1)?.status})`
      : undefined)
  )
})

/** Each message has a session of its own, or is refused clearly. */
export const ownSessions: Check = check(
  'ids that differ are sessions that differ, or a clear refusal',
  ({ placed }) => {
    for (const [at, { member, status, sessions }] of placed.entries()) {
      const before = placed[at - 1]?.sessions
      if (member === undefined && status < 400) return `no member got it, status ${status}`
      if (member !== undefined && before !== undefined && sessions !== before + 1) {
        return 'it was taken for a session that is known'
      }
    }
    return undefined
  }
)

/** The later messages have no session: they are delivered, and none is bound. */
export const noSession: Check = check(
  'a message without an id is delivered, and no session is bound',
  ({ placed: [bound, ...others] }) =>
    others
      .map(each =>
        each.member === undefined
          ? `it was refused (status ${each.status})`
          : each.sessions !== bound!.sessions
            ? 'a session was bound'
            : undefined
      )
      .find(why => why !== undefined)
)

/** The later messages have no session, or are refused. */
export const neverBound: Check = check('no session is bound by what is not an id', ({ placed: [bound, ...others] }) =>
  others.some(each => each.sessions !== bound!.sessions)
    ? 'a session was bound'
    : others.some(each => each.member === undefined && each.status < 400)
      ? 'it was lost'
      : undefined
)

export const refusedWith = (...statuses: readonly number[]): Check =>
  check(`refused (${statuses.join(', ')}) before any member is reached`, ({ placed }) => {
    const last = placed.at(-1)!
    return last.member !== undefined
      ? `${last.member} got it`
      : statuses.includes(last.status)
        ? undefined
        : `status ${last.status}`
  })

/** A fault in the SOAP version of the client. */
export const soapFault: Check = check('the refusal is a SOAP fault', ({ placed }) =>
  /<(?:\w+:)?Fault[ >]/.test(placed.at(-1)!.body) ? undefined : 'it is not'
)

export const respondedWithin = (ms: number): Check =>
  check(`a response within ${ms} ms`, ({ placed }) => {
    const slowest = Math.max(...placed.map(each => each.ms))
    return slowest <= ms ? undefined : `${Math.round(slowest)} ms`
  })

const HAS_STACK = /^\s+at .*:\d+:\d+\)?$/m

/** What `check` says: exit code 1, a problem at a place, no stack. */
export const unsound = (text?: RegExp): Check =>
  check(
    `check refuses it at a place${text === undefined ? '' : `, naming ${text.source}`}`,
    ({ code, output = '' }) => {
      if (code !== 1) return code === null ? 'it does not come to its end' : `exit code ${code}`
      if (HAS_STACK.test(output)) return 'it shows a stack'
      if (!/:\d+:\d+ /.test(output)) return `no place: ${output.slice(0, 100)}`
      return text === undefined || text.test(output) ? undefined : `it says ${JSON.stringify(output.slice(0, 160))}`
    }
  )

/** A pattern of exactly this text. */
export const exactly = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))

/** What `check` says of files that are none: exit code 1 or 2, a sentence, no stack. */
export const unreadable: Check = check('check refuses it with a sentence', ({ code, output = '' }) => {
  if (code !== 1 && code !== 2) return code === null ? 'it does not come to its end' : `exit code ${code}`
  return HAS_STACK.test(output)
    ? 'it shows a stack'
    : output.trim() === ''
      ? 'it says nothing'
      : undefined
})

/** Warnings are no errors: rows that must be refused are checked by `check --strict`, which fails for both. */
const HAS_ERROR = /:\d+:\d+ (?!warning:)/
const HAS_WARNING = /:\d+:\d+ warning:/

export const sound: Check = check('check calls it sound', ({ code, output = '' }) =>
  code === 0 || (code === 1 && HAS_WARNING.test(output) && !HAS_ERROR.test(output) && !HAS_STACK.test(output))
    ? undefined
    : `exit code ${code}: ${output.slice(0, 160)}`
)

export const oneLineEach: Check = check('no control character in what check prints', ({ output = '' }) => {
  const found = /(?!\n)[\p{Cc}\u2028\u2029]/u.exec(output)
  return found === null ? undefined : `U+${found[0].codePointAt(0)!.toString(16).padStart(4, '0')}`
})
