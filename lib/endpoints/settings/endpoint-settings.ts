import { Type, type Static, type TObject } from '@sinclair/typebox'
import {
  Duration,
  ErrorCodes,
  ExpressionField,
  MAX_DURATION_MS,
  describe,
  valueOrExpression
} from '../../contracts/fields.js'
import { healthCheckField } from './health-check-settings.js'
import { tlsField } from './tls-settings.js'

export const SCOPES = ['default', 'transport', 'axis2', 'axis2-client'] as const
export const FORMATS = ['soap11', 'soap12', 'pox', 'get', 'rest'] as const

/** The settings of every kind of endpoint: a name, a sequence for the last failure, properties for its messages. */
export const commonSettings = {
  name: describe(Type.Optional(Type.String({ minLength: 1 })), 'The name in log lines, metrics and the admin API.'),
  onError: describe(Type.Optional(Type.String()), 'The sequence that runs after the last attempt has failed.'),
  description: describe(Type.Optional(Type.String()), 'A description for readers of the configuration.'),
  properties: describe(
    Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ minLength: 1 }),
            ...valueOrExpression,
            scope: describe(
              Type.Optional(Type.Union(SCOPES.map(each => Type.Literal(each)))),
              '`default`: of the request and its response; `transport`: an HTTP header; `axis2`: of this message.',
              'default'
            )
          },
          { additionalProperties: false }
        )
      )
    ),
    'Set on every message that is sent here.'
  )
}

/**
 * The settings of every endpoint with an address: how messages are sent, and when it is suspended. Durations in
 * milliseconds.
 */
export const endpointSettings = {
  format: describe(
    Type.Optional(Type.Union(FORMATS.map(each => Type.Literal(each)))),
    'The format that messages are converted to. Unset: no conversion.'
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
          duration: describe(
            Type.Optional(Type.Union([Duration, ExpressionField])),
            'In milliseconds, or an expression that computes it for each message; in XML `{…}`. ' +
              'Unset or 0: the limit of the gateway.'
          ),
          responseAction: describe(
            Type.Optional(Type.Union([Type.Literal('fault'), Type.Literal('discard')])),
            'After a timeout: `fault` runs the fault sequence, `discard` ignores the message.'
          )
        },
        { additionalProperties: false }
      )
    ),
    'The response timeout.'
  ),
  markForSuspension: describe(
    Type.Optional(
      Type.Object(
        {
          errorCodes: describe(
            Type.Optional(ErrorCodes),
            'The failures that are counted. Unset: timeouts and closed connections (101504, 101505).'
          ),
          retriesBeforeSuspension: describe(
            Type.Optional(Type.Integer({ maximum: 2 ** 31 - 1 })),
            'Failures tolerated before suspension.',
            0
          ),
          retryDelay: describe(
            Type.Optional(Type.Integer({ maximum: MAX_DURATION_MS })),
            'Pause after each of them, in milliseconds.',
            0
          )
        },
        { additionalProperties: false }
      )
    ),
    'Failures that are counted before they suspend the endpoint.'
  ),
  suspendOnFailure: describe(
    Type.Optional(
      Type.Object(
        {
          errorCodes: describe(
            Type.Optional(ErrorCodes),
            'The failures that suspend at once. Unset: every failure that is not counted first.'
          ),
          initialDuration: describe(
            Type.Optional(Type.Integer({ maximum: MAX_DURATION_MS })),
            'The first suspension, in milliseconds.',
            30000
          ),
          progressionFactor: describe(
            Type.Optional(Type.Number()),
            'Each further suspension is longer by this factor.',
            1
          ),
          maximumDuration: describe(
            Type.Optional(Type.Integer({ maximum: MAX_DURATION_MS })),
            'The longest suspension, in milliseconds.'
          )
        },
        { additionalProperties: false }
      )
    ),
    'How long the endpoint is suspended after a failure. An HTTP status is not a failure.'
  ),
  maxAbandoned: describe(
    Type.Optional(Type.Integer({ minimum: 0 })),
    'Clients in a row that disconnect after waiting for more than a second and count as a late response. 0: off.',
    5
  ),
  maxRequests: describe(
    Type.Optional(Type.Integer({ minimum: 1, maximum: 999_999_999 })),
    'Requests that wait for the head of a response, at one time; further ones go to other members of the group, or ' +
      'wait. Unset: the default of the gateway, or any number.'
  ),
  maxQueued: describe(
    Type.Optional(Type.Integer({ minimum: 0, maximum: 999_999_999 })),
    'Messages that wait for a place beyond `maxRequests`; further ones are refused with 503.',
    0
  ),
  queueTimeout: describe(
    Type.Optional(Duration),
    'How long a message waits for a place beyond `maxRequests`, in milliseconds. 0: no limit.',
    5000
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
          disabledErrorCodes: describe(Type.Optional(ErrorCodes), 'Failures after which no other member is tried.'),
          enabledErrorCodes: describe(
            Type.Optional(ErrorCodes),
            'The only failures after which another member is tried.'
          )
        },
        { additionalProperties: false }
      )
    ),
    'The failures after which another member of the group is tried.'
  ),
  healthCheck: healthCheckField('the endpoint'),
  verify: describe(Type.Optional(Type.Boolean()), 'Whether the certificate of an https address must be valid.', true),
  tls: tlsField
}

export type CommonSettings = Static<TObject<typeof commonSettings>>
export type EndpointSettings = Static<TObject<typeof endpointSettings>>
