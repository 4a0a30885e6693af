import { unquoted } from './inline-source.js'

/** A text in quotes, with escapes. */
const TEXT = '"(?:[^"\\\\]|\\\\.)*"|\'(?:[^\'\\\\]|\\\\.)*\''

/** A number, a text, a name or a sign. */
const TOKEN = new RegExp(
  `\\s*(?:(\\d+(?:\\.\\d+)?)|(${TEXT})|([A-Za-z_$][\\w-]*)|(==|!=|<=|>=|&&|\\|\\||[-+*/%<>()[\\],?:.])|$)`, 'y'
)
/** `.name` or `["name"]` */
const PROPERTY_NAME = new RegExp(`^\\s*(?:\\.\\s*([\\w-]+)|\\.?\\s*\\[\\s*(${TEXT})\\s*\\])`)
/** The rest of a JSONPath: names, functions, wildcards and brackets. */
const JSON_PATH = new RegExp(
  `^(?:\\.\\.?[\\w-]+(?:\\(\\s*\\))?|\\.?\\.\\*|\\.?\\[(?:[^[\\]"']|${TEXT}|\\[[^\\]]*\\])*\\])+`
)

/** The tokens of an inline expression, one after the other. */
export class InlineTokens {
  readonly #source: string
  #at = 0

  constructor (source: string) {
    this.#source = source
  }

  /** The next token as a number, a text, a name or a sign, in this order; it stays the next one. */
  match (): RegExpExecArray {
    TOKEN.lastIndex = this.#at
    return TOKEN.exec(this.#source) ?? this.unexpected()
  }

  /** The next token; the empty text at the end. */
  peek (): string { return this.match()[0].trim() }

  /** Passes the next token, and returns it. */
  next (): string {
    const [token] = this.match()
    this.#at += token.length
    return token.trim()
  }

  /** Passes the next token if it is this one. @returns whether it is */
  accept (token: string): boolean {
    if (this.peek() !== token) return false
    this.next()
    return true
  }

  /** Passes this token. @throws SyntaxError if another one is next */
  expect (token: string): void { if (!this.accept(token)) this.unexpected(token) }

  /** @throws SyntaxError that names what is next, and where */
  unexpected (wanted?: string): never {
    const rest = this.#source.slice(this.#at).trimStart()
    const found = rest === '' ? 'end' : JSON.stringify([...rest][0])
    const expected = wanted === undefined ? '' : `, expected ${JSON.stringify(wanted)}`
    const at = this.#source.length - rest.length + 1
    throw new SyntaxError(`unexpected ${found} at character ${at} of \${…}${expected}`)
  }

  /** Passes the name of a property: `.name` or `["name"]`. @throws SyntaxError if there is none */
  propertyName (): string {
    const rest = this.#source.slice(this.#at)
    const [whole, name, quoted] = PROPERTY_NAME.exec(rest) ?? []
    if (whole === undefined) return this.unexpected('.')
    this.#at += whole.length
    return name ?? unquoted(quoted!)
  }

  /** Passes the JSONPath that follows: names, brackets, wildcards and a function. Undefined: none. */
  path (): string | undefined {
    const rest = this.#source.slice(this.#at)
    const [path = ''] = JSON_PATH.exec(rest) ?? []
    this.#at += path.length
    return path === '' ? undefined : path.replace(/\.\[/g, '[')
  }
}
