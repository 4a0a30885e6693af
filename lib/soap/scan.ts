import type { Version } from './version.js'

/** One element inside the SOAP Header: what it is called, what it says, and where its bytes stand. */
export interface Block {
  readonly namespace: string
  readonly name: string
  readonly prefix: string
  /** All character data inside it, entities resolved, not trimmed. */
  readonly text: string
  readonly children: readonly Block[]
  /** From the `<` of its start tag … */
  readonly start: number
  /** … to behind the `>` of its end tag. */
  readonly end: number
}

/** The start of a SOAP message, read up to the end of its Header. Offsets count bytes from the first one of the message. */
export interface Envelope {
  readonly kind: 'envelope'
  readonly version: Version
  /** The prefix of `Envelope`; empty where it is the default namespace. */
  readonly prefix: string
  /** The Header: from `start` to `end`, its content from `open` to `close`. Of `<Header/>` all of `open` and `close` are undefined. */
  readonly header?: { readonly start: number, readonly end: number, readonly open?: number, readonly close?: number, readonly prefix: string } | undefined
  /** The children of Header, in order. */
  readonly blocks: readonly Block[]
  /** Where the first child of Envelope that is not the Header begins. */
  readonly rest: number
  /** The prefixes that are in scope for the children of Header, those declared on Envelope and Header. */
  readonly scope: Readonly<Record<string, string>>
}

/** XML whose root is no SOAP envelope. */
export interface Plain { readonly kind: 'plain', readonly namespace: string, readonly name: string }

/** No XML that we would read. */
export interface Unreadable { readonly kind: 'unreadable', readonly cause: 'doctype' | 'malformed' | 'limit' | 'empty', readonly why: string }

export type Scan = Envelope | Plain | Unreadable
