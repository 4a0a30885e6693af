import { request as nodeRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Pool, type Dispatcher } from 'undici'
import { ClientError } from '../../plugins/http/client/client-error.js'
import { ConnectionPool } from '../../plugins/http/client/connection-pool.js'
import type { ResponseHandler } from '../../plugins/http/client/request.js'

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

/** Takes down what a client reports. */
export class Recorder {
  status = 0
  headers: string[] = []
  text = ''
  readonly #settle: (outcome: Outcome) => void

  constructor (settle: (outcome: Outcome) => void) {
    this.#settle = settle
  }

  headCame (status: number, headers: readonly (string | Buffer)[]): void {
    this.status = status
    this.headers = headers.map((each, at) => {
      const text = each.toString('latin1')
      return at % 2 === 0 ? text.toLowerCase() : text.replace(/^[ \t]+|[ \t]+$/g, '')
    })
  }

  part (chunk: Buffer): void { this.text += chunk.toString('latin1') }

  end (error?: string): void {
    const { status, headers, text: body } = this
    this.#settle({ error, status, headers, body })
  }
}

/** How long a client may take, in milliseconds: the server ends each connection within a few. */
const OUTCOME_TIMEOUT_MS = 20_000

export const record = (run: (recorder: Recorder) => void): Promise<Outcome> => new Promise(resolve => {
  const timer = setTimeout(() => resolve({ error: 'NO_OUTCOME', status: 0, headers: [], body: '' }), OUTCOME_TIMEOUT_MS)
  run(new Recorder(outcome => {
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
      pool.request({ method, path, headers: ['Connection', 'close'], body: undefined, fresh: true }, recorder(record)))
  }
}

const recorder = (record: Recorder): ResponseHandler => ({
  onHead: (_, { status, headers }) => record.headCame(status, headers),
  onBody: (_, chunk) => record.part(chunk),
  onEnd: () => record.end(),
  onError: (_, error) => record.end(error instanceof ClientError ? error.code : 'NO_CLIENT_ERROR')
})

export function fromUndici (dispatcher: Dispatcher, method: string, path: string, record: Recorder): void {
  dispatcher.dispatch({ method: method as 'GET', path, reset: true }, {
    onRequestStart () {},
    onResponseStart: (controller, status) => {
      if (status >= 200) record.headCame(status, controller.rawHeaders as Buffer[])
    },
    onResponseData: (_, chunk) => record.part(chunk),
    onResponseEnd: () => record.end(),
    onResponseError: (_, error) => record.end(codeOf(error))
  })
}

export function undiciClient (origin: string): Subject {
  const pool = new Pool(origin, { maxHeaderSize: 65_536 })
  return {
    name: 'undici',
    close: () => pool.destroy(),
    send: (method, path) => record(record => fromUndici(pool, method, path, record))
  }
}

/** @param begin makes the request */
export function fromNode (
  begin: (onResponse: (response: IncomingMessage) => void) => ClientRequest,
  record: Recorder
): void {
  let answered = false
  const request = begin(response => {
    answered = true
    record.headCame(response.statusCode!, response.rawHeaders)
    response.on('data', (chunk: Buffer) => record.part(chunk))
    response.on('end', () => record.end(response.complete ? undefined : 'INCOMPLETE'))
    response.on('error', error => record.end(codeOf(error)))
    response.on('close', () => record.end('INCOMPLETE'))
  })
  // What is wrong after a complete response is reported here, before the end of that response.
  request.on('error', error => { if (!answered) record.end(codeOf(error)) })
  request.on('close', () => { if (!answered) record.end('CLOSED') })
  request.end()
}

export const nodeClient = (origin: string): Subject => ({
  name: 'node:http',
  close: () => {},
  send: (method, path) => record(record => fromNode(onResponse =>
    nodeRequest(origin + path, { method, agent: false, maxHeaderSize: 65_536 }, onResponse), record))
})

/**
 * The own client on a connection that has carried another response before. After the response that is compared, with
 * all that its server has sent, comes one more: it must be its own.
 */
export function reusingClient (origin: string, sent: (path: string) => Promise<void>): Subject {
  return {
    name: 'own, reused',
    close: () => {},
    async send (method, path) {
      const pool = new ConnectionPool(origin)
      try {
        const request = (target: string, wanted = method): Promise<Outcome> => record(record =>
          pool.request({ method: wanted, path: target, headers: [], body: undefined }, recorder(record)))
        const before = await request('/before', 'GET')
        // After a whole poll phase the connection is idle again; unless its idle time ended on a busy machine.
        for (let turn = 0; turn < 1000 && pool.counters.idle === 0; turn++) {
          await new Promise(resolve => setImmediate(resolve))
        }
        const outcome = await request(path)
        await sent(path)
        const after = await request('/after', 'GET')
        // A connection that ends as it is used again is a failure, which the caller repeats on a fresh one.
        return isPlain(before) && (isPlain(after) || after.error !== undefined)
          ? outcome
          : { ...outcome, error: 'ANOTHER_RESPONSE', body: JSON.stringify({ before, after }) }
      } finally {
        pool.destroy()
      }
    }
  }
}

/** What the server sends to `/before` and `/after`. */
export const PLAIN = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain'

const isPlain = ({ error, status, body }: Outcome): boolean => error === undefined && status === 200 && body === 'plain'
