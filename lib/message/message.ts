import type { Headers } from './headers.js'
import type { ScanResult } from './envelope.js'

/** How much of a message somebody looks at. Each one includes those before it. */
export const READ_DEPTHS = ['nothing', 'header', 'body'] as const
export type ReadDepth = typeof READ_DEPTHS[number]

/** The deepest of several read depths. */
export const deepestOf = (depths: readonly ReadDepth[]): ReadDepth =>
  READ_DEPTHS[Math.max(0, ...depths.map(each => READ_DEPTHS.indexOf(each)))]!

/** A piece of XML as the value of a property. */
export interface XmlFragment { readonly xml: string }
/** Compact JSON as the value of a property. */
export interface JsonFragment { readonly json: string }
export type PropertyValue = string | number | boolean | XmlFragment | JsonFragment

/** The value of a property as text. */
export const propertyText = (value: PropertyValue): string => {
  if (typeof value !== 'object') return String(value)
  return 'xml' in value ? value.xml : value.json
}

export type Properties = Readonly<Record<string, PropertyValue>>

/** The bytes of a message that have not been read yet. What they are is known only where they come from and where they go. */
export interface BodyRemainder {
  /** Nobody will read them. */
  discard (): void
}

/** What a message carries. `scan`: what its start says, if it was read as it arrived. */
export type Body =
  | { readonly kind: 'none' }
  /** Whole: it may be read, changed and sent again. */
  | { readonly kind: 'bytes', readonly bytes: Buffer, readonly scan?: ScanResult | undefined }
  /** Only `head` was read (with need `header`: at least to the end of the SOAP Header); `size` is the length of both, where it is known. */
  | { readonly kind: 'stream', readonly head: Buffer, readonly rest: BodyRemainder, readonly size?: number | undefined, readonly scan?: ScanResult | undefined }

export const NO_BODY: Body = { kind: 'none' }

/** Where a message goes, where from, and what it asks for: WS-Addressing's fields, and SOAPAction, which is the same thing as Action. */
export interface Addressing {
  readonly to?: string | undefined
  readonly action?: string | undefined
  readonly messageId?: string | undefined
  readonly relatesTo?: string | undefined
  readonly from?: string | undefined
  readonly replyTo?: string | undefined
  readonly faultTo?: string | undefined
}

/** One message on its way through a proxy. A value: mediators return changed copies, they never edit. */
export interface Message {
  /** Which way it travels: to an endpoint, or back to the client. */
  readonly direction: 'request' | 'response'
  readonly method: string
  /** What follows the address of the service: empty, or beginning with `/`. */
  readonly path: string
  /** Empty, or beginning with `?`. */
  readonly query: string
  /** Of an answer from an endpoint; a message made here has none. */
  readonly status?: number | undefined
  /** Scope `transport`. Without those that belong to one connection, or to the framing of the body. */
  readonly headers: Headers
  readonly addressing: Addressing
  /** Scope `default`: they survive from the request to its answer. */
  readonly properties: Properties
  /** What the mediator `variable` sets: survives from the request to its response. Default: none. */
  readonly variables?: Properties | undefined
  /** The parameters of the sequence template that runs. Default: none. */
  readonly parameters?: Properties | undefined
  /** Scope `axis2`: of this message alone. */
  readonly axis2: Properties
  /** Whether the proxy looks into it at all. What nobody reads passes byte by byte. */
  readonly read: boolean
  /** Whether its client came by https. */
  readonly secure?: boolean | undefined
  /** Whether `makefault` made it. */
  readonly fault?: boolean | undefined
  readonly body: Body
}
