import type { MessageSummary } from '../../admin/messages/message-views.js'
import { FAILED, isFailed } from '../../recording/failed-message.js'

type SummaryTest = (message: MessageSummary) => boolean

/** What a filter means, or why it means nothing. */
export type Filter =
  | { readonly test: SummaryTest; readonly problem?: undefined }
  | { readonly test?: undefined; readonly problem: string }

/** The terms of the language, with what each finds. */
export const FILTER_TERMS = [
  ['proxy:Orders', 'the name of the proxy contains it'],
  ['endpoint:orders-2', 'an endpoint that was tried or passed over'],
  ['op:placeOrder', 'the operation: the first element of the SOAP Body'],
  ['status:5xx', 'the status that the client got; status:left: it disconnected before'],
  ['attempts:>1', 'the number of attempts; also < and ='],
  ['ms:>500', 'the duration in milliseconds; also < and ='],
  ['session:7f3a', 'the fingerprint of the session begins with it'],
  ['method:GET', 'the method'],
  ['worker:4711', 'the process id of the worker'],
  ['failed', FAILED],
  ['fault', 'the gateway responded itself, with a fault'],
  ['word', 'proxy, operation, endpoint or cause contains it'],
  ['-status:200', 'the opposite']
] as const

/** A filter of messages: words and terms, all of which must hold. */
export function messageFilter (text: string): Filter {
  const tests: SummaryTest[] = []
  for (const part of text.split(/\s+/).filter(Boolean)) {
    const isOpposite = part.startsWith('-') && part.length > 1
    const term = termOf(isOpposite ? part.slice(1) : part)
    if (typeof term === 'string') return { problem: term }
    tests.push(isOpposite ? message => !term(message) : term)
  }
  return { test: message => tests.every(each => each(message)) }
}

const contains = (text: string | null, part: string): boolean => text?.toLowerCase().includes(part) === true

/** Terms with a key, by their keys. Returns a sentence for a value that makes no sense. */
const TERMS: Readonly<Record<string, (value: string) => SummaryTest | string>> = {
  proxy: value => ({ proxy }) => contains(proxy, value),
  endpoint: value => ({ attempts, notes }) =>
    [...attempts, ...notes].some(each => 'endpoint' in each && contains(each.endpoint, value)),
  op: value => ({ operation }) => contains(operation, value),
  method: value => ({ method }) => method.toLowerCase() === value,
  worker: value => ({ worker }) => String(worker) === value,
  session: value =>
    /^[\da-f]{1,8}$/.test(value)
      ? ({ session }) => session?.startsWith(value) === true
      : 'session: takes the first digits of a fingerprint: session:7f3a',
  status: value =>
    value === 'left'
      ? ({ status }) => status === null
      : /^[1-5][\dx]{2}$/.test(value)
        ? ({ status }) => status !== null && [...value].every((digit, at) => digit === 'x' || digit === `${status}`[at])
        : 'status: takes a status, or a class of them: status:404, status:5xx',
  attempts: value => numberTest('attempts', value, ({ attempts, moreAttempts }) => attempts.length + moreAttempts),
  ms: value => numberTest('ms', value, ({ ms }) => ms ?? 0)
}

function termOf (part: string): SummaryTest | string {
  const [, key, value = ''] = /^([a-z]+):(.*)$/i.exec(part) ?? []
  if (key !== undefined) {
    const term = TERMS[key.toLowerCase()]
    if (term !== undefined) return value === '' ? `${key}: needs a value` : term(value.toLowerCase())
    const near = Object.keys(TERMS).find(known => known[0] === key[0]?.toLowerCase())
    return `There is no term "${key}:"${near === undefined ? '' : ` (did you mean "${near}:"?)`}.`
  }
  if (part === 'failed') return isFailed
  if (part === 'fault') return ({ fault }) => fault !== null
  const word = part.toLowerCase()
  return ({ proxy, method, operation, attempts }) => {
    const texts = [proxy, method, operation, ...attempts.flatMap(({ endpoint, cause }) => [endpoint, cause])]
    return texts.some(each => contains(each, word))
  }
}

/** `>500`, `<10`, `=2`, `2` */
function numberTest (key: string, value: string, of: (message: MessageSummary) => number): SummaryTest | string {
  const [, sign, digits] = /^([<>=]?)(\d+)$/.exec(value) ?? []
  if (digits === undefined) return `${key}: takes a number: ${key}:>1, ${key}:<10, ${key}:2`
  const bound = Number(digits)
  return message => (sign === '>' ? of(message) > bound : sign === '<' ? of(message) < bound : of(message) === bound)
}
