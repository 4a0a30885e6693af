import { request as nodeRequest } from 'node:http'
import { Client } from 'undici'
import { ResponseRejected } from '../../plugins/http/client/client-error.js'
import type { ResponseHead } from '../../plugins/http/client/response/response-head.js'
import { type ReaderEvents, ResponseReader } from '../../plugins/http/client/response/response-reader.js'
import { fromNode, fromUndici, record, Recorder, type Outcome, type Subject } from './client-oracles.js'
import { piecesOf, type GeneratedResponse } from './client-response.js'
import { MemorySocket } from './memory-socket.js'

const HEAD_LIMIT = 65_536

type CaseOf = (path: string) => GeneratedResponse

/** The reader of the own client, fed as a connection feeds it. */
class Reading extends Recorder implements ReaderEvents {
  isOver = false

  interim (): boolean { return true }

  head ({ status, headers }: ResponseHead): boolean {
    this.headCame(status, headers)
    return true
  }

  body (chunk: Buffer): boolean {
    this.part(chunk)
    return true
  }

  override end (error?: string | boolean): void {
    if (this.isOver) return
    this.isOver = true
    super.end(typeof error === 'string' ? error : undefined)
  }
}

function read (reading: Reading, { method, end }: GeneratedResponse, pieces: Iterable<Buffer>): void {
  const reader = new ResponseReader(reading, HEAD_LIMIT)
  reader.begin(method)
  try {
    for (const piece of pieces) {
      reader.read(piece, 0, piece.length)
      if (reading.isOver) return
    }
    if (end === 'rst') reading.end('ECONNRESET')
    else if (reader.finish(true)) reading.end()
    else reading.end('EOF')
  } catch (error) {
    if (!(error instanceof ResponseRejected)) throw error
    reading.end(error.rule)
  }
}

/** The own client without sockets: its reader. */
export const memoryOwn = (caseOf: CaseOf): Subject => ({
  name: 'own reader',
  close () {},
  send: (_, path) => new Promise<Outcome>(resolve => {
    const response = caseOf(path)
    read(new Reading(resolve), response, piecesOf(response))
  })
})

/** A client of undici that makes a connection for each request: to make the client costs more than the connection. */
class MemoryClient {
  #response: GeneratedResponse | undefined
  readonly client = new Client('http://memory.test', {
    maxHeaderSize: HEAD_LIMIT,
    headersTimeout: 0,
    bodyTimeout: 0,
    // @ts-expect-error undici uses no more of a socket than this one has.
    connect: (_, callback) => queueMicrotask(() => callback(null, new MemorySocket(this.#response)))
  })

  send (method: string, path: string, response: GeneratedResponse): Promise<Outcome> {
    this.#response = response
    return record(recorder => fromUndici(this.client, method, path, recorder))
  }
}

export function memoryUndici (caseOf: CaseOf): Subject {
  const idle: MemoryClient[] = []
  return {
    name: 'undici',
    close () { for (const { client } of idle) void client.destroy() },
    async send (method, path) {
      const client = idle.pop() ?? new MemoryClient()
      const outcome = await client.send(method, path, caseOf(path))
      idle.push(client)
      return outcome
    }
  }
}

export const memoryNode = (caseOf: CaseOf): Subject => ({
  name: 'node:http',
  close () {},
  send: (method, path) => record(recorder => {
    const options = { method, path, maxHeaderSize: HEAD_LIMIT, createConnection: () => new MemorySocket(caseOf(path)) }
    // @ts-expect-error node:http uses no more of a socket than this one has.
    fromNode(response => nodeRequest(options, response), recorder)
  })
})
