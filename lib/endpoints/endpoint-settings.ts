import { Type, type Static, type TObject } from '@sinclair/typebox'
import { Duration, ErrorCodes, LONGEST_MS, describe, valueOrExpression } from '../contracts/fields.js'
import { healthCheckField } from './health-check-settings.js'
import { tlsField } from './tls-settings.js'

export const SCOPES = ['default', 'transport', 'axis2', 'axis2-client'] as const
export const FORMATS = ['soap11', 'soap12', 'pox', 'get', 'rest'] as const

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
  healthCheck: healthCheckField('the endpoint'),
  verify: describe(Type.Optional(Type.Boolean()), 'Whether the certificate of an https address must be valid.', true),
  tls: tlsField
}

export type CommonSettings = Static<TObject<typeof commonSettings>>
export type EndpointSettings = Static<TObject<typeof endpointSettings>>
