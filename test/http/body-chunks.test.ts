import { createHash } from 'node:crypto'
import t from 'tap'
import { READ_DEPTHS } from '../../lib/message/message.js'
import { Random } from '../support/random.js'
import { envelope, bareProxy, origin, rawBackend, wire } from '../support/http/bare-proxy.js'

const digest = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex')

/** A message as bytes, by length or in chunks of random sizes. */
function framed (start: string, body: string, random: () => number): string {
  const head = `${start}\r\nHost: a\r\nContent-Type: text/xml\r\n`
  if (random() < 0.5) return `${head}Content-Length: ${body.length}\r\n\r\n${body}`
  let text = `${head}Transfer-Encoding: chunked\r\n\r\n`
  for (let at = 0; at < body.length;) {
    const piece = body.slice(at, at + 1 + Math.floor(random() * 50_000))
    text += `${piece.length.toString(16)}\r\n${piece}\r\n`
    at += piece.length
  }
  return `${text}0\r\n\r\n`
}

/** The first whole message in a text, its body without framing, and how long all of it is. */
function unframed (text: string): { body: string; size: number } | undefined {
  const end = text.indexOf('\r\n\r\n') + 4
  if (end < 4) return undefined
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))
  if (length !== null) {
    const size = end + Number(length[1])
    return text.length < size ? undefined : { body: text.slice(end, size), size }
  }
  let [at, body] = [end, '']
  for (;;) {
    const line = text.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = parseInt(text.slice(at, line), 16)
    if (text.length < line + 4 + size) return undefined
    if (size === 0) return { body, size: line + 4 }
    body += text.slice(line + 2, line + 2 + size)
    at = line + 4 + size
  }
}

/** Writes in pieces of random sizes, each one a write of its own. */
async function dribble (
  write: (text: string, done: () => void) => void,
  text: string,
  random: () => number
): Promise<void> {
  for (let at = 0; at < text.length;) {
    const piece = text.slice(at, at + 1 + Math.floor(random() ** 3 * 100_000))
    await new Promise<void>(resolve => write(piece, resolve))
    if (random() < 0.3) await new Promise(resolve => setImmediate(resolve))
    at += piece.length
  }
}

const size = (random: () => number): number => Math.floor(random() ** 4 * 600_000)

for (let seed = 1; seed <= 24; seed++) {
  t.test(`bodies arrive whole, however they come (${seed})`, async t => {
    const { next: random } = new Random(seed)
    const need = READ_DEPTHS[seed % 3]!
    const response = READ_DEPTHS[Math.floor(seed / 3) % 3]!
    const got: string[] = []
    const responses: string[] = []
    const port = await rawBackend(t, socket => {
      let text = ''
      socket.on('data', chunk => {
        text += chunk.toString('latin1')
        const message = unframed(text)
        if (message === undefined) return
        text = text.slice(message.size)
        got.push(digest(message.body))
        const body = envelope(size(random), '<a/>')
        responses.push(digest(body))
        dribble((piece, done) => socket.write(piece, done), framed('HTTP/1.1 200 OK', body, random), random)
      })
    })
    const proxy = await bareProxy(t, {
      origins: [origin(port)],
      request: need,
      response,
      timeout: 120_000,
      limits: {
        replayBufferLimit: Math.floor(random() * 200_000),
        bufferBudget: random() < 0.3 && need !== 'body' && response !== 'body' ? 50_000 : 1e9
      }
    })
    const client = wire(t, proxy.port, '')
    const sent: string[] = []
    for (let at = 0; at < 4; at++) {
      const body = envelope(size(random), `<b>${at}</b>`)
      sent.push(digest(body))
      client.text = ''
      client.socket.resume()
      const response = client.until(text => unframed(text) !== undefined)
      await dribble(
        (piece, done) => client.socket.write(piece, () => done()),
        framed('POST / HTTP/1.1', body, random),
        random
      )
      t.equal(digest(unframed(await response)!.body), responses.at(-1), 'the response')
    }
    t.strictSame(got, sent, 'the requests')
    t.equal(proxy.budget.inUse, 0)
    t.strictSame(proxy.errors, [])
  })
}

t.test('large responses to pipelined requests arrive complete and in order', async t => {
  const bodies = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(400_000))
  const responses = new Map<number, () => void>()
  const port = await rawBackend(t, socket => {
    socket.on('data', chunk => {
      const at = Number(/^GET \/(\d)/.exec(chunk.toString())![1])
      responses.set(at, () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bodies[at]!.length}\r\n\r\n${bodies[at]!}`)
      })
      // Once all four are here, the last is answered first.
      if (responses.size === 4) for (const last of [3, 2, 1, 0]) responses.get(last)!()
    })
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, bodies.map((_, at) => `GET /${at} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
  const text = await client.until(text => text.endsWith(bodies[3]!))
  t.equal(
    digest(
      text
        .split(/HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*\r\n/)
        .slice(1)
        .join('')
    ),
    digest(bodies.join(''))
  )
})
