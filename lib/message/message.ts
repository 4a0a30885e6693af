import type { Headers } from './headers.js'
import type { Branch } from './branch.js'
import type { JsonRules } from './json-rules.js'
import type { Addressing, ScanResult } from './envelope.js'

/** How much of a message its proxy looks at. Each depth includes those before it. */
export const READ_DEPTHS = ['nothing', 'header', 'body'] as const
export type ReadDepth = (typeof READ_DEPTHS)[number]

/** The deepest of several read depths. */
export const deepestOf = (depths: readonly ReadDepth[]): ReadDepth =>
  READ_DEPTHS[Math.max(0, ...depths.map(each => READ_DEPTHS.indexOf(each)))]!

/** A piece of XML as the value of a property. */
export interface XmlFragment {
  readonly xml: string
}
/** Compact JSON as the value of a property. */
export interface JsonFragment {
  readonly json: string
}
export type PropertyValue = string | number | boolean | XmlFragment | JsonFragment

/** The value of a property as text. */
export const propertyText = (value: PropertyValue): string => {
  if (typeof value !== 'object') return String(value)
  return 'xml' in value ? value.xml : value.json
}

export type Properties = Readonly<Record<string, PropertyValue>>

/** A property; undefined: there is none of this name. */
export const ownProperty = (properties: Properties, name: string): PropertyValue | undefined =>
  Object.hasOwn(properties, name) ? properties[name] : undefined

/** A property as text; undefined: there is none of this name. */
export const textOfProperty = (properties: Properties, name: string): string | undefined => {
  const value = ownProperty(properties, name)
  return value === undefined ? undefined : propertyText(value)
}

/** The bytes of a message that were not read yet. Only their source and their destination know what they are. */
export interface BodyRemainder {
  /** Discards them: nothing will read them. */
  discard(): void
}

/** The body of a message. `scan`: the scan of its start, if it was scanned on arrival. */
export type Body =
  | { readonly kind: 'none' }
  /** Complete: it can be read, changed and sent again. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly scan?: ScanResult | undefined }
  /**
   * Only `head` was read (at depth `header`: at least to the end of the SOAP Header). `size` is the length of head and
   * rest in bytes, if it is known.
   */
  | {
    readonly kind: 'stream'
    readonly head: Buffer
    readonly rest: BodyRemainder
    readonly size?: number | undefined
    readonly scan?: ScanResult | undefined
  }

export const NO_BODY: Body = { kind: 'none' }

/** How deep a message is inside of parts of the configuration that may lead back to themselves. */
export interface Nesting {
  readonly depth: number
  readonly branch: Branch | undefined
  /** How often such parts have run for the message that came from the client: its copies share it. */
  readonly runs: { count: number }
}

/** One message in a proxy. Immutable: mediators return changed copies. */
export interface Message {
  /** To an endpoint, or back to the client. */
  readonly direction: 'request' | 'response'
  readonly method: string
  /** The path after the address of the proxy: empty, or beginning with `/`. */
  readonly path: string
  /** Empty, or beginning with `?`. */
  readonly query: string
  /** The HTTP status of a response from an endpoint; messages made here have none. */
  readonly status?: number | undefined
  /** Scope `transport`, without hop-by-hop headers and those that frame the body. */
  readonly headers: Headers
  readonly addressing: Addressing
  /** Scope `default`: survives from the request to its response. */
  readonly properties: Properties
  /** What the mediator `variable` sets: survives from the request to its response. Default: none. */
  readonly variables?: Properties | undefined
  /** The parameters of the sequence template that runs. Default: none. */
  readonly parameters?: Properties | undefined
  /** Where it belongs, if `clone` or `iterate` has made it: survives from the request to its response. */
  readonly branch?: Branch | undefined
  /** How it becomes JSON or XML: those of its proxy. Default: the defaults of the engine */
  readonly jsonRules?: JsonRules | undefined
  /** Where it is inside of parts that may lead back to themselves. Default: in none. */
  readonly nesting?: Nesting | undefined
  /** Scope `axis2`: of this message alone. */
  readonly axis2: Properties
  /** Whether the proxy reads the message at all. A message that is not read passes byte by byte. */
  readonly read: boolean
  /** Whether the client uses https. */
  readonly secure?: boolean | undefined
  /** Whether `makefault` made this message. */
  readonly fault?: boolean | undefined
  readonly body: Body
}
