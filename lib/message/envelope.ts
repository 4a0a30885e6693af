import type { Version } from './soap-version.js'

/** One element inside the SOAP Header: its name, its text, and the position of its bytes. */
export interface HeaderBlock {
  readonly namespace: string
  readonly name: string
  readonly prefix: string
  /** All character data inside it, entities resolved, not trimmed. */
  readonly text: string
  readonly children: readonly HeaderBlock[]
  /** From the `<` of its start tag … */
  readonly start: number
  /** … to after the `>` of its end tag. */
  readonly end: number
}

/** The fields of WS-Addressing. SOAPAction is the same as Action. */
export interface Addressing {
  readonly to?: string | undefined
  readonly action?: string | undefined
  readonly messageId?: string | undefined
  readonly relatesTo?: string | undefined
  readonly from?: string | undefined
  readonly replyTo?: string | undefined
  readonly faultTo?: string | undefined
}

/** The WS-Addressing in the Header of a message. */
export interface WsAddressing {
  readonly addressing: Addressing
  /**
   * The version that was read: 1.0 if there is any header of it, else the Submission of 2004. Undefined if there is
   * none of either.
   */
  readonly namespace?: string | undefined
  /** All blocks in either namespace. */
  readonly blocks: readonly HeaderBlock[]
  /** What is contradictory or missing. */
  readonly problem?: string | undefined
  /** Which of ReplyTo and FaultTo wants responses elsewhere than on the connection of the request. */
  readonly anonymousOnly?: 'ReplyTo' | 'FaultTo' | undefined
}

/** The part of a MIME message that contains a document. */
export interface MessagePart {
  /** Where its content begins. */
  readonly start: number
  /** The charset that its own Content-Type names. */
  readonly charset: string | undefined
  readonly boundary: string
}

/**
 * The start of a SOAP message, read up to the end of its Header. Offsets count bytes from the first one of the
 * message.
 */
export interface Envelope {
  readonly kind: 'envelope'
  readonly version: Version
  /** The prefix of `Envelope`; empty where it is the default namespace. */
  readonly prefix: string
  /**
   * The Header: from `start` to `end`, its content from `open` to `close`. Of `<Header/>` all of `open` and `close`
   * are undefined.
   */
  readonly header?:
    | {
      readonly start: number
      readonly end: number
      readonly open?: number | undefined
      readonly close?: number | undefined
      readonly prefix: string
    }
    | undefined
  /** The children of Header, in order. */
  readonly blocks: readonly HeaderBlock[]
  /**
   * The position after the Header; without a Header, the start of the first child of Envelope. Bytes from here on were
   * not read.
   */
  readonly rest: number
  /**
   * The prefixes that are in scope for the children of Header: those declared on Envelope and Header, the default one
   * as ''. No prototype.
   */
  readonly scope: Readonly<Record<string, string>>
  /** Undefined if no block is one of WS-Addressing. */
  readonly addressing: WsAddressing | undefined
  /** The part of a MIME message that contains the envelope; undefined if the envelope is the whole message. */
  readonly part?: MessagePart | undefined
}

/** XML whose root is not a SOAP envelope. */
export interface PlainXml {
  readonly kind: 'plain'
  readonly namespace: string
  readonly name: string
}

/** A document that cannot be read, and why. */
export interface Unreadable {
  readonly kind: 'unreadable'
  /** `limit`: too deep, too long, or too many of something. `transcode`: it can be read once it is in UTF-8. */
  readonly cause: 'doctype' | 'malformed' | 'limit' | 'empty' | 'transcode'
  /** One sentence, without a full stop. */
  readonly reason: string
  /** Where reading stopped, in bytes. */
  readonly offset: number
  /** Of a document to be transcoded. */
  readonly encoding?: string | undefined
  /** Whether the document does not begin with `<`. */
  readonly withoutPosition?: boolean | undefined
}

export type ScanResult = Envelope | PlainXml | Unreadable

/** Where the part of a message ends that can be read, edited and read again; undefined where that is unknown. */
export const endOfHeader = (scan: ScanResult | undefined): number | undefined =>
  scan?.kind === 'envelope' && scan.header !== undefined && scan.part === undefined ? scan.rest : undefined
