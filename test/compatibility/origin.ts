import { EventEmitter } from 'node:events'
import type { Server, Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { listen, unlisten } from './ports.js'
import { toBytes, type RecordedResponse, type Behaviour, type Plan } from './record.js'
import { content, head, Inflow, valuesOf, type Content, type Head } from './wire.js'

export interface Received extends Omit<Content, 'framing'> {
  readonly backend: string
  readonly head: Head
  readonly framing: string
  readonly at: number
}

const ENVELOPES = [
  { namespace: 'http://www.w3.org/2003/05/soap-envelope', type: 'application/soap+xml; charset=UTF-8' },
  { namespace: 'http://schemas.xmlsoap.org/soap/envelope/', type: 'text/xml; charset=UTF-8' }
]
let clock = 0

/** A back-end on loopback that behaves as a record says, and keeps what it receives. */
export class Origin extends EventEmitter<{ received: [Received] }> {
  readonly name: string
  readonly port: number
  #received: Received[] = []
  #plan: Behaviour[] = ['ok']
  #servers: readonly Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #fill: (text: string) => string

  /** `fill` puts in the ports that are meant by tokens. */
  constructor (name: string, port: number, fill: (text: string) => string) {
    super()
    this.name = name
    this.port = port
    this.#fill = fill
  }

  /** How many complete requests it has that the replay has not taken yet. */
  get count (): number { return this.#received.length }
  take (): Received[] { return this.#received.splice(0) }

  async behave (plan: Plan): Promise<void> {
    this.#plan = [plan].flat() as Behaviour[]
    if (this.#plan[0] === 'refuse') await this.stop()
    else if (this.#servers.length === 0) this.#servers = await listen(this.port, socket => { void this.#serve(socket) })
  }

  async stop (): Promise<void> {
    const servers = this.#servers
    this.#servers = []
    for (const socket of this.#sockets) socket.destroy()
    await unlisten(servers)
  }

  async #serve (socket: Socket): Promise<void> {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const inflow = new Inflow(socket)
    for (let lines; (lines = await inflow.next(head)) !== undefined;) {
      const at = clock++
      const behaviour = this.#plan.length > 1 ? this.#plan.shift()! : this.#plan[0]!
      if (typeof behaviour === 'object' && behaviour.early) {
        this.#keep({ backend: this.name, head: lines, at, framing: 'not read', body: Buffer.alloc(0), complete: true })
        return this.#write(socket, lines, Buffer.alloc(0), { ...behaviour, close: true })
      }
      if (valuesOf(lines, 'expect').some(value => /100-continue/i.test(value))) {
        socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      }
      const request = (await inflow.next(content(lines)))!
      this.#keep({ backend: this.name, head: lines, at, ...request })
      if (behaviour === 'close') socket.end()
      if (behaviour === 'reset') socket.resetAndDestroy()
      if (typeof behaviour === 'string' && behaviour !== 'ok' && behaviour !== 'echo') return
      const response =
        behaviour === 'ok' ? this.#ok(request.body) : behaviour === 'echo' ? echo(lines, request.body) : behaviour
      if (response.delay !== undefined) await after(response.delay)
      this.#write(socket, lines, request.body, response)
      if (response.close || response.cut !== undefined) return
    }
  }

  #keep (received: Received): void {
    this.#received.push(received)
    this.emit('received', received)
  }

  /** Its name, in an envelope of the version that the request has. */
  #ok (request: Buffer): RecordedResponse {
    const inner = `<r:answer xmlns:r="urn:golden"><r:from>${this.name}</r:from></r:answer>`
    const envelope = ENVELOPES.find(({ namespace }) => request.includes(namespace))
    return envelope === undefined
      ? { headers: [['Content-Type', 'application/xml']], body: inner }
      : {
          headers: [['Content-Type', envelope.type]],
          body: `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="${envelope.namespace}"><e:Body>${inner}</e:Body></e:Envelope>`
        }
  }

  #write (socket: Socket, requestHead: Head, request: Buffer, response: RecordedResponse): void {
    const { status = 200, reason = 'OK', headers = [], body, chunked, close, version = '1.1', raw, cut } = response
    const id = /MessageID[^>]*>([^<]+)</.exec(request.toString('latin1'))?.[1] ?? 'urn:none'
    const filled = (bytes: Buffer): Buffer => rewritten(bytes, text => this.#fill(text).replaceAll('{messageID}', id))
    const whole = filled(toBytes(body))
    const bodyless = requestHead[0]!.startsWith('HEAD ') || status === 204 || status === 304
    const framed =
      bodyless || version === '1.0' || headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
    const framing = framed ? [] : chunked ? ['Transfer-Encoding: chunked'] : [`Content-Length: ${whole.length}`]
    const lines = [`HTTP/${version} ${status} ${reason}`, ...headers.map(pair => pair.join(': ')), ...framing, '', '']
    if (raw !== undefined) socket.write(filled(toBytes(raw)))
    else {
      socket.write(filled(Buffer.from(lines.join('\r\n'), 'latin1')))
      if (!bodyless) {
        socket.write(chunked ? inChunks(whole.subarray(0, cut), cut === undefined) : whole.subarray(0, cut))
      }
    }
    if (close || cut !== undefined) socket.end()
  }
}

const echo = (lines: Head, body: Buffer): RecordedResponse => ({
  headers: [['Content-Type', valuesOf(lines, 'content-type')[0] ?? 'application/octet-stream']],
  body: { base64: body.toString('base64') }
})

/** In two chunks; the last one may be missing. */
function inChunks (bytes: Buffer, whole: boolean): Buffer {
  const middle = bytes.length >> 1
  const chunk = (part: Buffer): Buffer[] =>
    part.length === 0 ? [] : [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]
  return Buffer.concat([
    ...chunk(bytes.subarray(0, middle)),
    ...chunk(bytes.subarray(middle)),
    Buffer.from(whole ? '0\r\n\r\n' : '')
  ])
}

/** Text in bytes replaced, and what is not text kept. */
export const rewritten = (bytes: Buffer, replace: (text: string) => string): Buffer =>
  Buffer.from(replace(bytes.toString('latin1')), 'latin1')

/** Resolves when this many requests are there, or after this many milliseconds. */
export async function arrived (origins: readonly Origin[], wanted: number, timeout: number): Promise<void> {
  const enough = (): boolean => origins.reduce((sum, { count }) => sum + count, 0) >= wanted
  if (enough()) return
  await new Promise<void>(resolve => {
    const done = (): void => {
      clearTimeout(alarm)
      for (const origin of origins) origin.off('received', check)
      resolve()
    }
    const check = (): void => { if (enough()) done() }
    const alarm = setTimeout(done, timeout)
    for (const origin of origins) origin.on('received', check)
  })
}
