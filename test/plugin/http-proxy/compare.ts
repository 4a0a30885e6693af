import { setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import type { Row, Seen } from './row.js'
import { until } from '../../support/until.js'
import { optionalPlugin, sides } from './sides.js'

const TIME_LIMIT = 120_000

/** A row that hangs must not hide the others. */
async function inTime (seen: Promise<Seen>, who: string): Promise<Seen> {
  const late = setTimeout(TIME_LIMIT, undefined, { ref: false }).then(() => {
    throw new Error(`${who} gave nothing within ${TIME_LIMIT / 1000} s`)
  })
  return await Promise.race([seen, late])
}

/** Whether a version is older than another one. */
const isOlder = (version: string, than: string): boolean =>
  version.localeCompare(than, undefined, { numeric: true }) < 0

/** Whether nothing is left of any request: no counter, no buffer, no busy connection. */
const isIdle = ({ endpointRegistry, proxyServices }: FastifyInstance): boolean =>
  [...endpointRegistry.endpoints.values()].every(({ inFlight }) => inFlight === 0) &&
  [...proxyServices].every(
    dispatcher =>
      dispatcher.budget.inUse === 0 &&
      [...dispatcher.traffic.values()].every(({ inFlight }) => inFlight === 0) &&
      [...dispatcher.origins()].every(([, { open, idle, queued }]) => open === idle && queued === 0)
  )

/**
 * Makes a test of each row: both plugins must give the same, or differ as the row says, and nothing may be left in
 * flight.
 */
export function compare (rows: readonly Row[]): void {
  for (const { name, needs, since, run, expected, differs, ...options } of rows) {
    t.test(`beside @fastify/http-proxy: ${name}`, async t => {
      if (needs !== undefined && (await optionalPlugin(needs)) === undefined) {
        t.pass(`skipped: ${needs} is not installed`)
        return
      }
      if (since !== undefined && isOlder(Fastify().version, since)) {
        t.pass(`skipped: Fastify is older than ${since}`)
        return
      }
      const [reference, own] = await sides(t, options)
      const theirs = await inTime(run(reference, t), 'http-proxy')
      const ours = await inTime(run(own, t), 'the plugin')
      if (own.app.hasDecorator('endpointRegistry')) await until(() => isIdle(own.app), 'nothing is in flight any more')
      if (differs !== undefined) {
        t.strictSame(ours, differs.own, differs.why)
        t.strictNotSame(theirs, differs.own, 'http-proxy still differs')
      } else {
        t.strictSame(ours, theirs, 'as http-proxy')
        if (expected !== undefined) t.strictSame(ours, expected)
      }
    })
  }
}
