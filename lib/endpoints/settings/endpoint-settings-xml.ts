import { omitUndefined, writeExpression, writeValued } from '../../contracts/fields.js'
import { inSeconds, type Reader } from '../../contracts/xml-form.js'
import type { ExpressionConfig } from '../../expression/expression.js'
import type { Element } from '../../xml/element.js'
import { asElements, type Attributes, type Inside, type Tag } from '../../xml/markup.js'
import { addressingOf, charsetOf, countOf, enumerated, formatOf, statusesOf } from './attribute-values.js'
import { readHealthCheck, writeHealthCheck } from './health-check-xml.js'
import { readTls, writeTls } from './tls-settings.js'
import { SCOPES, type CommonSettings, type EndpointSettings } from './endpoint-settings.js'

/** Reads `<endpoint name onError><property/>…`. @see Apache Synapse, EndpointFactory, MediatorPropertyFactory */
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

/** The inverse of `readCommon`. */
export const writeCommon = ({ name, onError, description, properties = [] }: CommonSettings): Inside => [
  { name, onError },
  ...asElements({ description }),
  ...properties.map(({ name, scope, ...given }) => ['property', { name, ...writeValued(given), scope }] as const)
]

/** The hints for an endpoint that secures its messages. */
const SECURED = {
  enableSec:
    'messages reach the back-end as their clients secured them, and no more: to add a signature, encryption ' +
    'or a UsernameToken, send through a service that does',
  enableRM: 'reliable messaging ends at the back-end: its headers pass through untouched'
} as const

/**
 * Reads the children and attributes that `address`, `default`, `wsdl` and `http` share.
 * @see Apache Synapse, EndpointDefinitionFactory
 */
export function readSettings (element: Element, reader: Reader): object {
  for (const name of ['enableSec', 'enableRM'] as const) {
    const secured = element.child(name)
    if (secured) {
      reader.problem(secured.markHandled(), `<${name}> is not supported`, SECURED[name], 'unsupported-feature')
    }
  }
  for (const name of ['trace', 'statistics']) element.attribute(name)
  if (element.attribute('optimize') !== undefined) {
    reader.hint(element, 'optimize has no effect', 'MTOM and attachments pass through as they came')
  }
  const timeout = element.child('timeout')
  const action = timeout?.child('responseAction')
  const misnamed = timeout?.child('action')
  if (misnamed) reader.hint(misnamed, '<action> in <timeout> has no effect', 'write <responseAction>')
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
        duration: computedDuration(timeout, reader) ?? reader.number(timeout, 'duration'),
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
              reader.number(suspend, 'initialDuration') ??
              (typeof legacy === 'number' ? legacy * 1000 : legacy && inSeconds(legacy)),
          progressionFactor: reader.number(suspend, 'progressionFactor') ?? (legacy === undefined ? undefined : 1),
          maximumDuration: reader.number(suspend, 'maximumDuration')
        })
        : undefined,
    maxAbandoned: countOf(element, 'maxAbandoned', reader),
    maxRequests: countOf(element, 'maxRequests', reader),
    maxQueued: countOf(element, 'maxQueued', reader),
    queueTimeout: countOf(element, 'queueTimeout', reader),
    failureStatus: statusesOf(element, reader),
    retryConfig:
      retry &&
      omitUndefined({
        disabledErrorCodes: reader.numbers(retry, 'disabledErrorCodes'),
        enabledErrorCodes: reader.numbers(retry, 'enabledErrorCodes')
      }),
    healthCheck: readHealthCheck(element, reader),
    verify: reader.flag(element, 'verify', 'own'),
    tls: readTls(element)
  })
}

/** `<duration>{expression}</duration>`. @see WSO2, EndpointDefinitionFactory */
function computedDuration (timeout: Element, reader: Reader): ExpressionConfig | undefined {
  const duration = timeout.child('duration')
  const [, xpath] = /^\s*\{([^]*)\}\s*$/.exec(duration?.text ?? '') ?? []
  return duration && xpath !== undefined ? { ...reader.expression(duration), xpath: xpath.trim() } : undefined
}

function writeTimeout ({ duration, responseAction }: NonNullable<EndpointSettings['timeout']>): Tag {
  if (typeof duration !== 'object') return ['timeout', {}, ...asElements({ duration, responseAction })]
  const { xpath, ...prefixes } = writeExpression('xpath', duration)
  return ['timeout', {}, ['duration', prefixes, `{${String(xpath)}}`], ...asElements({ responseAction })]
}

/** A placeholder of a template stays as it is. */
const statusList = (statuses: readonly number[] | string | undefined): string | undefined =>
  typeof statuses === 'object' ? statuses.join(' ') : statuses

/** The inverse of `readSettings`, as an element of this name. */
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
    maxAbandoned,
    maxRequests,
    maxQueued,
    queueTimeout,
    healthCheck,
    tls
  }: EndpointSettings
): Tag {
  return [
    name,
    {
      ...attributes,
      format,
      encoding,
      verify,
      failureStatus: statusList(failureStatus),
      maxAbandoned,
      maxRequests,
      maxQueued,
      queueTimeout
    },
    enableAddressing && ['enableAddressing', enableAddressing === true ? {} : { version: enableAddressing }],
    timeout && writeTimeout(timeout),
    ...Object.entries({ markForSuspension, suspendOnFailure, retryConfig }).map(
      ([part, fields]) => fields && ([part, {}, ...asElements(fields)] as const)
    ),
    writeHealthCheck(healthCheck),
    writeTls(tls)
  ]
}
