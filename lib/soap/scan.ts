import type { Envelope, HeaderBlock, PlainXml, ScanResult } from '../message/envelope.js'
import { versionOf, type Version } from '../message/soap-version.js'
import { readAddressing } from './addressing.js'
import { XmlReader, type XmlHandler } from '../xml/reader.js'

export { transcode } from '../xml/encoding.js'

export interface ScanOptions {
  /** Bytes before the end of the Header, at most. Default: 1 MiB. */
  readonly limit?: number | undefined
  /** The charset that the Content-Type names. */
  readonly charset?: string | undefined
  /** Offset of the document in the bytes. Default: 0. */
  readonly from?: number | undefined
}

const DEFAULT_HEADER_LIMIT = 1_048_576
const MAX_DEPTH = 64
const MAX_BLOCKS = 1024
/** Envelope, Header, block: only blocks have character data. */
const BLOCK_DEPTH = 3

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type MutableBlock = Omit<Mutable<HeaderBlock>, 'children'> & { children: MutableBlock[] }

/** Shared by all blocks without children. Never changed. */
const NO_CHILDREN: MutableBlock[] = []

/**
 * Reads the start of a message up to the end of the SOAP Header, as any conforming parser would read it.
 * The first child of Envelope must be Header or Body. Of any other XML only the first tag is read.
 */
export class EnvelopeScanner implements XmlHandler {
  readonly wantsText = true
  readonly #reader: XmlReader
  #result: Envelope | PlainXml | undefined
  #version: Version | undefined
  #namespace = ''
  #prefix = ''
  #header: Mutable<NonNullable<Envelope['header']>> | undefined
  readonly #blocks: MutableBlock[] = []
  /** The blocks that are open, the innermost last. */
  readonly #open: MutableBlock[] = []

  constructor ({ limit = DEFAULT_HEADER_LIMIT, charset, from }: ScanOptions = {}) {
    this.#reader = new XmlReader(this, { limit, charset, from, maxDepth: MAX_DEPTH, textDepth: BLOCK_DEPTH })
  }

  /** Takes the next bytes. Returns whether no more are needed. The first chunk must not change until then. */
  push (chunk: Buffer): boolean {
    return this.#reader.push(chunk)
  }

  /** The result, after `push` returned true or after the last byte. */
  finish (): ScanResult {
    return this.#reader.finish() ?? this.#result!
  }

  /** Whether these characters, all of one byte, are before `end`. */
  contains (literal: string, end: number): boolean {
    return this.#reader.contains(literal, end)
  }

  text (value: string): void {
    this.#open.at(-1)!.text += value
  }

  startElement (namespace: string, prefix: string, name: string, start: number, end: number): void {
    switch (this.#reader.depth) {
      case 1:
        this.#root(namespace, prefix, name, end)
        break
      case 2:
        this.#childOfEnvelope(namespace, prefix, name, start, end)
        break
      default:
        this.#block({ namespace, name, prefix, text: '', children: NO_CHILDREN, start, end })
    }
  }

  endElement (close: number, end: number): void {
    const open = this.#open
    const block = open.pop()
    if (block !== undefined) {
      block.end = end
      const parent = open.at(-1)
      if (parent !== undefined) parent.text += block.text
      return
    }
    const header = this.#header
    if (header === undefined) {
      this.#reader.fail('the Envelope has neither a Header nor a Body')
      return
    }
    if (header.open !== undefined) header.close = close
    header.end = end
    this.#finish(end, this.#reader.namespaces.size, end)
  }

  #root (namespace: string, prefix: string, name: string, end: number): void {
    this.#version = name === 'Envelope' ? versionOf(namespace) : undefined
    this.#namespace = namespace
    this.#prefix = prefix
    if (this.#version !== undefined) return
    this.#result = { kind: 'plain', namespace, name }
    this.#reader.stop(end)
  }

  #childOfEnvelope (namespace: string, prefix: string, name: string, start: number, end: number): void {
    const isSoap = namespace === this.#namespace
    // The end tag follows at once if the tag is that of an empty element, and sets `end` and `close`.
    if (isSoap && name === 'Header') {
      this.#header = { start, end, open: this.#reader.isEmptyElement ? undefined : end, close: undefined, prefix }
    } else if (isSoap && name === 'Body') this.#finish(start, this.#reader.inherited, end)
    else this.#reader.fail('the first child of the Envelope is neither its Header nor its Body')
  }

  #block (block: MutableBlock): void {
    const open = this.#open
    const parent = open.at(-1)
    if (parent === undefined) {
      if (this.#blocks.length === MAX_BLOCKS) {
        this.#reader.fail(`its Header has more than ${MAX_BLOCKS} children`, 'limit')
        return
      }
      this.#blocks.push(block)
    } else if (parent.children === NO_CHILDREN) parent.children = [block]
    else parent.children.push(block)
    open.push(block)
  }

  #finish (rest: number, prefixes: number, end: number): void {
    this.#result = {
      kind: 'envelope',
      version: this.#version!,
      prefix: this.#prefix,
      header: this.#header,
      blocks: this.#blocks,
      rest,
      scope: this.#reader.namespaces.record(prefixes),
      addressing: readAddressing(this.#blocks)
    }
    this.#reader.stop(end)
  }
}

/** Scans a document of which enough bytes have arrived. Nothing is copied. */
export function scan (bytes: Buffer, options?: ScanOptions): ScanResult {
  const scanner = new EnvelopeScanner(options)
  scanner.push(bytes)
  return scanner.finish()
}
