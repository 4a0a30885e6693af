import type { Static, TObject, TProperties } from '@sinclair/typebox'
import type { Expression, ExpressionConfig } from '../expression/expression.js'
import type { Fault } from '../message/fault.js'
import type { Delivery, Flow, Outcome } from './flow.js'
import type { ProblemCode } from './problem-code.js'
import type { WatchMembers } from './discovery.js'
import type { Message, ReadDepth } from '../message/message.js'
import type { StateLease, Registry } from '../state/registry.js'
import type { SessionPolicy } from '../state/session-table.js'
import type { Element } from '../xml/element.js'
import type { Attributes, Inside, Tag } from '../xml/markup.js'

/** Where a message goes after a mediator: along the chain, into the out sequence, to the client, or nowhere. */
export type Step =
  | { readonly to: 'next' | 'out' | 'client'; readonly message: Message }
  /** With a fault: what nobody has answered yet, and the client has to be told. */
  | { readonly to: 'end'; readonly message: Message; readonly fault?: Fault | undefined }
  /**
   * The error handler of an endpoint has taken the message over, and says where it goes: no chain around it
   * continues.
   */
  | { readonly to: 'handled'; readonly message: Message; readonly next: Step }

/** One hook of a chain. */
export type Mediator = (message: Message) => Step | Flow<Step>

/**
 * Somebody who can be asked. `bound`: the message belongs to a session that is bound there, so it may go where no new
 * one would.
 */
export interface Endpoint {
  (message: Message, bound?: boolean, delivery?: Delivery): Flow<Outcome>
  /** What it is called in a log, in the registry and in an explanation. */
  readonly endpointName: string
}

/** A member of a group, as an algorithm sees it. */
export interface Candidate {
  /** The same in every process that runs the same configuration; no other member of the group has it. */
  readonly name: string
  /** A property of the member, else of its group. @throws Error if it is an expression */
  readonly property: (name: string) => string | undefined
}

/**
 * Member numbers in order of preference, each at most once, lazily: an algorithm's own state moves only as far as it
 * is pulled.
 * Who is offered may be suspended or off: then the next one is pulled.
 * `load`: the messages in flight, by member. `key`: the id of the session, where the client has given it one.
 */
export type MemberOrder = (load: readonly number[], key: string | undefined) => Iterable<number>

/**
 * An algorithm, given whom it chooses from. @throws an Error whose message says what is wrong with a member's
 * properties
 */
export type Algorithm = (members: readonly Candidate[]) => MemberOrder

/**
 * How a session is recognised in a request and, where the server names it, learnt from an answer. Its member is
 * remembered in a table.
 */
export interface SessionKind {
  /** The ids that a request carries, in the order in which they are looked up: the first one that is bound counts. */
  readonly idsInRequest: (request: Message) => readonly string[]
  /**
   * The ids that an answer gives out. Present: the server names the sessions, and every answer binds what it names to
   * whom it came from.
   */
  readonly idsInResponse?: ((answer: Message) => readonly string[]) | undefined
  /** The request without ids that mean nothing any more. */
  readonly withoutStaleIds?: ((request: Message) => Message) | undefined
}

/** What a request says of its session where no table is needed, since the client carries the name of its member. */
export interface ClientHeldSession {
  /** Or -1. */
  readonly member: number
  /** The request as a member gets it: without what is nobody's business but ours. */
  readonly request: Message
  /** The answer, with what makes the client's next request name this member. */
  readonly markResponse: (answer: Message, member: number) => Message
}

/** A kind of session with its settings. */
export type SessionAffinity = {
  readonly policy: SessionPolicy
  /**
   * What happens to a session whose member is gone: it waits for it (`strict`), or begins anew elsewhere
   * (`redispatch`).
   */
  readonly onLost: 'strict' | 'redispatch'
} & (
  | SessionKind
  | {
    /** @param group the name of the group @param members the names of its members */
    readonly heldByClient: (group: string, members: readonly string[]) => (request: Message) => ClientHeldSession
  }
)

/** How much of which message a step looks at. */
export interface ReadRequirements {
  /** Of the message that is handed to it. */
  readonly request: ReadDepth
  /** Of an answer that comes of it. */
  readonly response: ReadDepth
  /** Whether what comes after it may see that answer. */
  readonly responds: boolean
  /** Whether what comes after it may still see the message itself. */
  readonly passesOn: boolean
  /** Whether the message itself may go into the out sequence. */
  readonly entersOut: boolean
}

/** What may be asked for the needs of something inside. */
export interface RequirementsOf {
  readonly chain: (configs: unknown) => ReadRequirements
  readonly sequence: (key: string) => ReadRequirements
  readonly endpoint: (config: unknown) => ReadRequirements
  /** Of whichever named endpoint it may turn out to be. */
  readonly anyEndpoint: () => ReadRequirements
  readonly session: (config: unknown) => ReadRequirements
  readonly expression: (config: ExpressionConfig | undefined) => ReadDepth
}

/**
 * What holds for every endpoint that says nothing itself: the first suspension in milliseconds, the factor of the
 * following ones, and
 * milliseconds for an answer (synapse.global_endpoint_suspend_duration,
 * synapse.global_endpoint_suspend_progression_factor, synapse.global_timeout_interval).
 */
export interface EndpointDefaults {
  readonly suspendDuration?: number | undefined
  readonly progressionFactor?: number | undefined
  readonly timeout?: number | undefined
}

/**
 * What a kind may use while it is built: its children by name or inline, the registry, and the world (time and
 * chance).
 */
export interface BuildContext {
  readonly mediators: (configs: unknown) => Mediator
  readonly sequence: (key: string) => Mediator
  readonly endpoint: (config: unknown) => Endpoint
  /** Undefined, where none has that name. */
  readonly endpointByKey: (key: string) => Endpoint | undefined
  readonly algorithm: (config: unknown) => Algorithm
  readonly session: (config: unknown) => SessionAffinity
  readonly expression: (config: ExpressionConfig) => Expression
  readonly localEntry: (key: string) => string | undefined
  /** A name for something that has none: that of its owner and a number. */
  readonly generatedName: (what: string) => string
  readonly registry: Registry
  /** Where it names the state that it needs. */
  readonly lease: StateLease
  readonly now: () => number
  readonly random: () => number
  readonly uuid: () => string
  readonly environment: (name: string) => string | undefined
  readonly endpointDefaults: EndpointDefaults
  /** Where the members of a group are found out. */
  readonly watchMembers: WatchMembers
  /** What is being built runs, but messages will fail. */
  readonly warn: (message: string, hint?: string, code?: ProblemCode) => void
}

/** What a kind may use while it is read from XML. What cannot be read is told as a problem, and left out. */
export interface Reader {
  readonly endpoint: (element: Element) => unknown
  readonly mediators: (element: Element) => unknown[]
  /** The mediators in an element, or the sequence that its attribute `sequence` names. */
  readonly branch: (element: Element) => unknown[]
  /** The mediators in an element, with its `onError` and its description where it has them. */
  readonly sequence: (element: Element) => object
  readonly session: (element: Element) => unknown
  readonly algorithm: (element: Element) => unknown
  /** The attribute as an expression, with the prefixes that it uses. */
  readonly expression: (element: Element, attribute: string) => ExpressionConfig | undefined
  /** The attribute as a truth value: true, 1, yes, or false, 0, no. */
  readonly flag: (element: Element, attribute: string) => boolean | undefined
  /** The text of the child of this name as a number. */
  readonly number: (element: Element | undefined, child: string) => number | Placeholder | undefined
  /** The text of the child of this name as a list of whole numbers. */
  readonly numbers: (element: Element | undefined, child: string) => number[] | Placeholder | undefined
  readonly problem: (element: Element, message: string, hint?: string, code?: ProblemCode) => void
  readonly hint: (element: Element, message: string, hint?: string, code?: ProblemCode) => void
}

/**
 * What a kind may use while it is written as XML: its children as elements, an algorithm as attributes of its group.
 */
export interface Writer {
  readonly endpoint: (config: unknown) => Tag
  readonly mediators: (configs: unknown) => Tag[]
  /** As an element of this name. */
  readonly sequence: (name: string, config: unknown, attributes?: Attributes) => Tag
  readonly session: (config: unknown) => Tag
  readonly algorithm: (config: unknown) => Attributes
}

/**
 * One kind of configuration element: its fields, how it is read from XML and written again, and how it is built.
 * `reads`, `write` and `build` are methods, so that a kind with fields of its own is an `AnyKind`: they get only what
 * the fields have accepted.
 */
export interface Kind<N extends string, F extends TProperties, Built> {
  readonly name: N
  /** Other spellings in XML. */
  readonly aliases?: readonly string[]
  /** One sentence for the reference page. */
  readonly description: string
  readonly fields: F
  read(element: Element, reader: Reader): object
  /** The inverse of `read`: what it reads from that element. A kind without fields needs none. */
  write?(config: Static<TObject<F>>, writer: Writer): Inside
  /** How much of the messages it looks at. Default: nothing. */
  reads?(config: Static<TObject<F>>, of: RequirementsOf): Partial<ReadRequirements>
  /** @throws an Error whose message says what is wrong with the configuration */
  build(config: Static<TObject<F>>, tools: BuildContext): Built
}

/** A kind whose fields are known only to itself. */
export type AnyKind<Built = unknown> = Kind<string, TProperties, Built>

/** The kinds that a configuration may use, by family. */
export interface Kinds {
  readonly mediators: readonly AnyKind<Mediator>[]
  readonly endpoints: readonly AnyKind<Endpoint>[]
  readonly algorithms: readonly AnyKind<Algorithm>[]
  readonly sessions: readonly AnyKind<SessionAffinity>[]
}

/** The placeholder of a template's parameter, in the place of a value: `$name`. */
export type Placeholder = `$${string}`
export const isPlaceholder = (text: string): text is Placeholder => text.startsWith('$')

const kindOf =
  <Built>() =>
  <const N extends string, F extends TProperties>(kind: Kind<N, F, Built>): Kind<N, F, Built> =>
      kind

export const mediator = kindOf<Mediator>()
export const endpoint = kindOf<Endpoint>()
export const algorithm = kindOf<Algorithm>()
export const session = kindOf<SessionAffinity>()

/** A delivery at its beginning. */
export const newDelivery = (): Delivery => ({ hasWaited: false, hasBlamed: false })

/** An endpoint is a function with a name. */
export const createEndpoint = (
  called: string,
  ask: (message: Message, bound?: boolean, delivery?: Delivery) => Flow<Outcome>
): Endpoint => Object.assign(ask, { endpointName: called })

/** The object without its undefined fields: absent in XML is absent in JSON. */
export const omitUndefined = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
