import { contentOf, valueOf, withLineEnds } from '../xml/characters.js'
import { decode, encodingError } from '../xml/encoding.js'
import { intern } from '../xml/intern.js'
import { Namespaces, quoted } from '../xml/namespaces.js'
import { ATTRIBUTES, Tokenizer } from '../xml/tokenizer.js'
import type { HeaderBlock, Envelope, PlainXml, ScanResult } from '../message/envelope.js'
import { versionOf, type Version } from '../message/soap-version.js'

export { transcode } from '../xml/encoding.js'

export interface ScanOptions {
  /** The most bytes that may come before the end of Header; 65536 unless told. */
  readonly limit?: number | undefined
  /** The charset that the Content-Type names. It counts where neither a byte order mark nor an XML declaration tells. */
  readonly charset?: string | undefined
  /** Where the document begins in the bytes; 0 unless told. */
  readonly from?: number | undefined
}

const DEFAULT_HEADER_LIMIT = 65536
const MAX_DEPTH = 64
const MAX_BLOCKS = 1024
const MAX_PREFIXES = 256

type Growing<T> = { -readonly [Key in keyof T]: T[Key] }
type GrowingBlock = Omit<Growing<HeaderBlock>, 'children'> & { children: GrowingBlock[] }

/**
 * Reads the start of a message, up to the end of the SOAP Header: strictly, so that no conforming parser would read it otherwise.
 * A Header must be the first child of Envelope, else Body is; of any other XML only the first tag is read.
 */
export class EnvelopeScanner extends Tokenizer<Envelope | PlainXml> {
  private readonly namespaces = new Namespaces()
  /** Of each open element: where its name begins and ends, and how many prefixes were in scope before it. */
  private readonly names: number[] = []
  private version: Version | undefined
  private namespace = ''
  private prefix = ''
  private header: Growing<NonNullable<Envelope['header']>> | undefined
  private readonly blocks: GrowingBlock[] = []
  /** The blocks that are open, the innermost last. */
  private readonly open: GrowingBlock[] = []

  constructor (options: ScanOptions = {}) {
    super(options.limit ?? DEFAULT_HEADER_LIMIT, options.charset, options.from)
  }

  /** How many elements are open. */
  private get depth (): number { return this.names.length / 3 }

  protected hasText (): boolean { return this.open.length > 0 }

  protected characters (from: number, to: number, plain: boolean, literal: boolean, wide: boolean): void {
    const raw = wide ? decode(this.bytes, from, to, this.encoding) : this.bytes.toString('latin1', from, to)
    this.open.at(-1)!.text += plain ? raw : literal ? withLineEnds(raw) : contentOf(raw)
  }

  protected opened (from: number, colon: number, nameEnd: number, attributes: number, to: number, empty: boolean): void {
    const before = this.namespaces.size
    if (attributes > 0 && !this.declare(attributes)) return
    const prefix = colon === 0 ? '' : this.string(from + 1, colon)
    const namespace = this.meaning(prefix)
    if (namespace === undefined) return
    const name = this.string(colon === 0 ? from + 1 : colon + 1, nameEnd)
    this.names.push(from + 1, nameEnd, before)
    switch (this.depth) {
      case 1: this.root(namespace, prefix, name, to); break
      case 2: this.child(namespace, prefix, name, from, to, empty, before); break
      default: this.block({ namespace, name, prefix, text: '', children: NONE, start: from, end: to })
    }
    if (empty && this.outcome === undefined) this.left(to, to)
  }

  protected closed (from: number, nameEnd: number, to: number): void {
    const { names, bytes } = this
    if (names.length === 0) { this.fail('there is an end tag before the first element'); return }
    const start = names.at(-3)!
    const length = names.at(-2)! - start
    let same = length === nameEnd - from - 2
    for (let i = 0; same && i < length; i++) same = bytes[start + i] === bytes[from + 2 + i]
    if (same) this.left(from, to)
    else this.fail(`an end tag is not the one of ${quoted(this.string(start, start + length))}, which is open`)
  }

  /** The innermost element ends; its content at `close`, all of it at `end`. */
  private left (close: number, end: number): void {
    const { open, header } = this
    const block = open.pop()
    if (block !== undefined) {
      block.end = end
      const parent = open.at(-1)
      if (parent !== undefined) parent.text += block.text
    } else if (header !== undefined) {
      if (header.open !== undefined) header.close = close
      header.end = end
      this.envelope(end, this.namespaces.size, end)
    } else this.fail('the Envelope has neither a Header nor a Body')
    this.namespaces.leave(this.names.pop()!)
    this.names.pop()
    this.names.pop()
  }

  private root (namespace: string, prefix: string, name: string, to: number): void {
    this.version = name === 'Envelope' ? versionOf(namespace) : undefined
    this.namespace = namespace
    this.prefix = prefix
    if (this.version === undefined) this.done({ kind: 'plain', namespace, name }, to)
  }

  private child (namespace: string, prefix: string, name: string, from: number, to: number, empty: boolean, inherited: number): void {
    if (namespace === this.namespace && name === 'Header') this.header = { start: from, end: to, open: empty ? undefined : to, close: undefined, prefix }
    else if (namespace === this.namespace && name === 'Body') this.envelope(from, inherited, to)
    else this.fail('the first child of the Envelope is neither its Header nor its Body')
  }

  private block (block: GrowingBlock): void {
    const { open, blocks } = this
    if (this.depth > MAX_DEPTH) { this.fail(`its elements are nested deeper than ${MAX_DEPTH}`, 'limit'); return }
    const parent = open.at(-1)
    if (parent === undefined) {
      if (blocks.length === MAX_BLOCKS) { this.fail(`its Header has more than ${MAX_BLOCKS} children`, 'limit'); return }
      blocks.push(block)
    } else if (parent.children === NONE) parent.children = [block]
    else parent.children.push(block)
    open.push(block)
  }

  private envelope (rest: number, prefixes: number, seen: number): void {
    const { version, prefix, header, blocks, namespaces } = this
    this.done({ kind: 'envelope', version: version!, prefix, header, blocks, rest, scope: namespaces.record(prefixes) }, seen)
  }

  /** The outcome, if the bytes up to `end` are characters. */
  private done (outcome: ScanResult, end: number): void {
    const why = this.wide ? encodingError(this.bytes.subarray(this.from), end - this.from, this.encoding) : undefined
    this.outcome ??= why === undefined ? outcome : { kind: 'unreadable', cause: 'malformed', reason: why }
  }

  /** Puts the prefixes in scope that a start tag declares, and checks its other attributes. False if something is wrong. */
  private declare (count: number): boolean {
    const { bytes, namespaces } = this
    const first = namespaces.size
    let others = 0
    let prefixed = false
    for (let at = 0; at < count; at++) {
      const { start, colon, end, from, to, plain } = ATTRIBUTES[at]!
      if (!isDeclaration(bytes, start, colon, end)) {
        others++
        prefixed ||= colon !== 0
        continue
      }
      if (namespaces.size === MAX_PREFIXES) { this.fail(`it has more than ${MAX_PREFIXES} prefixes`, 'limit'); return false }
      const value = this.string(from, to)
      const why = namespaces.declare(colon === 0 ? '' : this.string(colon + 1, end), plain ? value : valueOf(value), first)
      if (why !== undefined) { this.fail(why); return false }
    }
    return (others < 2 && !prefixed) || this.distinct(count)
  }

  /** Two attributes are the same by namespace and local name (Namespaces in XML 1.0, 6.3). */
  private distinct (count: number): boolean {
    const seen = new Map<string, string[]>()
    for (let at = 0; at < count; at++) {
      const { start, colon, end } = ATTRIBUTES[at]!
      if (isDeclaration(this.bytes, start, colon, end)) continue
      const space = colon === 0 ? '' : this.meaning(this.string(start, colon))
      if (space === undefined) return false
      const local = this.string(colon === 0 ? start : colon + 1, end)
      const spaces = seen.get(local)
      if (spaces === undefined) seen.set(local, [space])
      else if (!spaces.includes(space)) spaces.push(space)
      else { this.fail(`there are two attributes ${quoted(local)} in one tag`); return false }
    }
    return true
  }

  /** The namespace of a prefix; undefined, and that is wrong, if it has none. `xmlns` is none for an element. */
  private meaning (prefix: string): string | undefined {
    const namespace = this.namespaces.find(prefix)
    if (namespace === undefined) this.fail(`the prefix ${quoted(prefix)} is not declared`)
    return namespace
  }

  private string (from: number, to: number): string {
    return this.wide ? decode(this.bytes, from, to, this.encoding) : intern(this.bytes, from, to)
  }
}

const NONE: GrowingBlock[] = []
Object.freeze(NONE)

const [X, M, L, N, S] = [0x78, 0x6D, 0x6C, 0x6E, 0x73]

/** Whether the attribute is `xmlns` or `xmlns:…`. */
const isDeclaration = (bytes: Buffer, start: number, colon: number, end: number): boolean =>
  (colon === 0 ? end : colon) === start + 5 && bytes[start] === X && bytes[start + 1] === M && bytes[start + 2] === L && bytes[start + 3] === N && bytes[start + 4] === S

/** Scans a document of which all bytes, or enough of them, are here. Nothing is copied. */
export function scan (bytes: Buffer, options?: ScanOptions): ScanResult {
  const scanner = new EnvelopeScanner(options)
  scanner.push(bytes)
  return scanner.finish()
}
