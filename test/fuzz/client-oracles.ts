import { request as nodeRequest } from 'node:http'
import { Pool } from 'undici'
import { ClientError } from '../../plugins/http/client/client-error.js'
import { ConnectionPool } from '../../plugins/http/client/connection-pool.js'

/** What a client makes of a response. */
export interface Outcome {
  /** The code of the failure; `undefined`: the response is complete. */
  readonly error: string | undefined
  readonly status: number
  /** Names in lower case, and values without blanks around them. */
  readonly headers: readonly string[]
  readonly body: string
}

/** A client that makes each request on a connection of its own. */
export interface Subject {
  readonly name: string
  send (method: string, path: string): Promise<Outcome>
  close (): unknown
}

class Record {
  status = 0
  headers: string[] = []
  body = ''
  readonly #settle: (outcome: Outcome) => void

  constructor (settle: (outcome: Outcome) => void) {
    this.#settle = settle
  }

  head (status: number, headers: readonly (string | Buffer)[]): void {
    this.status = status
    this.headers = headers.map((each, at) => {
      const text = each.toString('latin1')
      return at % 2 === 0 ? text.toLowerCase() : text.replace(/^[ \t]+|[ \t]+$/g, '')
    })
  }

  part (chunk: Buffer): void { this.body += chunk.toString('latin1') }

  end (error?: string): void {
    const { status, headers, body } = this
    this.#settle({ error, status, headers, body })
  }
}

/** How long a client may take, in milliseconds: the server ends each connection within a few. */
const PATIENCE = 20_000

const record = (run: (record: Record) => void): Promise<Outcome> => new Promise(resolve => {
  const timer = setTimeout(() => resolve({ error: 'NO_OUTCOME', status: 0, headers: [], body: '' }), PATIENCE)
  run(new Record(outcome => {
    clearTimeout(timer)
    resolve(outcome)
  }))
})
const codeOf = (error: Error): string => 'code' in error &&
  error.code !== undefined
  ? String(error.code)
  : error.message

export function ownClient (origin: string): Subject {
  const pool = new ConnectionPool(origin)
  return {
    name: 'own',
    close: () => pool.destroy(),
    send: (method, path) => record(record =>
      pool.request({ method, path, headers: ['Connection', 'close'], body: undefined, fresh: true }, {
        onHead: (_, { status, headers }) => record.head(status, headers),
        onBody: (_, chunk) => record.part(chunk),
        onEnd: () => record.end(),
        onError: (_, error) => record.end(error instanceof ClientError ? error.code : 'NO_CLIENT_ERROR')
      }))
  }
}

export function undiciClient (origin: string): Subject {
  const pool = new Pool(origin, { maxHeaderSize: 65_536 })
  return {
    name: 'undici',
    close: () => pool.destroy(),
    send: (method, path) => record(record => pool.dispatch({ method: method as 'GET', path, reset: true }, {
      onRequestStart () {},
      onResponseStart: (controller, status) => {
        if (status >= 200) {
          record.head(status,
            controller.rawHeaders as Buffer[])
        }
      },
      onResponseData: (_, chunk) => record.part(chunk),
      onResponseEnd: () => record.end(),
      onResponseError: (_, error) => record.end(codeOf(error))
    }))
  }
}

export function nodeClient (origin: string): Subject {
  return {
    name: 'node:http',
    close: () => {},
    send: (method, path) => record(record => {
      let answered = false
      const request = nodeRequest(origin + path, { method, agent: false, maxHeaderSize: 65_536 }, response => {
        answered = true
        record.head(response.statusCode!, response.rawHeaders)
        response.on('data', (chunk: Buffer) => record.part(chunk))
        response.on('end', () => record.end(response.complete ? undefined : 'INCOMPLETE'))
        response.on('error', error => record.end(codeOf(error)))
        response.on('close', () => record.end('INCOMPLETE'))
      })
      // What is wrong behind a complete response is reported here, before the end of that response.
      request.on('error', error => { if (!answered) record.end(codeOf(error)) })
      request.on('close', () => { if (!answered) record.end('CLOSED') })
      request.end()
    })
  }
}
