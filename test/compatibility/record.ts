import { readdirSync, readFileSync } from 'node:fs'

/**
 * The shape of `recorded/*.json`: what a running Apache Synapse received and sent. README.md describes how they
 * came about.
 */
export interface Recording { readonly topic: string, readonly engine: string, readonly cases: readonly Case[] }

/** One configuration, the back-ends around it, and the messages that it is sent, one after the other. */
export interface Case {
  readonly name: string
  readonly title: string
  /** A whole `<definitions>`. `{b1}` … and `{dead}` in it are ports. */
  readonly definitions: string
  /** What lies in the folder of the configuration, by path. */
  readonly files?: Readonly<Record<string, string>>
  readonly backends: Readonly<Record<string, Plan>>
  readonly exchanges: readonly Exchange[]
  /** How bodies are framed is the subject here. */
  readonly framing?: boolean
}

export interface Exchange extends Seen {
  readonly title?: string
  readonly request: { readonly head: readonly string[], readonly body: Bytes }
  /** What back-ends do from now on. */
  readonly backendsNow?: Readonly<Record<string, Plan>>
  /** Milliseconds that go by before it. */
  readonly pause?: number
  /** How long the response was waited for, in milliseconds; 3000 by default. */
  readonly wait?: number
  /** Messages may still arrive at a back-end when the client has its response. */
  readonly settle?: number
  /** The body is sent when the head was answered. */
  readonly expect?: boolean
  /** Parts that were not the same in two recordings. */
  readonly varies?: readonly string[]
}

/** What an exchange looked like from outside, with tokens for whatever is different each time. */
export interface Seen {
  readonly atBackends: readonly (Spoken & { readonly backend: string })[]
  readonly interim?: readonly string[]
  readonly reply: Spoken | null
  readonly connection: string
  /** `at once`, `after 2 s`, `none within 1.5 s`. */
  readonly time: string
}

/** A message of HTTP: the lines of its head, and its body without framing. */
export interface Spoken {
  readonly head: readonly string[]
  readonly framing: string
  readonly body: Bytes
  readonly complete?: boolean
  /** Bytes that follow it and belong to nothing. */
  readonly extra?: Bytes
}

export type Plan = Behaviour | readonly Behaviour[]
export type Behaviour = 'ok' | 'echo' | 'refuse' | 'close' | 'reset' | 'hang' | RecordedResponse

export interface RecordedResponse {
  readonly status?: number
  readonly reason?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: Bytes
  readonly chunked?: boolean
  readonly close?: boolean
  /** Milliseconds before it. */
  readonly delay?: number
  readonly version?: string
  /** These bytes instead of all that. */
  readonly raw?: Bytes
  /** The connection ends after this many bytes of the body. */
  readonly cut?: number
  /** It comes when only the head of the request was read. */
  readonly early?: boolean
}

/** Bytes in JSON. */
export type Bytes = string | { readonly base64: string } | { readonly repeat: string, readonly times: number }

export function toBytes (written: Bytes = ''): Buffer {
  if (typeof written === 'string') return Buffer.from(written)
  return 'base64' in written ? Buffer.from(written.base64, 'base64') : Buffer.from(written.repeat.repeat(written.times))
}

/** Text where the bytes are one, base64 otherwise. */
export function fromBytes (bytes: Buffer): Bytes {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') }
}

// From the compiled test as well as from its source.
const folder = new URL('../../../test/compatibility/recorded/', import.meta.url)

export const TOPICS: readonly string[] = readdirSync(folder).map(name => name.replace(/\.json$/, ''))
export const recording = (topic: string): Recording =>
  JSON.parse(readFileSync(new URL(`${topic}.json`, folder), 'utf8'))
