import { connect } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { content, head, Inflow, statusOf, valuesOf, type Content, type Head } from './wire.js'

export interface Sending {
  readonly port: number
  readonly head: Head
  readonly body: Buffer
  /** The body waits for a response to the head. */
  readonly expect: boolean
  /** How long a response is waited for, in milliseconds. */
  readonly timeout: number
  /** A path of the gateway that responds with a header of this name, after all bytes before. */
  readonly mark?: string | undefined
}

export interface Got {
  readonly reply: (Content & { readonly head: Head, readonly extra: Buffer }) | undefined
  readonly interim: readonly string[]
  /** What became of the connection after it. */
  readonly connection: 'kept' | 'closed' | 'open'
  readonly ms: number
}

/** How long bytes that belong to nothing are waited for, after a response of a gateway without such a path. */
const QUIET = 120

/** Sends bytes on a connection of their own, and keeps what comes back. */
export async function send ({ port, head: lines, body, expect, timeout, mark }: Sending): Promise<Got> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const inflow = new Inflow(socket)
  const alarm = setTimeout(() => inflow.stop(), timeout)
  const began = performance.now()
  const interim: string[] = []
  try {
    socket.write(
      Buffer.concat([Buffer.from([...lines, '', ''].join('\r\n'), 'latin1'), expect ? Buffer.alloc(0) : body])
    )
    let waiting = expect
    for (;;) {
      const response = await inflow.next(head)
      if (response === undefined) {
        return {
          reply: undefined,
          interim,
          connection: inflow.ended ? 'closed' : 'open',
          ms: performance.now() - began
        }
      }
      const isInterim = statusOf(response) < 200
      if (isInterim && waiting) socket.write(body)
      waiting &&= !isInterim
      if (isInterim) { interim.push(response.join(' | ')); continue }
      const rest = (await inflow.next(content(response, lines[0]!.split(' ')[0])))!
      const ms = performance.now() - began
      const extra = rest.complete ? await surplus() : Buffer.alloc(0)
      return { reply: { head: response, ...rest, extra }, interim, connection: inflow.ended ? 'closed' : 'kept', ms }
    }
  } finally {
    clearTimeout(alarm)
    socket.destroy()
  }

  /** What follows a response: until the gateway closes, or sends something else. */
  async function surplus (): Promise<Buffer> {
    if (mark === undefined) await after(QUIET)
    else {
      socket.write(`GET /${mark} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      const before = await inflow.next((bytes, ended) => {
        const at = bytes.lastIndexOf('HTTP/1.1 ')
        const last = at < 0 ? undefined : head(bytes.subarray(at), ended)
        const marked = last !== undefined && valuesOf(last.value, mark).length > 0
        return marked || ended ? { value: marked ? bytes.subarray(0, at) : bytes, used: bytes.length } : undefined
      })
      return before ?? Buffer.alloc(0)
    }
    return inflow.rest()
  }
}
