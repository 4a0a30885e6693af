import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** What came of one request. Instants are milliseconds since 1970. */
export interface CaseReply {
  readonly path: string
  readonly sent: number
  readonly ended: number
  /** 0: the connection ended without a response, or the client gave up after 20 s. */
  readonly status: number
  /** The back-end that responded. */
  readonly from: string | undefined
}

const REPLY_TIMEOUT_MS = 20_000

/** Clients that send small requests over connections that they keep. */
export class CaseClients {
  readonly replies: CaseReply[] = []
  readonly #url: string
  readonly #agent = new Agent({ keepAlive: true })

  constructor (url: string) {
    this.#url = url
  }

  /** Sends one request. Never rejects. */
  send (path = ''): Promise<CaseReply> {
    const sent = Date.now()
    return new Promise(resolve => {
      const end = (status: number, from?: string): void => {
        const reply = { path, sent, ended: Date.now(), status, from }
        this.replies.push(reply)
        resolve(reply)
      }
      const options = { method: 'POST', agent: this.#agent, timeout: REPLY_TIMEOUT_MS }
      const call = request(path === '' ? this.#url : `${this.#url}/${path}`, options)
      call.on('timeout', () => call.destroy())
      call.on('error', () => end(0))
      call.on('response', response => {
        const from = response.headers['x-from']
        response.resume().on('close', () => end(response.complete ? response.statusCode! : 0, from?.toString()))
        response.on('error', () => {})
      })
      call.end('x')
    })
  }

  /** So many clients send one request after the other, at least one, with a pause between, until this is over. */
  async load (clients: number, gap: number, until: Promise<unknown>): Promise<void> {
    let isOver = false
    const over = until.then(() => {
      isOver = true
    })
    await Promise.all(
      Array.from({ length: clients }, async (_, number) => {
        await pause((gap * number) / clients)
        for (;;) {
          await this.send()
          if (isOver) break
          await pause(gap)
          if (isOver) break
        }
      })
    )
    await over
  }

  /** Ends the connections. Later requests make new ones. */
  disconnect (): void {
    this.#agent.destroy()
  }
}
