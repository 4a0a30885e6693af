import { Agent, request } from 'node:http'

/** How long another client may wait for a response beside a hostile row, in milliseconds. */
const RESPONSE_TIMEOUT_MS = 30_000

interface Bystander {
  readonly name: string
  readonly service: string
  readonly session?: string
}
const BYSTANDERS: readonly Bystander[] = [
  { name: 'session A', service: 'Sessions', session: 'A' },
  { name: 'session B', service: 'Sessions', session: 'B' },
  { name: 'no session', service: 'Other' }
]

/** Two clients with sessions and one without: they are served rightly, by the right endpoint, whatever others send. */
export class Bystanders {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 24 })
  readonly #owners = new Map<string, string>()

  constructor (port: number) {
    this.#port = port
  }

  /** What is wrong, or undefined. The first call binds the sessions. */
  async check (): Promise<string | undefined> {
    if (this.#owners.size === 0) for (const each of BYSTANDERS) await this.#one(each)
    const reasons = await Promise.all(BYSTANDERS.map(each => this.#one(each)))
    return reasons.find(reason => reason !== undefined)
  }

  /** So many requests without a session: garbage is collected meanwhile. */
  async press (count: number): Promise<void> {
    for (let at = 0; at < count; at += 24) {
      await Promise.all(Array.from({ length: 24 }, () => this.#one(BYSTANDERS[2]!)))
    }
  }

  close (): void {
    this.#agent.destroy()
  }

  async #one ({ name, service, session }: Bystander): Promise<string | undefined> {
    const { status, endpoint, problem } = await this.#send(service, session)
    if (problem !== undefined || status !== 200 || endpoint === undefined) {
      return `${name}: ${problem ?? `status ${status}`}`
    }
    const owner = this.#owners.get(name) ?? endpoint
    this.#owners.set(name, owner)
    return owner === endpoint ? undefined : `${name}: served by ${endpoint}, not by ${owner}`
  }

  #send (
    service: string,
    session: string | undefined
  ): Promise<{ status?: number | undefined; endpoint?: string | undefined; problem?: string }> {
    const header =
      session === undefined ? '' : `<c:ClientID xmlns:c="http://ws.apache.org/ns/synapse">${session}</c:ClientID>`
    const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>${header}</e:Header><e:Body/></e:Envelope>`
    return new Promise(resolve => {
      const sent = request(
        {
          port: this.#port,
          host: '127.0.0.1',
          method: 'POST',
          path: `/services/${service}/r/bystander/`,
          agent: this.#agent,
          headers: {
            'Content-Type': 'text/xml',
            'X-Row': 'bystander',
            'Content-Length': body.length,
            ...(session !== undefined && { 'X-Session': session })
          }
        },
        response => {
          response
            .on('end', () =>
              resolve({ status: response.statusCode, endpoint: response.headers['x-endpoint'] as string | undefined })
            )
            .on('error', error => resolve({ problem: error.message }))
            .resume()
        }
      )
      sent.setTimeout(RESPONSE_TIMEOUT_MS, () => sent.destroy(new Error(`no response within ${RESPONSE_TIMEOUT_MS} ms`)))
      sent.on('error', error => resolve({ problem: error.message }))
      sent.end(body)
    })
  }
}
