import { matchAt } from './match-at.js'
import { redactEmbedded } from './redact-embedded.js'
import { HIDDEN_WHOLE, type Redacted, type Redaction } from './redaction.js'
import { HIDDEN } from '../message/redact-url.js'

const TOKEN = /[ \t\r\n]+|"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|-?\d[\d.eE+-]*|true|false|null/y
/** What a text that is cut off may end with. */
const CUT_TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*\\?|-|t(?:r|ru)?|f(?:a|al|als)?|n(?:u|ul)?/y
const HIDDEN_VALUE = JSON.stringify(HIDDEN)
/** Members that name the others: `{"name": "password", "value": "…"}`. */
const NAMING = /^(name|key|id)$/i
const MAX_DEPTH = 200

/** An object or an array that is open. */
interface OpenContainer {
  readonly isObject: boolean
  readonly isHidden: boolean
  /** The key of the value that comes next. */
  key: string | undefined
  /** Where the values in it are in what is written, objects and arrays aside. */
  readonly values: number[]
  /** Whether one of its members names it as a secret. */
  isNamed: boolean
}

/**
 * Hides values in JSON, token by token: those of secret names with all that is in them. Undefined: it cannot be read.
 * @param isCut whether more would follow: it may end anywhere
 */
export function redactJson (text: string, redaction: Redaction, isCut: boolean): Redacted | undefined {
  const reader = new JsonRedactor(text, redaction, isCut)
  return reader.read() ? { text: reader.text, hidden: reader.hidden } : undefined
}

class JsonRedactor {
  hidden = 0
  readonly #text: string
  readonly #redaction: Redaction
  readonly #isCut: boolean
  readonly #written: string[] = []
  readonly #open: OpenContainer[] = []
  /** What may come next. */
  #next: 'value' | 'first value' | 'key' | 'first key' | ':' | ', or end' = 'value'

  constructor (text: string, redaction: Redaction, isCut: boolean) {
    this.#text = text
    this.#redaction = redaction
    this.#isCut = isCut
  }

  get text (): string {
    return this.#written.join('')
  }

  /** Returns whether the text is JSON, or several values of it one after the other. */
  read (): boolean {
    let at = 0
    while (at < this.#text.length) {
      const token = matchAt(TOKEN, this.#text, at)
      if (token === undefined) return this.#isCut && this.#cut(at)
      if (!this.#accept(token)) return false
      at += token.length
    }
    return this.#isCut || (this.#open.length === 0 && this.#written.length > 0)
  }

  #accept (token: string): boolean {
    switch (token[0]) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        this.#written.push(token)
        return true
      case '{':
      case '[':
        return this.#isAtValue && this.#begin(token === '{')
      case '}':
      case ']':
        return this.#end(token === '}')
      case ':':
        return this.#expect(':', 'value', token)
      case ',':
        if (this.#open.length === 0) return false
        return this.#expect(', or end', this.#open.at(-1)!.isObject ? 'key' : 'value', token)
      default:
        return this.#next === 'key' || this.#next === 'first key' ? this.#key(token) : this.#value(token)
    }
  }

  get #isAtValue (): boolean {
    return this.#next === 'value' || this.#next === 'first value' || this.#open.length === 0
  }

  #expect (expected: ':' | ', or end', next: 'value' | 'key', token: string): boolean {
    if (this.#next !== expected) return false
    this.#next = next
    this.#written.push(token)
    return true
  }

  #begin (isObject: boolean): boolean {
    if (this.#open.length === MAX_DEPTH) return false
    this.#open.push({ isObject, isHidden: this.#isSecret(), key: undefined, values: [], isNamed: false })
    this.#next = isObject ? 'first key' : 'first value'
    this.#written.push(isObject ? '{' : '[')
    return true
  }

  #end (isObject: boolean): boolean {
    const open = this.#open.at(-1)
    const mayEnd = this.#next === ', or end' || this.#next === (isObject ? 'first key' : 'first value')
    if (open?.isObject !== isObject || !mayEnd) return false
    this.#open.pop()
    this.#open.at(-1)?.values.push(...open.values)
    this.#next = ', or end'
    this.#written.push(isObject ? '}' : ']')
    return true
  }

  #key (token: string): boolean {
    const key = token[0] === '"' ? stringOf(token) : undefined
    if (key === undefined) return false
    this.#open.at(-1)!.key = key
    this.#next = ':'
    this.#written.push(token)
    return true
  }

  #value (token: string): boolean {
    if (!this.#isAtValue) return false
    this.#next = ', or end'
    this.#nameWith(token)
    const isSecret = this.#isSecret()
    this.#open.at(-1)?.values.push(this.#written.length)
    this.#written.push(isSecret ? HIDDEN_VALUE : this.#plain(token))
    if (isSecret) this.hidden++
    return true
  }

  /** A member such as `"name": "password"` makes all values of its object secret, those before it too. */
  #nameWith (token: string): void {
    const open = this.#open.at(-1)
    if (open?.key === undefined || !NAMING.test(open.key) || token[0] !== '"') return
    if (open.isNamed || !this.#redaction.names.matches(stringOf(token) ?? '')) return
    for (const at of open.values) this.#written[at] = HIDDEN_VALUE
    this.hidden += open.values.length
    // The name itself is shown.
    open.key = undefined
    open.isNamed = true
  }

  #isSecret (): boolean {
    const open = this.#open.at(-1)
    if (open === undefined) return false
    return open.isHidden || (open.key !== undefined && (open.isNamed || this.#redaction.names.has(open.key)))
  }

  #plain (token: string): string {
    if (token[0] !== '"') return token
    const value = stringOf(token)
    if (value === undefined) return HIDDEN_VALUE
    const { text, hidden } = redactEmbedded(value, this.#redaction)
    this.hidden += hidden
    return hidden === 0 ? token : JSON.stringify(text)
  }

  /** The last token is not complete. */
  #cut (at: number): boolean {
    const token = matchAt(CUT_TOKEN, this.#text, at)
    if (token === undefined || at + token.length !== this.#text.length) return false
    if (this.#next === 'key' || this.#next === 'first key') return token[0] === '"'
    if (!this.#isAtValue) return false
    if (token[0] !== '"') return true
    const { text, hidden } = this.#isSecret()
      ? HIDDEN_WHOLE
      : redactEmbedded(stringOf(`${withoutCutEscape(token)}"`) ?? '', this.#redaction, true)
    this.hidden += hidden
    this.#written.push(JSON.stringify(text).slice(0, -1))
    return true
  }
}

const withoutCutEscape = (token: string): string => token.replace(/\\(?:u[\da-f]{0,3})?$/i, '')

function stringOf (token: string): string | undefined {
  try {
    return JSON.parse(token) as string
  } catch {
    return undefined
  }
}
