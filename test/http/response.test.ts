import type { Socket } from 'node:net'
import t from 'tap'
import { CODES } from '../../lib/message/fault.js'
import type { Message, ReadDepth } from '../../lib/message/message.js'
import {
  backend,
  bodyOf,
  envelope,
  bareProxy,
  type BareProxy,
  made,
  origin,
  promised,
  rawBackend,
  whole,
  wire
} from '../support/http/bare-proxy.js'
import type { Exchange } from '../../plugins/http/server/exchange.js'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const answered = async (
  self: BareProxy,
  port: number,
  message: Message,
  exchange: Exchange,
  need: ReadDepth = 'nothing'
): Promise<Message> => {
  const outcome = await self.forwarder.forward(self.call(origin(port), message), exchange, need)
  self.outcomes.push(outcome)
  if (outcome.kind !== 'answered') throw new Error(outcome.fault.reason)
  return outcome.message
}
const saying =
  (text: string, then: (socket: Socket) => void = () => {}) =>
    (socket: Socket): void => {
      socket.once('data', () => socket.write(text, () => then(socket)))
    }

t.test('a response is read as far as its proxy needs it', async t => {
  const soap = envelope(3000, '<a xmlns="u">v</a>')
  const split =
    (head: string, body: string) =>
      (socket: Socket): void => {
        socket.once('data', () =>
          socket.write(head + body.slice(0, 300), () => setImmediate(() => socket.write(body.slice(300))))
        )
      }
  const table: Array<[ReadDepth, string, string, object]> = [
    ['header', 'text/xml', soap, { scan: { kind: 'envelope', blocks: [{ name: 'a', text: 'v' }] } }],
    ['body', 'text/xml', soap, { kind: 'bytes', scan: { kind: 'envelope' }, bytes: Buffer.from(soap) }],
    ['body', 'application/json', soap, { kind: 'bytes', bytes: Buffer.from(soap), scan: undefined }],
    ['header', 'application/json', soap, { scan: undefined }]
  ]
  for (const [need, type, body, expected] of table) {
    const port = await rawBackend(
      t,
      split(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`, body)
    )
    const proxy = await bareProxy(t, { origins: [origin(port)], response: need })
    t.match(await wire(t, proxy.port, get).until(whole), new RegExp(`\r\n\r\n${body}$`))
    const { message } = proxy.outcomes[0] as { message: Message }
    t.match(message.body, expected, `${need} of ${type}`)
    t.ok(message.read)
  }
})

t.test('a response that is too large to be read is not retried, and its endpoint is not suspended', async t => {
  for (const head of ['Content-Length: 1001\r\n', 'Transfer-Encoding: chunked\r\n']) {
    const port = await rawBackend(t, saying(`HTTP/1.1 200 OK\r\n${head}\r\n3e9\r\n${'x'.repeat(1001)}`))
    const proxy = await bareProxy(t, { origins: [origin(port)], response: 'body', limits: { inspectionLimit: 1000 } })
    await wire(t, proxy.port, get).until(whole)
    t.match(proxy.outcomes, [
      { kind: 'refused', fault: { code: CODES.RECEIVING, requestSent: true, reason: /larger than 1000 bytes/ } }
    ])
  }
  const port = await rawBackend(t, saying('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world'))
  const proxy = await bareProxy(t, { origins: [origin(port)], response: 'body', limits: { bufferBudget: 10 } })
  await wire(t, proxy.port, get).until(whole)
  t.match(
    proxy.outcomes,
    [{ kind: 'refused', fault: { code: CODES.RECEIVING } }],
    'nor is one for which there is no room'
  )
})

t.test('bodies pass in chunks both ways', async t => {
  const port = await backend(t, (request, response) => {
    request.pipe(response)
  })
  const proxy = await bareProxy(t, { origins: [origin(port)], limits: { replayBufferLimit: 10 } })
  const client = wire(t, proxy.port, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
  const piece = 'x'.repeat(20_000)
  for (let at = 0; at < 50; at++) client.socket.write(`4e20\r\n${piece}\r\n`)
  client.socket.write('0\r\n\r\n')
  const text = await client.until(text => text.endsWith('\r\n0\r\n\r\n'))
  const chunks = text
    .slice(text.indexOf('\r\n\r\n') + 4)
    .split('\r\n')
    .filter((_, at) => at % 2 === 1)
  t.equal(chunks.join('').length, 1_000_000)
  t.match(text, /^transfer-encoding: chunked/im)
})

t.test('interim responses and trailers are not forwarded', async t => {
  const port = await rawBackend(
    t,
    saying(
      'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: t\r\n\r\n'
    )
  )
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const text = await wire(t, proxy.port, get).until(whole)
  t.match(text, /^HTTP\/1.1 200 OK\r\n(.|\r\n)*a$/)
  t.notMatch(text, /103|X-T|Trailer/)
})

t.test('HEAD, 204 and 304 have no body and keep the connection in step', async t => {
  const port = await backend(t, (request, response) => {
    if (request.method === 'HEAD') {
      response.writeHead(Number(request.url!.slice(1)), { 'Content-Length': '1234', 'X-A': 'b' }).end()
    } else {
      response
        .writeHead(request.url === '/204' ? 204 : 200, ['Content-Length', request.url === '/204' ? '0' : '4'])
        .end(request.url === '/204' ? undefined : 'body')
    }
  })
  const unchanged = await rawBackend(
    t,
    saying('HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n')
  )
  for (const need of ['nothing', 'header', 'body'] as const) {
    const proxy = await bareProxy(t, {
      handle: (self, message, exchange) =>
        answered(self, message.path === '/304' ? unchanged : port, message, exchange, need)
    })
    const client = wire(
      t,
      proxy.port,
      ['HEAD /200', 'GET /204', 'GET /304', 'HEAD /404', 'GET /']
        .map(line => `${line} HTTP/1.1\r\nHost: a\r\n\r\n`)
        .join('')
    )
    const text = await client.until(text => text.endsWith('body'))
    const responses = text.split(/(?=HTTP\/1\.1 )/)
    t.strictSame(
      responses.map(each => [
        each.slice(9, 12),
        /^content-length: (.*)/im.exec(each)?.[1],
        /transfer-encoding/i.test(each),
        each.split('\r\n\r\n')[1]
      ]),
      [
        ['200', '1234', false, ''],
        ['204', undefined, false, ''],
        ['304', '1234', false, ''],
        ['404', '1234', false, ''],
        ['200', '4', false, 'body']
      ]
    )
  }
})

t.test('mediation that gives HEAD, 204 or 304 a body does not break the connection', async t => {
  const proxy = await bareProxy(t, {
    handle: async (_, message) =>
      made(
        Number(message.path.slice(1)),
        ['Content-Length', '77', 'Transfer-Encoding', 'chunked'],
        message.path === '/201' ? '' : 'text'
      )
  })
  const client = wire(
    t,
    proxy.port,
    ['GET /204', 'GET /304', 'HEAD /500', 'GET /201', 'GET /99', 'GET /200']
      .map(line => `${line} HTTP/1.1\r\nHost: a\r\n\r\n`)
      .join('')
  )
  const text = await client.until(text => /200 OK(.|\r\n)*text$/.test(text))
  t.strictSame(
    text
      .split(/(?=HTTP\/1\.1 )/)
      .map(each => [each.slice(9, 12), /^content-length: (.*)/im.exec(each)?.[1], each.split('\r\n\r\n')[1]]),
    [
      ['204', undefined, ''],
      ['304', undefined, ''],
      ['500', '4', ''],
      ['201', '0', ''],
      ['500', '4', 'text'],
      ['200', '4', 'text']
    ]
  )
})

t.test('an invalid header is an error before anything is sent', async t => {
  const proxy = await bareProxy(t, { handle: async () => made(200, ['X-A', 'b\r\nX-C: d'], 'text') })
  const client = wire(t, proxy.port, get)
  t.match(await client.until(whole), /^HTTP\/1.1 500 /)
  t.notMatch(client.text, /^X-C: d/m)
})

t.test('an HTTP/1.0 client gets the end of the connection for the end of a stream', async t => {
  const port = await rawBackend(
    t,
    saying('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n', socket =>
      setImmediate(() => socket.write('1\r\nb\r\n0\r\n\r\n'))
    )
  )
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, 'GET / HTTP/1.0\r\n\r\n')
  await client.closed
  t.match(client.text, /\r\n\r\nab$/)
  t.notMatch(client.text, /chunked/)
})

/** How responses break off after their head. */
const CUT: Array<[string, string]> = [
  ['by length', 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<half'],
  ['in chunks', 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<half\r\n'],
  ['inside a chunk', 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n<half'],
  [
    'with broken chunks',
    'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<half\r\nzz\r\n'
  ]
]

for (const [name, text] of CUT) {
  t.test(`a response that breaks off ${name} never reaches the client as a complete one`, async t => {
    for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      for (const response of ['nothing', 'header', 'body'] as const) {
        const port = await rawBackend(
          t,
          saying(text, socket => setImmediate(end, socket))
        )
        const proxy = await bareProxy(t, { origins: [origin(port)], response })
        const client = wire(t, proxy.port, get)
        if (response === 'nothing') {
          // A response whose error comes in one piece with its head has not begun for the client.
          await Promise.race([client.closed, client.until(whole).catch(() => {})])
          t.ok(!whole(client.text) || client.text.startsWith('HTTP/1.1 502 '), client.text)
        } else {
          t.match(await client.until(whole), /^HTTP\/1.1 502 (.|\r\n)*X-Code: 101501/, 'nothing of it was sent yet')
        }
        if (proxy.outcomes[0]!.kind === 'failed') {
          t.match(proxy.outcomes[0], { retry: 'none', fault: { code: CODES.RECEIVING, requestSent: true } })
        }
      }
    }
  })
}

t.test('bytes beyond the Content-Length of a response are dropped, and its connection is not used again', async t => {
  let connections = 0
  const port = await rawBackend(t, socket => {
    connections++
    saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')(socket)
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  for (let at = 0; at < 3; at++) t.match(await wire(t, proxy.port, get).until(whole), /\r\n\r\nab$/)
  t.equal(connections, 3)
})

t.test('a response shorter than its Content-Length is not delivered as complete', async t => {
  const port = await rawBackend(
    t,
    saying('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nab', socket => socket.end())
  )
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, get)
  await Promise.race([client.closed, client.until(whole)])
  t.ok(/^HTTP\/1.1 502/.test(client.text) || !whole(client.text))
})

t.test('a response that ends with its connection is complete', async t => {
  const port = await rawBackend(
    t,
    saying('HTTP/1.0 200 OK\r\n\r\nab', socket => setImmediate(() => socket.end('c')))
  )
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  t.match(await wire(t, proxy.port, get).until(whole), /c\r\n0\r\n\r\n$/)
})

t.test('a response that stalls is truncated', async t => {
  const port = await rawBackend(t, saying('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half'))
  const proxy = await bareProxy(t, { origins: [origin(port)], limits: { responseIdleTimeout: 100 } })
  const client = wire(t, proxy.port, get)
  await client.closed
  t.match(client.text, /<half$/)
})

t.test('the head of a response does not wait for its body', async t => {
  const port = await rawBackend(t, saying('HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n'))
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  t.match(await wire(t, proxy.port, get).until(text => text.includes('\r\n\r\n')), /^X-A: b/m)
})

t.test('a response before the end of the request reaches the client', async t => {
  const port = await rawBackend(t, saying('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'))
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n')
  const more = (): void => {
    while (!client.socket.destroyed && client.socket.write(Buffer.alloc(65_536)));
  }
  client.socket.on('drain', more)
  more()
  t.match(await client.until(whole), /^HTTP\/1.1 403 Forbidden\r\n(.|\r\n)*Connection: close\r\n(.|\r\n)*no$/)
  await client.closed
})

t.test('a request whose body is not read holds no memory', async t => {
  const proxy = await bareProxy(t, { handle: async () => made(503, [], 'none') })
  const client = wire(t, proxy.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\nabc')
  t.match(await client.until(whole), /^HTTP\/1.1 503 (.|\r\n)*Connection: close/)
  await client.closed
})

t.test('the body of a request can be its response', async t => {
  const proxy = await bareProxy(t, {
    handle: async (_, message) => ({ ...made(200, [], ''), body: message.body }),
    limits: { replayBufferLimit: 10 }
  })
  const text = 'x'.repeat(300_000)
  const client = wire(t, proxy.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
  t.ok((await client.until(whole)).endsWith(`\r\n\r\n${text}`))
})

t.test('the body of a response can be the body of the next request', async t => {
  const text = 'y'.repeat(3_000_000)
  const first = await backend(t, (_, response) => {
    response.end(text)
  })
  const second = await backend(t, async (request, response) => {
    response.end(String((await bodyOf(request)).length))
  })
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      const response = await answered(self, first, message, exchange)
      t.equal(response.body.kind, 'stream')
      return await answered(self, second, { ...message, method: 'POST', body: response.body }, exchange)
    }
  })
  t.match(await wire(t, proxy.port, get).until(whole), /\r\n\r\n3000000$/)
})

t.test('the body of a response that breaks off does not count against the next back-end', async t => {
  const first = await rawBackend(
    t,
    saying('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half', socket => setImmediate(() => socket.end()))
  )
  const second = await backend(t, request => {
    request.resume().on('error', () => {})
  })
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      const response = await answered(self, first, message, exchange)
      return await answered(self, second, { ...message, method: 'POST', body: response.body }, exchange)
    }
  })
  await wire(t, proxy.port, get).until(whole)
  t.match(proxy.outcomes, [{ kind: 'answered' }, { kind: 'refused', fault: { code: CODES.SENDING } }])
})

t.test('the body of a response can be consumed once', async t => {
  const port = await backend(t, async (request, response) => {
    response.end(await bodyOf(request))
  })
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      await answered(self, port, message, exchange)
      return await answered(self, port, message, exchange)
    },
    limits: { replayBufferLimit: 1 }
  })
  t.match(
    await wire(t, proxy.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc').until(whole),
    /^HTTP\/1.1 500 /
  )
  t.match(proxy.outcomes, [{ kind: 'answered' }, { kind: 'refused' }])
})

t.test('a response that is not needed any more is aborted', async t => {
  const ended = promised()
  const port = await rawBackend(t, socket => {
    socket.on('close', ended.resolve)
    saying('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half')(socket)
  })
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      await answered(self, port, message, exchange)
      return made(202, [], '')
    }
  })
  t.match(await wire(t, proxy.port, get).until(whole), /^HTTP\/1.1 202 /)
  await ended.promise
})

t.test('a body of another size than declared ends the connection', async t => {
  const port = await backend(t, (_, response) => {
    response.end('z'.repeat(300_000))
  })
  for (const size of [299_999, 300_001]) {
    const proxy = await bareProxy(t, {
      handle: async (self, message, exchange) => {
        const response = await answered(self, port, message, exchange)
        return { ...response, body: { ...response.body, size } as Message['body'] }
      }
    })
    const client = wire(t, proxy.port, get + get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    await client.closed
    t.equal(client.text.split('HTTP/1.1 200').length, 2, 'what follows would be read as part of it')
  }
})
