/** Namespaces in XML 1.0: which prefix means what, at the place that was read last. */

const XML = 'http://www.w3.org/XML/1998/namespace'
export const XMLNS = 'http://www.w3.org/2000/xmlns/'

/** The prefixes in scope, the innermost last. The default namespace has the prefix ''. */
export class Namespaces {
  private readonly prefixes: string[] = []
  private readonly names: string[] = []

  get size (): number { return this.prefixes.length }

  /** Adds a declaration; no other from `first` on, those of the same tag, may be of this prefix. The reason, if it is not allowed (sections 3 and 5). */
  declare (prefix: string, name: string, first = this.size): string | undefined {
    for (let at = first; at < this.prefixes.length; at++) {
      if (this.prefixes[at] === prefix) return `the prefix ${quoted(prefix)} is declared twice in one tag`
    }
    if (prefix === 'xmlns' || name === XMLNS) return 'the prefix "xmlns" and its namespace cannot be declared'
    if ((prefix === 'xml') !== (name === XML)) return 'the prefix "xml" and its namespace belong together'
    if (name === '' && prefix !== '') return `the prefix ${quoted(prefix)} is declared to mean nothing`
    this.prefixes.push(prefix)
    this.names.push(name)
    return undefined
  }

  /** What the prefix means; undefined where it means nothing. */
  find (prefix: string): string | undefined {
    for (let at = this.prefixes.length - 1; at >= 0; at--) {
      if (this.prefixes[at] === prefix) return this.names[at]
    }
    return prefix === '' ? '' : prefix === 'xml' ? XML : undefined
  }

  /** Forgets all but the first `size` declarations. */
  leave (size: number): void {
    while (this.prefixes.length > size) {
      this.prefixes.pop()
      this.names.pop()
    }
  }

  /** What the first `size` declarations say, by prefix. */
  record (size: number): Record<string, string> {
    const record: Record<string, string> = Object.create(null)
    for (let at = 0; at < size; at++) {
      if (this.names[at] === '') delete record['']
      else record[this.prefixes[at]!] = this.names[at]!
    }
    return record
  }
}

/** A name as a message about it shows it: hostile ones are long. */
export const quoted = (name: string): string => `"${name.length > 60 ? `${name.slice(0, 60)}…` : name}"`
