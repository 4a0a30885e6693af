import { request as nodeRequest } from 'node:http'
import { Duplex } from 'node:stream'
import { Client } from 'undici'
import { ResponseRejected } from '../../plugins/http/client/client-error.js'
import type { ResponseHead } from '../../plugins/http/client/response-head.js'
import { type ReaderEvents, ResponseReader } from '../../plugins/http/client/response-reader.js'
import { fromNode, fromUndici, record, Recorder, type Outcome, type Subject } from './client-oracles.js'
import { piecesOf, type GeneratedResponse } from './client-response.js'

const HEAD_LIMIT = 65_536
/** How many turns of the event loop a connection stays open behind a response that ends late. */
const LATE = 3

type CaseOf = (path: string) => GeneratedResponse

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** A connection in memory, at the side of a client: its peer sends this response once it has the head of a request. */
class MemoryConnection extends Duplex {
  readonly #response: GeneratedResponse
  #isRequested = false

  constructor (response: GeneratedResponse) {
    super({ allowHalfOpen: true })
    this.#response = response
  }

  override _read (): void {}

  override _write (_chunk: Buffer, _encoding: string, callback: () => void): void {
    callback()
    if (this.#isRequested) return
    this.#isRequested = true
    void this.#respond()
  }

  // What clients call on a socket.
  setTimeout (): this { return this }
  setNoDelay (): this { return this }
  setKeepAlive (): this { return this }
  ref (): this { return this }
  unref (): this { return this }

  async #respond (): Promise<void> {
    const { end } = this.#response
    for (const piece of piecesOf(this.#response)) {
      await turn()
      if (this.destroyed) return
      this.push(piece)
    }
    for (let turns = end === 'late' ? LATE : 1; turns > 0; turns--) await turn()
    if (this.destroyed) return
    if (end === 'rst') this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
    else this.push(null)
  }
}

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

export const memoryUndici = (caseOf: CaseOf): Subject => ({
  name: 'undici',
  close () {},
  async send (method, path) {
    const connection = new MemoryConnection(caseOf(path))
    const client = new Client('http://memory.test', {
      maxHeaderSize: HEAD_LIMIT,
      // @ts-expect-error undici uses no more of a socket than a stream has.
      connect: (_, callback) => setImmediate(() => callback(null, connection))
    })
    const outcome = await record(recorder => fromUndici(client, method, path, recorder))
    void client.destroy()
    return outcome
  }
})

export const memoryNode = (caseOf: CaseOf): Subject => ({
  name: 'node:http',
  close () {},
  send: (method, path) => record(recorder => {
    const createConnection = (): Duplex => new MemoryConnection(caseOf(path))
    const options = { method, path, maxHeaderSize: HEAD_LIMIT, createConnection }
    fromNode(response => nodeRequest(options, response), recorder)
  })
})
