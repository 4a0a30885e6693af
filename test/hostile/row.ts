import type { Check } from './checks.js'

/** The kinds of hostile input. */
export const KINDS = ['framing', 'responses', 'slow', 'injection', 'envelopes', 'configurations'] as const
export type Kind = (typeof KINDS)[number]

/** What a raw end of a connection does next. Text is Latin-1: one character is one byte. */
export type Step =
  | string
  /** Sends these bytes. */
  | { readonly bytes: Buffer }
  /** Sends a text piece by piece. `size` in bytes, `every` in milliseconds. */
  | { readonly trickle: string; readonly size: number; readonly every: number }
  /** Does nothing for this many milliseconds. */
  | { readonly wait: number }
  /** A client waits until so many final responses are complete, at most this many milliseconds. */
  | { readonly responses: number; readonly atMost?: number }
  /** A client waits until this many requests of the row have reached the endpoint, at most this many milliseconds. */
  | { readonly reached: number; readonly atMost?: number }
  /** FIN: sends nothing more, and still reads. */
  | { readonly end: true }
  /** RST. */
  | { readonly reset: true }
  /** Closes the connection at once; under TLS, without close_notify. */
  | { readonly cut: true }
  /** Stops, or resumes, reading. */
  | { readonly read: boolean }

interface AnyRow {
  /** Unique, of letters, digits, dots and dashes: it is a part of addresses. */
  readonly id: string
  readonly kind: Kind
  /** What it is, and where that is said. */
  readonly what: string
  readonly checks: readonly Check[]
  /** Whether only `npm run hostile` runs it: it takes long, or much of a processor. */
  readonly heavy?: boolean
}

/** Bytes of a client, and bytes of an endpoint, through the gateway. */
export interface WireRow extends AnyRow {
  readonly kind: 'framing' | 'responses' | 'slow' | 'injection'
  /** What the client does. */
  readonly client: readonly Step[]
  /** What the endpoint does with a complete request of the row. Default: 200 with a short body. */
  readonly endpoint?: readonly Step[]
  /** When the endpoint does so. Default: when the request is complete. */
  readonly at?: 'head' | 'connection'
  /** Over which kind of connection the gateway reaches the endpoint. Default: plain. */
  readonly tls?: boolean
  /**
   * How long nothing may happen before the row counts as over, in milliseconds. Default: 2,000, and 60 after a
   * response.
   */
  readonly quietFor?: number
  /** How long the end of the connection is waited for after a complete response, in milliseconds. Default: 60. */
  readonly settle?: number
  /** How long the row may hang, in milliseconds. Default: 60,000, and 8,000 at other gateways. */
  readonly within?: number
  /** Whether the response has no body although its headers name one. */
  readonly head?: boolean
  /** Whether no other row may use the endpoint meanwhile. */
  readonly alone?: boolean
  /** Whether only this gateway can run it: its own configuration decides. */
  readonly oursOnly?: boolean
  /** Whether it runs beside all others from the start, because it takes a minute or two. */
  readonly long?: boolean
  /** Connections that take these steps while the row runs, and are closed after it. */
  readonly otherConnections?: { readonly count: number; readonly steps: readonly Step[] }
}

/** SOAP messages in turn to a group with sessions: what reads the id must agree with a conforming parser. */
export interface EnvelopeRow extends AnyRow {
  readonly kind: 'envelopes'
  /** Where the messages go. Default: the group with sessions. */
  readonly service?: string
  /** The first message binds, the others are held against it; each with its Content-Type. */
  readonly messages: readonly { readonly type: string; readonly body: Buffer }[]
}

/** What is not a file with a content: a link to itself, or to another path, relative to its folder, is one of them. */
export type SpecialFile =
  | { readonly special: 'fifo' | 'loop' | 'device' | 'directory' | 'socket' }
  | { readonly link: string }

/** Files for `check`. */
export interface ConfigurationRow extends AnyRow {
  readonly kind: 'configurations'
  readonly files: Readonly<Record<string, string | Buffer | SpecialFile>>
  /** What `check` is called with, below the folder of the row. Default: the only file. */
  readonly path?: string
}

export type Row = WireRow | EnvelopeRow | ConfigurationRow
