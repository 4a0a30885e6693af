import { mediationError } from '../message/fault.js'
import type { Signature } from '../xpath/expr.js'
import { CORE_FUNCTIONS, onTexts, takes } from '../xpath/functions.js'
import type { MessageEvaluation } from './evaluation.js'
import { getProperty } from './properties.js'

function encodingOf (charset = 'UTF-8'): BufferEncoding {
  if (/^utf-?8$/i.test(charset)) return 'utf8'
  if (/^(iso-8859-1|latin1|us-ascii)$/i.test(charset)) return 'latin1'
  throw mediationError(`unknown encoding "${charset.slice(0, 40)}" in an expression`)
}

const percentEncode = (text: string, unsafe: RegExp, encoding: BufferEncoding): string =>
  text.replace(unsafe, each => Buffer.from(each, encoding).toString('hex').toUpperCase().replace(/../g, '%$&'))

/** Encodes path and query by their own rules: `+` is escaped in a path, not in a query. @see RFC 2396 */
function urlEncode (text: string, charset?: string): string {
  const at = text.indexOf('?') < 0 ? text.length : text.indexOf('?')
  const encoding = encodingOf(charset)
  return percentEncode(text.slice(0, at), /[^\w\-.!~*'():@&=$,;/]/gu, encoding) +
    percentEncode(text.slice(at), /[^\w\-.!~*'();/?:@&=+$,]/gu, encoding)
}

/** Prefixes that may precede a function name without a declaration. */
export const FUNCTION_PREFIXES: readonly string[] = ['', 'fn', 'syn', 'synapse']

/** The function library of the engines: XPath 1.0, three functions of Jaxen, and their own. */
export const FUNCTIONS: Readonly<Record<string, Signature<MessageEvaluation>>> = {
  ...CORE_FUNCTIONS,
  'ends-with': onTexts(2, 2, (text, end) => text.endsWith(end!)),
  'upper-case': onTexts(1, 1, text => text.toUpperCase()),
  'lower-case': onTexts(1, 1, text => text.toLowerCase()),

  'get-property': takes(1, 3, getProperty),
  base64Encode: onTexts(1, 2, (text, charset) => Buffer.from(text, encodingOf(charset)).toString('base64')),
  base64Decode: onTexts(1, 2, (text, charset) => Buffer.from(text, 'base64').toString(encodingOf(charset))),
  'url-encode': onTexts(1, 2, urlEncode)
}
