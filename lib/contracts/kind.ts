import type { Static, TObject, TProperties } from '@sinclair/typebox'
import type { Element } from '../xml/element.js'
import type { Inside } from '../xml/markup.js'
import type { Algorithm } from './algorithm.js'
import type { BuildContext } from './build-context.js'
import type { Endpoint } from './endpoint.js'
import type { Mediator } from './mediator.js'
import type { ReadRequirements, RequirementsOf } from './read-requirements.js'
import type { SessionAffinity } from './session-affinity.js'
import type { Reader, Writer } from './xml-form.js'

/**
 * One kind of configuration element: its fields, its XML form, and how it is built. `reads`, `write` and `build` are
 * methods, so that a kind with fields of its own is an `AnyKind`: they receive only what the fields have accepted.
 */
export interface Kind<N extends string, F extends TProperties, Built> {
  readonly name: N
  /** Other spellings in XML. */
  readonly aliases?: readonly string[]
  /** One sentence for the reference page. */
  readonly description: string
  readonly fields: F
  read(element: Element, reader: Reader): object
  /** The name of its element in XML. Default: `name` */
  elementName?(config: Static<TObject<F>>): string
  /** The inverse of `read`. A kind without fields needs none. */
  write?(config: Static<TObject<F>>, writer: Writer): Inside
  /** How much of the messages it reads. Default: nothing. */
  reads?(config: Static<TObject<F>>, of: RequirementsOf): Partial<ReadRequirements>
  /** @throws Error that states the problem of the configuration */
  build(config: Static<TObject<F>>, context: BuildContext): Built
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

const kindOf =
  <Built>() =>
  <const N extends string, F extends TProperties>(kind: Kind<N, F, Built>): Kind<N, F, Built> =>
      kind

export const mediator = kindOf<Mediator>()
export const endpoint = kindOf<Endpoint>()
export const algorithm = kindOf<Algorithm>()
export const session = kindOf<SessionAffinity>()
