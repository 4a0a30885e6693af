const XML = 'http://www.w3.org/XML/1998/namespace'
const XMLNS = 'http://www.w3.org/2000/xmlns/'

/**
 * The prefixes in scope at the current position, the innermost last. The default namespace has the prefix ''. @see
 * Namespaces in XML 1.0
 */
export class Namespaces {
  readonly #prefixes: string[] = []
  readonly #names: string[] = []
  /** The last result of `find`, since neighbouring elements have the same prefix. */
  #lastPrefix: string | undefined
  #lastName: string | undefined

  get size (): number {
    return this.#prefixes.length
  }

  /**
   * Adds a declaration. Returns why it is not allowed, undefined if it is.
   * @param first the index of the first declaration of the same tag, in which each prefix may be declared once
   * @see Namespaces in XML 1.0, sections 3 and 5
   */
  declare (prefix: string, name: string, first: number): string | undefined {
    for (let at = first; at < this.#prefixes.length; at++) {
      if (this.#prefixes[at] === prefix) return `the prefix ${quoted(prefix)} is declared twice in one tag`
    }
    if (prefix === 'xmlns' || name === XMLNS) return 'the prefix "xmlns" and its namespace cannot be declared'
    if ((prefix === 'xml') !== (name === XML)) return 'the prefix "xml" and its namespace belong together'
    if (name === '' && prefix !== '') return `the prefix ${quoted(prefix)} cannot be declared without a namespace`
    this.#prefixes.push(prefix)
    this.#names.push(name)
    this.#lastPrefix = undefined
    return undefined
  }

  /**
   * The namespace of a prefix; undefined if it is not declared. The empty prefix always has one, which may be empty.
   */
  find (prefix: string): string | undefined {
    if (prefix === this.#lastPrefix) return this.#lastName
    this.#lastPrefix = prefix
    this.#lastName = prefix === '' ? '' : prefix === 'xml' ? XML : undefined
    const at = this.#prefixes.lastIndexOf(prefix)
    return at < 0 ? this.#lastName : (this.#lastName = this.#names[at])
  }

  /** Removes all but the first `size` declarations. */
  leave (size: number): void {
    while (this.#prefixes.length > size) {
      this.#lastPrefix = undefined
      this.#prefixes.pop()
      this.#names.pop()
    }
  }

  /** The namespaces of the first `size` declarations by prefix, as an object without a prototype. */
  record (size: number): Record<string, string> {
    const record: Record<string, string> = Object.create(null)
    for (let at = 0; at < size; at++) {
      if (this.#names[at] === '') delete record['']
      else record[this.#prefixes[at]!] = this.#names[at]!
    }
    return record
  }
}

/** A name in quotation marks for an error message, cut to 60 characters. */
export const quoted = (name: string): string => `"${name.length > 60 ? `${name.slice(0, 60)}…` : name}"`
