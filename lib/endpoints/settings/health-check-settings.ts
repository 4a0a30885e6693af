import { Type, type Static } from '@sinclair/typebox'
import { describe } from '../../contracts/fields.js'
import { parseStatusRanges, type HealthCheckPolicy } from '../../state/health-check.js'

const DEFAULTS = { interval: 5000, timeout: 2000, expect: '200-399', rise: 2, fall: 3 }
/** The longest time of a timer of Node.js in milliseconds. */
const MAX_TIME = 2 ** 31 - 1

const HealthCheck = Type.Object(
  {
    path: describe(
      Type.Optional(Type.String({ pattern: '^/[^\\s\\x00-\\x1f\\x7f]*$' })),
      'Requested by GET, over TLS if the endpoint is https. Unset: a TCP connection is enough.'
    ),
    interval: describe(
      Type.Optional(Type.Integer({ minimum: 100, maximum: MAX_TIME })),
      'Milliseconds from one check to the next, less up to a tenth by chance; half of that while results change.',
      DEFAULTS.interval
    ),
    timeout: describe(
      Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_TIME })),
      'Milliseconds for one check.',
      DEFAULTS.timeout
    ),
    expect: describe(Type.Optional(Type.String()), 'HTTP statuses that pass: `200-299 404`.', DEFAULTS.expect),
    rise: describe(
      Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      'Passes in a row after which an endpoint that is out receives messages again.',
      DEFAULTS.rise
    ),
    fall: describe(
      Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      'Failures in a row after which an endpoint is out.',
      DEFAULTS.fall
    )
  },
  { additionalProperties: false }
)
export type HealthCheck = Static<typeof HealthCheck>

/** The field `healthCheck`; a new one for each kind, so that the reference shows it with each of them. */
export const healthCheckField = (whose: string) =>
  describe(Type.Optional(HealthCheck), `Checks ${whose} at regular times: endpoints that fail receive no messages.`)

/** The settings with their defaults. @throws Error if `expect` is no list of statuses */
export function healthCheckPolicyOf (check: HealthCheck | undefined): HealthCheckPolicy | undefined {
  if (check === undefined) return undefined
  const { path, expect: expected, ...numbers } = { ...DEFAULTS, ...check }
  const expect = parseStatusRanges(expected)
  if (expect === undefined) {
    throw new Error(`healthCheck expects HTTP statuses, not "${expected}": write them as 200-299 404`)
  }
  return { path, expect, ...numbers }
}
