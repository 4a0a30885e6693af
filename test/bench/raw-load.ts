import { connect } from 'node:net'

/**
 * Sends this many requests over so many connections, without pipelining: the next one of a connection follows the
 * response to the one before.
 * @throws Error with the response, if one is not 200
 */
export async function sendAll (
  port: number,
  messages: readonly Buffer[],
  count: number,
  connections: number
): Promise<void> {
  let next = 0
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
      const send = (): void => {
        if (next < count) socket.write(messages[next++ % messages.length]!)
        else socket.end()
      }
      let text = ''
      socket.on('connect', send).on('data', (chunk: string) => {
        text += chunk
        if (!isWhole(text)) return
        if (!text.startsWith('HTTP/1.1 200')) socket.destroy(new Error(`responds ${text.slice(0, 200)}`))
        text = ''
        send()
      })
      socket.on('error', reject).on('close', () => resolve())
    })
  await Promise.all(Array.from({ length: connections }, run))
}

/** Whether a response is here to its end, by its Content-Length or its last chunk. */
export function isWhole (text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)
  return length !== null && length.index < head
    ? text.length >= head + 4 + Number(length[1])
    : text.endsWith('\r\n0\r\n\r\n')
}
