import type { FastifyBaseLogger } from 'fastify'
import type { Forward, Log } from '../../../lib/contracts/flow.js'
import { describeFault, type Fault } from '../../../lib/message/fault.js'
import { oneLine, oneLineFields } from '../../logging/one-line.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { countField, SummedLines } from '../../logging/summed-lines.js'

/** At most one line of a kind about connections to an origin in this time, in milliseconds. */
const CONNECTION_INTERVAL_MS = 60_000

/** Lines of the log that requests cause. Floods of one kind are summed up; lines of the configuration never are. */
export class RequestLog {
  readonly #log: FastifyBaseLogger
  readonly #lines = new SummedLines()
  readonly #connectionLines = new SummedLines({ interval: CONNECTION_INTERVAL_MS })

  /** @param log for what concerns no single request */
  constructor (log: FastifyBaseLogger) {
    this.#log = log
  }

  /** A line of a flow of this proxy. */
  mediation ({ level, text, fields, summedAs }: Log, proxy: string, log: FastifyBaseLogger): void {
    const write = (count: number): void => {
      log[level]({ mediation: oneLineFields(fields), ...countField(count) }, oneLine(text))
    }
    if (summedAs === undefined) write(1)
    else this.#lines.add(`${summedAs} ${proxy}`, write)
  }

  /** An error of the gateway while it served a request of this proxy. */
  unexpected (err: unknown, text: string, proxy: string, log: FastifyBaseLogger): void {
    this.#lines.add(`${text} ${proxy}`, count => {
      log.error({ err, ...countField(count) }, text)
    })
  }

  /** A reused connection had ended before the response began. */
  staleConnection ({ origin }: Forward): void {
    const address = redactUrl(origin)
    this.#connectionLines.add(origin, count => {
      const what =
        count === 1
          ? `a reused connection to ${address} had ended: its request was sent again on a fresh one`
          : `${count} reused connections to ${address} had ended: their requests were sent again on fresh ones`
      const text = `${what}; set limits.keepAliveTimeout below the keep-alive time of the endpoint`
      this.#log.info({ count, address }, text)
    })
  }

  /** The gateway lacks a socket or a name server. */
  shortage ({ origin, endpointName }: Forward, reason: Fault): void {
    const address = redactUrl(origin)
    this.#connectionLines.add(`${reason.code} ${origin}`, count => {
      const fields = { endpoint: endpointName, address, ...countField(count) }
      this.#log.error(fields, `${describeFault(reason)}; no endpoint is suspended for it`)
    })
  }

  /** Writes what is pending. */
  close (): void {
    this.#lines.close()
    this.#connectionLines.close()
  }
}
