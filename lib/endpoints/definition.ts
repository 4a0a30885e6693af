import { Type, type Static, type TObject } from '@sinclair/typebox'
import { Duration, ErrorCodes, valued, writeValued } from '../fields.js'
import { DEFAULT_POLICY, type Policy } from '../health.js'
import { present, type Needs, type Reader } from '../kind.js'
import type { RetryPolicy } from '../leaf.js'
import type { Element } from '../xml/element.js'
import { asElements, type Attributes, type Inside, type Tag } from '../xml/markup.js'

/** What every kind of endpoint has: a name, a sequence for the last failure, properties for its messages. */
export const common = {
  name: Type.Optional(Type.String({ minLength: 1 })),
  onError: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  properties: Type.Optional(Type.Array(Type.Object({
    name: Type.String({ minLength: 1 }),
    ...valued,
    scope: Type.Optional(Type.Union([Type.Literal('default'), Type.Literal('transport'), Type.Literal('axis2'), Type.Literal('axis2-client')]))
  }, { additionalProperties: false })))
}

/** What every endpoint on the network has: how it is spoken to, and when it is left alone. Durations in milliseconds. */
export const definition = {
  format: Type.Optional(Type.Union([Type.Literal('soap11'), Type.Literal('soap12'), Type.Literal('pox'), Type.Literal('get'), Type.Literal('rest')])),
  enableAddressing: Type.Optional(Type.Union([Type.Literal(true), Type.Literal('final'), Type.Literal('submission')])),
  timeout: Type.Optional(Type.Object({
    duration: Type.Optional(Duration),
    responseAction: Type.Optional(Type.Union([Type.Literal('fault'), Type.Literal('discard')]))
  }, { additionalProperties: false })),
  markForSuspension: Type.Optional(Type.Object({
    errorCodes: Type.Optional(ErrorCodes),
    retriesBeforeSuspension: Type.Optional(Type.Integer()),
    retryDelay: Type.Optional(Duration)
  }, { additionalProperties: false })),
  suspendOnFailure: Type.Optional(Type.Object({
    errorCodes: Type.Optional(ErrorCodes),
    initialDuration: Type.Optional(Type.Integer()),
    progressionFactor: Type.Optional(Type.Number()),
    maximumDuration: Type.Optional(Type.Integer())
  }, { additionalProperties: false })),
  retryConfig: Type.Optional(Type.Object({
    disabledErrorCodes: Type.Optional(ErrorCodes),
    enabledErrorCodes: Type.Optional(ErrorCodes)
  }, { additionalProperties: false })),
  verify: Type.Optional(Type.Boolean())
}

type Common = Static<TObject<typeof common>>
export type Definition = Static<TObject<typeof definition>>

/** `<endpoint name onError><property/>…` */
export const readCommon = (element: Element, reader: Reader) => {
  const properties = element.all('property').map(each => present({
    name: each.attribute('name'),
    value: each.attribute('value'),
    expression: reader.expression(each, 'expression'),
    scope: each.attribute('scope')
  }))
  return present({
    name: element.attribute('name')?.trim(),
    onError: element.attribute('onError'),
    description: element.child('description')?.text,
    properties: properties.length > 0 ? properties : undefined
  })
}

/** The inverse of `readCommon`. */
export const writeCommon = ({ name, onError, description, properties = [] }: Common): Inside => [
  { name, onError },
  ...asElements({ description }),
  ...properties.map(({ name, scope, ...given }) => ['property', { name, ...writeValued(given), scope }] as const)
]

/** The children and attributes that `address`, `default`, `wsdl` and `http` share (Synapse: EndpointDefinitionFactory). */
export function readDefinition (element: Element, reader: Reader): object {
  for (const name of ['enableSec', 'enableRM'] as const) {
    const secured = element.child(name)
    if (secured) reader.problem(secured, `<${name}> is not supported`, 'WS-Security and WS-ReliableMessaging end at the back-end: headers of theirs pass through untouched without this element')
  }
  for (const name of ['trace', 'statistics', 'encoding', 'optimize']) element.attribute(name)
  const timeout = element.child('timeout')
  const mark = element.child('markForSuspension')
  const suspend = element.child('suspendOnFailure')
  const legacy = reader.number(element, 'suspendDurationOnFailure')
  const retry = element.child('retryConfig')
  return present({
    format: element.attribute('format')?.trim().toLowerCase(),
    enableAddressing: addressingOf(element, reader),
    timeout: timeout && present({
      duration: reader.number(timeout, 'duration'),
      responseAction: timeout.child('responseAction')?.text.toLowerCase()
    }),
    markForSuspension: mark && present({
      errorCodes: reader.numbers(mark, 'errorCodes'),
      retriesBeforeSuspension: reader.number(mark, 'retriesBeforeSuspension'),
      retryDelay: reader.number(mark, 'retryDelay')
    }),
    suspendOnFailure: suspend || legacy !== undefined
      ? present({
        errorCodes: reader.numbers(suspend, 'errorCodes'),
        initialDuration: reader.number(suspend, 'initialDuration') ?? (legacy === undefined ? undefined : legacy * 1000),
        progressionFactor: reader.number(suspend, 'progressionFactor') ?? (legacy === undefined ? undefined : 1),
        maximumDuration: reader.number(suspend, 'maximumDuration')
      })
      : undefined,
    retryConfig: retry && present({
      disabledErrorCodes: reader.numbers(retry, 'disabledErrorCodes'),
      enabledErrorCodes: reader.numbers(retry, 'enabledErrorCodes')
    }),
    verify: reader.flag(element, 'verify')
  })
}

/** The inverse of `readDefinition`, as an element of this name. */
export function writeDefinition (name: string, attributes: Attributes, { format, verify, enableAddressing, timeout, markForSuspension, suspendOnFailure, retryConfig }: Definition): Tag {
  return [
    name,
    { ...attributes, format, verify },
    enableAddressing && ['enableAddressing', enableAddressing === true ? {} : { version: enableAddressing }],
    ...Object.entries({ timeout, markForSuspension, suspendOnFailure, retryConfig })
      .map(([part, fields]) => fields && [part, {}, ...asElements(fields)] as const)
  ]
}

function addressingOf (element: Element, reader: Reader): true | string | undefined {
  const wanted = element.child('enableAddressing')
  if (wanted === undefined) return undefined
  if (wanted.attribute('separateListener') === 'true') reader.problem(wanted, 'separateListener is not supported', 'answers come back on the connection of the request; leave the attribute out')
  return wanted.attribute('version')?.trim().toLowerCase() ?? true
}

export const policyOf = ({ markForSuspension: mark = {}, suspendOnFailure: suspend = {} }: Definition, defaults: Policy = DEFAULT_POLICY): Policy => ({
  markCodes: mark.errorCodes,
  retriesBeforeSuspension: mark.retriesBeforeSuspension ?? defaults.retriesBeforeSuspension,
  retryDelay: mark.retryDelay ?? defaults.retryDelay,
  suspendCodes: suspend.errorCodes,
  initialDuration: suspend.initialDuration ?? defaults.initialDuration,
  progressionFactor: suspend.progressionFactor ?? defaults.progressionFactor,
  maximumDuration: suspend.maximumDuration ?? defaults.maximumDuration
})

export const retryOf = ({ retryConfig = {} }: Definition): RetryPolicy =>
  ({ disabled: retryConfig.disabledErrorCodes, enabled: retryConfig.enabledErrorCodes })

/** Addressing is written into the Header, and read from the answer; another format is made of the whole message. */
export const needsOf = ({ enableAddressing, format }: Definition): Partial<Needs> => ({
  request: format === 'soap11' || format === 'soap12' || format === 'pox' || format === 'rest' ? 'body' : enableAddressing ? 'header' : 'nothing',
  response: enableAddressing ? 'header' : 'nothing'
})
