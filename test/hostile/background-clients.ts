import { Agent, request } from 'node:http'

/** How long a background client may wait for a response, in milliseconds. */
const RESPONSE_TIMEOUT_MS = 120_000

interface BackgroundClient {
  readonly name: string
  readonly service: string
  readonly session?: string
}
const CLIENTS: readonly BackgroundClient[] = [
  { name: 'session A', service: 'Sessions', session: 'A' },
  { name: 'session B', service: 'Sessions', session: 'B' },
  { name: 'no session', service: 'Other' }
]

/** Two clients with sessions and one without, beside hostile ones: each gets its response from the right endpoint. */
export class BackgroundClients {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 24 })
  readonly #owners = new Map<string, string>()

  constructor (port: number) {
    this.#port = port
  }

  /** What is wrong, or undefined. The first call binds the sessions. */
  async check (): Promise<string | undefined> {
    if (this.#owners.size === 0) for (const each of CLIENTS) await this.#sendOne(each)
    const reasons = await Promise.all(CLIENTS.map(each => this.#sendOne(each)))
    return reasons.find(reason => reason !== undefined)
  }

  /** So many requests without a session: garbage is collected meanwhile. */
  async sendMany (count: number): Promise<void> {
    for (let at = 0; at < count; at += 24) {
      await Promise.all(Array.from({ length: 24 }, () => this.#sendOne(CLIENTS[2]!)))
    }
  }

  close (): void {
    this.#agent.destroy()
  }

  async #sendOne ({ name, service, session }: BackgroundClient): Promise<string | undefined> {
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
          path: `/services/${service}/r/background/`,
          agent: this.#agent,
          headers: {
            'Content-Type': 'text/xml',
            'X-Row': 'background',
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
