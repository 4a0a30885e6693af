import type { Static, TArray, TObject, TOptional, TProperties, TRef, TSchema } from '@sinclair/typebox'
import type { algorithms } from '../../algorithms/index.js'
import type { AnyKind } from '../../contracts/kind.js'
import type { endpoints } from '../../endpoints/index.js'
import type { mediators } from '../../mediators/index.js'
import type { sessions } from '../../sessions/index.js'

/** The fields of built-in kinds, by name. */
type FieldsByKind<K extends AnyKind> = { readonly [Each in K as Each['name']]: FieldsOf<Each['fields']> }

/** The fields of a mediator by its kind. Extensions add theirs by declaration merging. */
export interface MediatorFields extends FieldsByKind<(typeof mediators)[number]> {}
/** The fields of an endpoint by its kind. Extensions add theirs by declaration merging. */
export interface EndpointFields extends FieldsByKind<(typeof endpoints)[number]> {}
/** The fields of an algorithm by its kind. Extensions add theirs by declaration merging. */
export interface AlgorithmFields extends FieldsByKind<(typeof algorithms)[number]> {}
/** The fields of a session kind by its name. Extensions add theirs by declaration merging. */
export interface SessionFields extends FieldsByKind<(typeof sessions)[number]> {}

/** A union discriminated by `kind`. */
type OneOf<Fields> = { [K in keyof Fields]: Flat<{ readonly kind: K } & Fields[K]> }[keyof Fields]

/** One object type in place of an intersection: editors and errors show its members. */
type Flat<T> = { readonly [K in keyof T]: T[K] }

/** One mediator of a configuration. */
export type MediatorDefinition = OneOf<MediatorFields>
/** One endpoint or group of a configuration. */
export type EndpointDefinition = OneOf<EndpointFields>
/** The algorithm of a group. */
export type AlgorithmDefinition = OneOf<AlgorithmFields>
/** The sessions of a group. */
export type SessionDefinition = OneOf<SessionFields>

/** A parameter of a sequence template. */
export interface TemplateParameter {
  readonly name: string
  readonly default?: string
  readonly mandatory?: boolean
}

/** Mediators in order, or with a handler of failures, or with parameters: a template. */
export type Sequence =
  | readonly MediatorDefinition[]
  | {
    readonly onError?: string
    readonly description?: string
    /** It is a template. */
    readonly parameters?: readonly TemplateParameter[]
    readonly mediators: readonly MediatorDefinition[]
  }

/** What the references of the model stand for. */
interface ModelReferences {
  readonly Mediator: MediatorDefinition
  readonly Endpoint: EndpointDefinition
  readonly Algorithm: AlgorithmDefinition
  readonly Session: SessionDefinition
  readonly Sequence: Sequence
}

type FieldsOf<P extends TProperties> = Flat<
  { readonly [K in keyof P as P[K] extends TOptional<TSchema> ? never : K]: ValueOf<P[K]> } & {
    readonly [K in keyof P as P[K] extends TOptional<TSchema> ? K : never]?: ValueOf<P[K]>
  }
>

/** The type of a schema, with its references resolved. */
type ValueOf<S extends TSchema> =
  S extends TRef<infer Name extends keyof ModelReferences>
    ? ModelReferences[Name]
    : S extends TArray<infer Item>
      ? readonly ValueOf<Item>[]
      : S extends TObject<infer P>
        ? FieldsOf<P>
        : Static<S>
