import { Type, type Static, type TObject } from '@sinclair/typebox'
import { Duration, ErrorCodes, LONGEST_MS, describe, valueOrExpression, writeValued } from '../contracts/fields.js'
import { DEFAULT_POLICY, type SuspensionPolicy } from '../state/health.js'
import {
  isPlaceholder,
  omitUndefined,
  type BuildContext,
  type EndpointDefaults,
  type Placeholder,
  type Reader,
  type ReadRequirements
} from '../contracts/kind.js'
import type { RetryPolicy } from '../balancing/attempt.js'
import { encodingOf } from '../xml/encoding.js'
import type { Element } from '../xml/element.js'
import { asElements, type Attributes, type Inside, type Tag } from '../xml/markup.js'

const SCOPES = ['default', 'transport', 'axis2', 'axis2-client'] as const
const FORMATS = ['soap11', 'soap12', 'pox', 'get', 'rest'] as const

/** What every kind of endpoint has: a name, a sequence for the last failure, properties for its messages. */
export const commonSettings = {
  name: describe(
    Type.Optional(Type.String({ minLength: 1 })),
    'What it is called in logs, in metrics and in the admin interface.'
  ),
  onError: describe(Type.Optional(Type.String()), 'The sequence that runs once nobody else is left to be asked.'),
  description: describe(Type.Optional(Type.String()), 'For people.'),
  properties: describe(
    Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ minLength: 1 }),
            ...valueOrExpression,
            scope: describe(
              Type.Optional(Type.Union(SCOPES.map(each => Type.Literal(each)))),
              'Where: of the request and its answer, an HTTP header, or of this message.',
              'default'
            )
          },
          { additionalProperties: false }
        )
      )
    ),
    'Set on every message that goes here.'
  )
}

/**
 * What every endpoint on the network has: how it is spoken to, and when it is left alone. Durations in milliseconds.
 */
export const endpointSettings = {
  format: describe(
    Type.Optional(Type.Union(FORMATS.map(each => Type.Literal(each)))),
    'The form that messages are brought into; unset: they go on as they are.'
  ),
  encoding: describe(
    Type.Optional(Type.String()),
    'The charset that messages are written in: UTF-8, US-ASCII or ISO-8859-1.'
  ),
  enableAddressing: describe(
    Type.Optional(Type.Union([Type.Literal(true), Type.Literal('final'), Type.Literal('submission')])),
    'Writes WS-Addressing headers. `true` and `final`: those of 2005/08; `submission`: of 2004/08.'
  ),
  timeout: describe(
    Type.Optional(
      Type.Object(
        {
          duration: describe(Type.Optional(Duration), 'In milliseconds; unset or 0: as long as the gateway lets it.'),
          responseAction: describe(
            Type.Optional(Type.Union([Type.Literal('fault'), Type.Literal('discard')])),
            'What comes of it then: a fault for the fault sequence, or nothing.'
          )
        },
        { additionalProperties: false }
      )
    ),
    'How long an answer is waited for.'
  ),
  markForSuspension: describe(
    Type.Optional(
      Type.Object(
        {
          errorCodes: describe(
            Type.Optional(ErrorCodes),
            'These are counted; none named: timeouts and closed connections (101504, 101505).'
          ),
          retriesBeforeSuspension: describe(
            Type.Optional(Type.Integer({ maximum: 2 ** 31 - 1 })),
            'As many are forgiven.',
            0
          ),
          retryDelay: describe(
            Type.Optional(Type.Integer({ maximum: LONGEST_MS })),
            'For so long it is left alone after each, in milliseconds.',
            0
          )
        },
        { additionalProperties: false }
      )
    ),
    'Failures that are counted before they suspend.'
  ),
  suspendOnFailure: describe(
    Type.Optional(
      Type.Object(
        {
          errorCodes: describe(
            Type.Optional(ErrorCodes),
            'Only these suspend; none named: every failure that is not counted first.'
          ),
          initialDuration: describe(
            Type.Optional(Type.Integer({ maximum: LONGEST_MS })),
            'The first time, in milliseconds.',
            30000
          ),
          progressionFactor: describe(
            Type.Optional(Type.Number()),
            'Each time in a row is so many times as long as the one before.',
            1
          ),
          maximumDuration: describe(
            Type.Optional(Type.Integer({ maximum: LONGEST_MS })),
            'But never longer than this, in milliseconds.'
          )
        },
        { additionalProperties: false }
      )
    ),
    'How long it is left alone after a failure. Only the network fails: any HTTP status is an answer.'
  ),
  maxAbandoned: describe(
    Type.Optional(Type.Integer({ minimum: 0 })),
    'So many clients in a row that disconnect after waiting for more than a second count as a late response. 0: off.',
    5
  ),
  failureStatus: describe(
    Type.Optional(Type.Array(Type.Integer({ minimum: 100, maximum: 599 }))),
    'HTTP statuses that are failures (error code 500001; lists may name the status too). ' +
        'In XML with spaces between. Default: none.'
  ),
  retryConfig: describe(
    Type.Optional(
      Type.Object(
        {
          disabledErrorCodes: describe(Type.Optional(ErrorCodes), 'After all but these.'),
          enabledErrorCodes: describe(Type.Optional(ErrorCodes), 'After none but these.')
        },
        { additionalProperties: false }
      )
    ),
    'After which failures another member may be asked.'
  ),
  verify: describe(Type.Optional(Type.Boolean()), 'Whether the certificate of an https address must be valid.', true)
}

export type CommonSettings = Static<TObject<typeof commonSettings>>
export type EndpointSettings = Static<TObject<typeof endpointSettings>>

/** `<endpoint name onError><property/>…` (Synapse: EndpointFactory, MediatorPropertyFactory) */
export const readCommon = (element: Element, reader: Reader) => {
  const properties = element.all('property').map(each => {
    const [name, value, expression] = [
      each.attribute('name'),
      each.attribute('value'),
      reader.expression(each, 'expression')
    ]
    if (name === undefined || name.trim() === '') reader.problem(each, 'a property of an endpoint needs a name')
    if (value === undefined && expression === undefined) {
      reader.problem(each, 'a property of an endpoint needs a value or an expression')
    }
    return omitUndefined({
      name,
      value,
      expression: value === undefined ? expression : undefined,
      scope: enumerated(each, each.attribute('scope'), SCOPES, reader)
    })
  })
  return omitUndefined({
    name: element.attribute('name')?.trim(),
    onError: element.attribute('onError'),
    description: element.child('description')?.text,
    properties: properties.length > 0 ? properties : undefined
  })
}

/**
 * What faults call an endpoint: its name, else an id made up for it, as in the real engines (Synapse:
 * AbstractEndpoint). Clients read them: it is never
 * an address.
 */
export function faultSubjectName (name: string | undefined, { uuid }: Pick<BuildContext, 'uuid'>): () => string {
  let called = name
  return () => {
    called ??= `endpoint_${uuid().replaceAll('-', '')}`
    return called
  }
}

/** The inverse of `readCommon`. */
export const writeCommon = ({ name, onError, description, properties = [] }: CommonSettings): Inside => [
  { name, onError },
  ...asElements({ description }),
  ...properties.map(({ name, scope, ...given }) => ['property', { name, ...writeValued(given), scope }] as const)
]

/**
 * The children and attributes that `address`, `default`, `wsdl` and `http` share (Synapse:
 * EndpointDefinitionFactory).
 */
export function readSettings (element: Element, reader: Reader): object {
  for (const name of ['enableSec', 'enableRM'] as const) {
    const secured = element.child(name)
    if (secured) {
      reader.problem(
        secured.markHandled(),
        `<${name}> is not supported`,
        'WS-Security and WS-ReliableMessaging end at the back-end: their headers pass through ' +
        'untouched without this element'
      )
    }
  }
  for (const name of ['trace', 'statistics']) element.attribute(name)
  if (element.attribute('optimize') !== undefined) {
    reader.hint(element, 'optimize has no effect', 'MTOM and attachments pass through as they came')
  }
  const timeout = element.child('timeout')
  const action = timeout?.child('responseAction')
  const mark = element.child('markForSuspension')
  const suspend = element.child('suspendOnFailure')
  const legacy = reader.number(element, 'suspendDurationOnFailure')
  if (legacy !== undefined) {
    reader.hint(
      element.child('suspendDurationOnFailure')!,
      '<suspendDurationOnFailure> counts in seconds, and is out of date',
      'write <suspendOnFailure><initialDuration> in milliseconds'
    )
  }
  const retry = element.child('retryConfig')
  return omitUndefined({
    format: formatOf(element, reader),
    encoding: charsetOf(element, reader),
    enableAddressing: addressingOf(element, reader),
    timeout:
      timeout &&
      omitUndefined({
        duration: reader.number(timeout, 'duration'),
        responseAction: action && enumerated(action, action.text, ['fault', 'discard'], reader)
      }),
    markForSuspension:
      mark &&
      omitUndefined({
        errorCodes: reader.numbers(mark, 'errorCodes'),
        retriesBeforeSuspension: reader.number(mark, 'retriesBeforeSuspension'),
        retryDelay: reader.number(mark, 'retryDelay')
      }),
    suspendOnFailure:
      suspend || legacy !== undefined
        ? omitUndefined({
          errorCodes: reader.numbers(suspend, 'errorCodes'),
          initialDuration:
              reader.number(suspend, 'initialDuration') ?? (typeof legacy === 'number' ? legacy * 1000 : legacy),
          progressionFactor: reader.number(suspend, 'progressionFactor') ?? (legacy === undefined ? undefined : 1),
          maximumDuration: reader.number(suspend, 'maximumDuration')
        })
        : undefined,
    maxAbandoned: countOf(element, 'maxAbandoned', reader),
    failureStatus: statusesOf(element, reader),
    retryConfig:
      retry &&
      omitUndefined({
        disabledErrorCodes: reader.numbers(retry, 'disabledErrorCodes'),
        enabledErrorCodes: reader.numbers(retry, 'enabledErrorCodes')
      }),
    verify: reader.flag(element, 'verify')
  })
}

/** The inverse of `readDefinition`, as an element of this name. */
export function writeSettings (
  name: string,
  attributes: Attributes,
  {
    format,
    encoding,
    verify,
    enableAddressing,
    timeout,
    markForSuspension,
    suspendOnFailure,
    retryConfig,
    failureStatus,
    maxAbandoned
  }: EndpointSettings
): Tag {
  return [
    name,
    { ...attributes, format, encoding, verify, failureStatus: failureStatus?.join(' '), maxAbandoned },
    enableAddressing && ['enableAddressing', enableAddressing === true ? {} : { version: enableAddressing }],
    ...Object.entries({ timeout, markForSuspension, suspendOnFailure, retryConfig }).map(
      ([part, fields]) => fields && ([part, {}, ...asElements(fields)] as const)
    )
  ]
}

/**
 * One of the words, in any case. What is none is a problem of this element. What begins with `$` is left to a
 * template.
 */
export function enumerated (
  element: Element,
  given: string | undefined,
  words: readonly string[],
  reader: Reader
): string | undefined {
  const text = given?.trim()
  if (text === undefined || text.startsWith('$')) return text
  if (words.includes(text.toLowerCase())) return text.toLowerCase()
  reader.problem(element, `"${text}" is not possible in <${element.name}>`, `one of: ${words.join(', ')}`)
  return undefined
}

function countOf (element: Element, attribute: string, reader: Reader): number | Placeholder | undefined {
  const text = element.attribute(attribute)?.trim()
  if (text === undefined || isPlaceholder(text)) return text
  if (/^\d{1,9}$/.test(text)) return Number(text)
  reader.problem(element, `${attribute} expects a whole number, not "${text}"`)
  return undefined
}

/** `failureStatus="502 503"` */
function statusesOf (element: Element, reader: Reader): number[] | Placeholder | undefined {
  const text = element.attribute('failureStatus')?.trim()
  if (text === undefined || isPlaceholder(text)) return text
  const statuses = text.split(/[\s,]+/).filter(Boolean)
  const invalid = statuses.find(status => !/^[1-5]\d\d$/.test(status))
  if (invalid === undefined) return statuses.map(Number)
  reader.problem(
    element,
    `failureStatus expects HTTP statuses, not "${invalid}"`,
    'write them with spaces between: 502 503 504'
  )
  return undefined
}

/** The real engines ignore a format that they do not know. */
function formatOf (element: Element, reader: Reader): string | undefined {
  const text = element.attribute('format')?.trim()
  if (text === undefined || text.startsWith('$')) return text
  const format = text.toLowerCase()
  if ((FORMATS as readonly string[]).includes(format)) return format
  reader.hint(element, `format="${text}" has no effect`, `one of: ${FORMATS.join(', ')}`)
  return undefined
}

function charsetOf (element: Element, reader: Reader): string | undefined {
  const text = element.attribute('encoding')?.trim()
  if (text !== undefined && !text.startsWith('$') && !isWritable(text)) {
    reader.problem(element, `encoding="${text}" is not supported`, 'UTF-8, US-ASCII and ISO-8859-1 are')
  }
  return text
}

const isWritable = (encoding: string): boolean =>
  ['utf-8', 'us-ascii', 'iso-8859-1'].includes(encodingOf(encoding) ?? '')

function addressingOf (element: Element, reader: Reader): true | string | undefined {
  const wanted = element.child('enableAddressing')
  if (wanted === undefined) return undefined
  if (wanted.attribute('separateListener') === 'true') {
    reader.problem(
      wanted,
      'separateListener is not supported',
      'answers come back on the connection of the request; leave the attribute out'
    )
  }
  return enumerated(wanted, wanted.attribute('version'), ['final', 'submission'], reader) ?? true
}

/** When it is suspended. What the endpoint does not say itself, the defaults of the configuration do. */
export const suspensionPolicyOf = (
  { markForSuspension: mark = {}, suspendOnFailure: suspend = {} }: EndpointSettings,
  { suspendDuration, progressionFactor }: EndpointDefaults = {}
): SuspensionPolicy => ({
  markCodes: mark.errorCodes,
  retriesBeforeSuspension: mark.retriesBeforeSuspension ?? DEFAULT_POLICY.retriesBeforeSuspension,
  retryDelay: mark.retryDelay ?? DEFAULT_POLICY.retryDelay,
  suspendCodes: suspend.errorCodes,
  initialDuration: suspend.initialDuration ?? suspendDuration ?? DEFAULT_POLICY.initialDuration,
  progressionFactor: suspend.progressionFactor ?? progressionFactor ?? DEFAULT_POLICY.progressionFactor,
  maximumDuration: suspend.maximumDuration ?? DEFAULT_POLICY.maximumDuration
})

/**
 * How long an answer may take that somebody wants to react to, and nobody says how long (Apache Synapse:
 * EndpointDefinitionFactory).
 */
const DEFAULT_TIMEOUT_MS = 30_000

/** Milliseconds until the head of an answer must be there; 0: no limit. */
export const timeoutOf = (
  { timeout: { duration, responseAction } = {} }: EndpointSettings,
  { timeout }: EndpointDefaults = {}
): number => duration ?? timeout ?? (responseAction === undefined ? 0 : DEFAULT_TIMEOUT_MS)

export const retryPolicyOf = ({ retryConfig = {} }: EndpointSettings): RetryPolicy => ({
  disabled: retryConfig.disabledErrorCodes,
  enabled: retryConfig.enabledErrorCodes
})

/**
 * Addressing is written into the Header, and read from the answer; another format or encoding is made of the whole
 * message, and the answer then brought into the form of the client.
 */
export const requirementsOfEndpoint = ({
  enableAddressing,
  format,
  encoding
}: EndpointSettings): Partial<ReadRequirements> => ({
  request:
    encoding !== undefined || (format !== undefined && format !== 'get')
      ? 'body'
      : enableAddressing
        ? 'header'
        : 'nothing',
  response: format !== undefined ? 'body' : enableAddressing ? 'header' : 'nothing'
})
