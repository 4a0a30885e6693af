import { copied } from './copied.js'

/** Names of values that are secret, unless they are only credentials' neighbours: an `author` is no `auth`. */
const LOOKS_SECRET = new RegExp(
  'pass|pwd|secret|token|key|signature|sess(?:ion|id)|credential|clientid|assertion|samlre|cookie|' +
  'auth(?!or(?:s|ed|ing)?$)', 'i'
)

/** Names that do not look so. The first is the session id of Axis2. */
const SECRET = ['servicegroupid', 'sid', 'otp', 'pin', 'nonce']

/** Names whose result is remembered: messages repeat their names. */
const MAX_KNOWN = 1_000
/** Characters of a text that is remembered. */
const MAX_HARMLESS = 200

/**
 * Decides by its name whether a value is secret: of a header, an element, an attribute, a member of JSON, a field of a
 * form. Case does not count.
 */
export class SecretNames {
  readonly #names: ReadonlySet<string>
  readonly #known = new Map<string, boolean>()
  readonly #harmless = new Set<string>()

  /** @param names secret ones besides those that look secret */
  constructor (names: Iterable<string> = []) {
    this.#names = new Set([...SECRET, ...[...names].map(name => name.toLowerCase())])
  }

  /** Returns whether a name is secret, and remembers the result. */
  has (name: string): boolean {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const isSecret = this.matches(name)
    if (this.#known.size < MAX_KNOWN && name.length <= 64) this.#known.set(copied(name), isSecret)
    return isSecret
  }

  /** Returns the same as `has` without remembering it, for what may be a value; knows `pin` in `user[pin]`, too. */
  matches (text: string): boolean {
    const lower = text.toLowerCase()
    return LOOKS_SECRET.test(text) || this.#names.has(lower) ||
      (/[.[]/.test(lower) && lower.split(/[.[\]]+/).some(each => this.#names.has(each)))
  }

  /** Whether a text is known to hold no secret: messages repeat the values of their headers. */
  isHarmless (text: string): boolean {
    return this.#harmless.has(text)
  }

  /** Remembers a text that holds no secret. What does not repeat, such as dates, makes room for the next. */
  rememberHarmless (text: string): void {
    if (text.length > MAX_HARMLESS) return
    if (this.#harmless.size >= MAX_KNOWN) this.#harmless.clear()
    this.#harmless.add(copied(text))
  }
}
