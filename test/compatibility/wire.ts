import type { Socket } from 'node:net'

/**
 * HTTP/1.x as bytes. Nothing is interpreted but where a message ends, so that nothing is put right by a library on the
 * way.
 */
export type Head = readonly string[]
export interface Content {
  readonly framing: 'none' | 'length' | 'chunked' | 'until close'
  readonly body: Buffer
  readonly complete: boolean
}

/** Something read from the beginning of bytes, and how many of them it took. */
type Read<T> = { readonly value: T, readonly used: number } | undefined
type Reader<T> = (bytes: Buffer, ended: boolean) => Read<T>

export const fieldsOf = (head: Head): [name: string, value: string][] => head.slice(1).map(line => {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
})

/** The values of a header, in order. */
export const valuesOf = (head: Head, name: string): string[] =>
  fieldsOf(head).filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value)

export const statusOf = (head: Head): number => Number(head[0]?.split(' ')[1])

/** A head, up to its empty line. */
export const head: Reader<Head> = bytes => {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? undefined : { value: bytes.toString('latin1', 0, end).split('\r\n'), used: end + 4 }
}

/**
 * The body after a head; `method` is that of the request if the head is that of a response. A body that ends too early
 * is not `complete`.
 */
export const content = (lines: Head, method?: string): Reader<Content> => (bytes, ended) => {
  const whole = (framing: Content['framing'], body: Buffer, used = body.length): Read<Content> => ({
    value: { framing, body, complete: true },
    used
  })
  const cut = (framing: Content['framing'], body = bytes): Read<Content> =>
    ended ? { value: { framing, body, complete: false }, used: bytes.length } : undefined
  const status = statusOf(lines)
  if (method === 'HEAD' || (method !== undefined && (status < 200 || status === 204 || status === 304))) {
    return whole('none', Buffer.alloc(0))
  }
  if (valuesOf(lines, 'transfer-encoding').some(value => /chunked/i.test(value))) {
    const { parts, used, last } = chunks(bytes)
    return last
      ? whole('chunked', Buffer.concat(parts), used)
      : cut('chunked', Buffer.concat([...parts, bytes.subarray(used)]))
  }
  const [length] = valuesOf(lines, 'content-length')
  if (length !== undefined) {
    return bytes.length >= Number(length) ? whole('length', bytes.subarray(0, Number(length))) : cut('length')
  }
  if (method === undefined) return whole('none', Buffer.alloc(0))
  return ended ? whole('until close', bytes) : undefined
}

function chunks (bytes: Buffer): { parts: Buffer[], used: number, last: boolean } {
  const parts: Buffer[] = []
  let used = 0
  for (;;) {
    const line = bytes.indexOf('\r\n', used)
    if (line < 0) return { parts, used, last: false }
    const size = Number.parseInt(bytes.toString('latin1', used, line), 16)
    const end = line + 2 + size + 2
    if (!(size > 0)) return { parts, used: line + 4, last: bytes.length >= line + 4 }
    if (bytes.length < end) return { parts, used, last: false }
    parts.push(bytes.subarray(line + 2, end - 2))
    used = end
  }
}

/** What comes from a socket, read message by message. */
export class Inflow {
  /** The other side has ended. */
  ended = false
  #bytes = Buffer.alloc(0)
  #stopped = false
  #wake = (): void => {}

  constructor (socket: Socket) {
    const end = (): void => { this.ended = true; this.#wake() }
    socket.on('data', chunk => { this.#bytes = Buffer.concat([this.#bytes, chunk]); this.#wake() })
    socket.on('end', end).on('close', end).on('error', () => {})
  }

  /** The next thing, when it is there; undefined when it will not come any more. */
  async next<T> (read: Reader<T>): Promise<T | undefined> {
    for (;;) {
      const over = this.ended || this.#stopped
      const found = read(this.#bytes, over)
      if (found !== undefined) {
        this.#bytes = this.#bytes.subarray(found.used)
        return found.value
      }
      if (over) return undefined
      await new Promise<void>(resolve => { this.#wake = resolve })
    }
  }

  /** Nothing more is waited for. */
  stop (): void {
    this.#stopped = true
    this.#wake()
  }

  /** All that was not read. */
  rest (): Buffer {
    const rest = this.#bytes
    this.#bytes = Buffer.alloc(0)
    return rest
  }
}
