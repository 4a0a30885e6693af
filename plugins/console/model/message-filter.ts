import type { MessageSummary } from '../../admin/message-views.js'

type Test = (message: MessageSummary) => boolean

/**
 * A filter of messages: words, `proxy:` `endpoint:` `method:` `status:5xx` `attempts:>1` `ms:>500` `failed`, and `-`
 * before each of these for its opposite. All must hold. What is not understood is a word.
 */
export function messageFilter (text: string): Test {
  const tests = text
    .split(/\s+/)
    .filter(Boolean)
    .map(part => (part.startsWith('-') && part.length > 1 ? not(termOf(part.slice(1))) : termOf(part)))
  return message => tests.every(test => test(message))
}

const not =
  (test: Test): Test =>
    message =>
      !test(message)

function termOf (part: string): Test {
  const [, key, value = ''] = /^(\w+):(.+)$/.exec(part) ?? []
  const lower = value.toLowerCase()
  switch (key) {
    case 'proxy':
      return ({ proxy }) => proxy.toLowerCase().includes(lower)
    case 'endpoint':
      return ({ attempts }) => attempts.some(each => each.endpoint.toLowerCase().includes(lower))
    case 'method':
      return ({ method }) => method.toLowerCase() === lower
    case 'status':
      return statusTest(lower)
    case 'attempts':
      return numberTest(value, ({ attempts }) => attempts.length)
    case 'ms':
      return numberTest(value, ({ ms }) => ms ?? 0)
  }
  if (part === 'failed') return isFailed
  const word = part.toLowerCase()
  return ({ proxy, method, attempts }) =>
    [proxy, method, ...attempts.map(each => `${each.endpoint} ${each.cause ?? ''}`)]
      .join(' ')
      .toLowerCase()
      .includes(word)
}

/** `5xx`, `404` */
const statusTest =
  (value: string): Test =>
    ({ status }) => {
      const shown = String(status ?? '')
      return value.length === shown.length && [...value].every((digit, at) => digit === 'x' || digit === shown[at])
    }

/** `>500`, `<10`, `2` */
function numberTest (value: string, of: (message: MessageSummary) => number): Test {
  const [, sign, digits] = /^([<>]?)(\d+)$/.exec(value) ?? []
  if (digits === undefined) return () => false
  const bound = Number(digits)
  return message => (sign === '>' ? of(message) > bound : sign === '<' ? of(message) < bound : of(message) === bound)
}

/** Several attempts, a status of 500 or more, or no response. */
export const isFailed: Test = ({ attempts, status }) => attempts.length > 1 || status === null || status >= 500
