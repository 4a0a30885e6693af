import t from 'tap'
import { startGateway } from '../../lib/cli/serve/gateway.js'
import { MediationError } from '../../lib/message/fault.js'
import type { Message } from '../../lib/message/message.js'
import { ClientDisconnected } from '../../plugins/http/server/client-failures.js'
import {
  backend,
  bodyOf,
  envelope,
  bareProxy,
  type BareProxyOptions,
  made,
  origin,
  post,
  promised,
  whole,
  wire
} from '../support/http/bare-proxy.js'
import { until } from '../support/until.js'

const responding = (options: BareProxyOptions = {}): BareProxyOptions => ({
  handle: async (_, message) => made(200, ['Content-Length', '0'], describe(message)),
  ...options
})

const describe = ({ body }: Message): string =>
  body.kind === 'none'
    ? 'none'
    : body.kind === 'bytes'
      ? `bytes ${body.bytes.length} ${body.scan?.kind}`
      : `stream ${body.size} ${body.scan?.kind}`

const bodyText = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)

t.test('a request becomes a message', async t => {
  const proxy = await bareProxy(t, responding({ request: 'header' }))
  const client = wire(
    t,
    proxy.port,
    'PUT /s/a%20b?c=d&e HTTP/1.1\r\nHost: h\r\nSOAPAction: "urn:act"\r\nX-a: 1\r\nConnection: x-b, keep-alive\r\nX-B: 2\r\nContent-Type: application/json\r\nUser-Agent: u\r\nContent-Length: 2\r\n\r\n{}'
  )
  await client.until(whole)
  t.match(proxy.messages[0], {
    direction: 'request',
    method: 'PUT',
    path: '/s/a%20b',
    query: '?c=d&e',
    headers: [
      'Host',
      'h',
      'SOAPAction',
      '"urn:act"',
      'X-a',
      '1',
      'Content-Type',
      'application/json',
      'User-Agent',
      'u'
    ],
    addressing: { to: '/s/a%20b?c=d&e', action: 'urn:act' },
    read: true,
    body: { kind: 'bytes', bytes: Buffer.from('{}') }
  })
  t.equal((proxy.messages[0]!.body as { scan?: unknown }).scan, undefined, 'what is not XML is not scanned')
})

t.test('the SOAP action comes from the header that its version defines', async t => {
  const proxy = await bareProxy(t, responding())
  const actions = [
    ['SOAPAction: urn:bare', 'urn:bare'],
    ['SOAPAction: ""', undefined],
    ['SOAPAction: "', '"'],
    ['Content-Type: application/soap+xml; action="urn:12"', 'urn:12'],
    ['X: y', undefined]
  ] as const
  for (const [header, action] of actions) {
    await wire(t, proxy.port, `GET / HTTP/1.1\r\nHost: h\r\n${header}\r\n\r\n`).until(whole)
    t.equal(proxy.messages.at(-1)!.addressing.action, action, header)
  }
})

t.test('a body is read as far as its proxy needs it', async t => {
  const limits = { replayBufferLimit: 1000, soapHeaderLimit: 2000, inspectionLimit: 5000 }
  const chunked = (body: string): string =>
    `POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const table = [
    ['nothing', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'none'],
    ['nothing', post(''), 'none'],
    ['body', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'none'],
    ['nothing', post('x'.repeat(1000)), 'bytes 1000 undefined'],
    ['nothing', post('x'.repeat(1001)), 'stream 1001 undefined'],
    ['nothing', chunked('x'.repeat(1000)), 'bytes 1000 undefined'],
    ['nothing', chunked('x'.repeat(1001)), 'stream undefined undefined'],
    ['header', post(envelope(900)), 'bytes 900 envelope'],
    ['header', post(envelope(1100)), 'stream 1100 envelope'],
    ['header', chunked(envelope(1100)), 'stream undefined envelope'],
    ['header', post('x'.repeat(1001)), 'stream 1001 unreadable'],
    ['header', post(envelope(4000, `<a>${'y'.repeat(2500)}</a>`)), 'stream 4000 unreadable'],
    ['header', post('x'.repeat(1001)).replace('text/xml', 'application/json'), 'stream 1001 undefined'],
    ['body', post(envelope(5000)), 'bytes 5000 envelope'],
    ['body', chunked(envelope(5000)), 'bytes 5000 envelope']
  ] as const
  for (const [request, bytes, expected] of table) {
    const proxy = await bareProxy(t, responding({ request, limits }))
    const { text } = await wire(t, proxy.port, bytes)
      .until(whole)
      .then(text => ({ text }))
    t.equal(bodyText(text), expected, `${request}: ${bytes.slice(-20)}`)
    t.equal(proxy.budget.inUse, 0)
  }
})

t.test('no more of a streaming body is buffered than was read, and all of it is forwarded', async t => {
  const sent = envelope(3000, '<a>v</a>')
  const port = await backend(t, async (request, response) => response.end(await bodyOf(request)))
  const table = [
    ['nothing', 'text/xml', 0],
    ['header', 'text/xml', sent.search(/<[^/>]*Body/)],
    ['header', 'application/json', 0]
  ] as const
  for (const [request, type, held] of table) {
    const proxy = await bareProxy(t, { request, origins: [origin(port)], limits: { replayBufferLimit: 1000 } })
    const chunked = `POST /x HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n${sent.length.toString(16)}\r\n${sent}\r\n0\r\n\r\n`
    for (const bytes of [post(sent).replace('text/xml', type), chunked]) {
      t.equal(bodyText(await wire(t, proxy.port, bytes).until(whole)), sent, 'it arrives whole')
      const { body } = proxy.messages.at(-1)!
      t.equal(body.kind === 'stream' && body.head.length, held, `${request} of ${type}`)
    }
  }
})

t.test('the end of the Header is found before the body has come', async t => {
  const proxy = await bareProxy(t, responding({ request: 'header', limits: { replayBufferLimit: 100 } }))
  const text = envelope(10_000, '<a xmlns="u">v</a>')
  const client = wire(t, proxy.port, post(text).slice(0, 400))
  t.match(
    await client.until(text => text.includes('stream 10000 envelope')),
    /^Connection: close/m,
    'what has not come makes the connection useless'
  )
  t.match(proxy.messages[0]!.body, { scan: { kind: 'envelope', blocks: [{ name: 'a', text: 'v' }] } })
})

t.test('a body sent byte by byte is one buffer', async t => {
  const proxy = await bareProxy(t, responding({ request: 'body' }))
  const got = promised<string>()
  const client = wire(t, proxy.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n')
  client.until(whole).then(got.resolve)
  for (let at = 0; at < 300; at++) {
    await new Promise<void>(resolve => client.socket.write(String(at % 10), () => resolve()))
  }
  t.match(await got.promise, /bytes 300/)
  t.equal((proxy.messages[0]!.body as { bytes: Buffer }).bytes.toString(), '0123456789'.repeat(30))
})

t.test('a body that is too large is refused, before it is sent or on the way', async t => {
  const proxy = await bareProxy(t, responding({ request: 'body', limits: { inspectionLimit: 1000 } }))
  const declared = wire(t, proxy.port, post('x'.repeat(1001)))
  t.match(await declared.until(whole), /^HTTP\/1.1 413 (.|\r\n)*Connection: close(.|\r\n)*larger than 1000 bytes/)
  await declared.closed
  const chunked = wire(
    t,
    proxy.port,
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1001)}\r\n`
  )
  t.match(await chunked.until(whole), /^HTTP\/1.1 413 /)
  await chunked.closed
  t.equal(proxy.budget.inUse, 0)
})

t.test('without room in the budget bodies stream, and those that must be read are refused', async t => {
  const limits = { bufferBudget: 10 }
  const streaming = await bareProxy(t, responding({ request: 'header', limits }))
  t.match(await wire(t, streaming.port, post(envelope(300))).until(whole), /stream 300 envelope/)
  t.equal(streaming.budget.denied, 1)
  const reading = await bareProxy(t, responding({ request: 'body', limits }))
  t.match(await wire(t, reading.port, post(envelope(300))).until(whole), /^HTTP\/1.1 503 /)
  t.equal(reading.budget.inUse, 0)
})

t.test('a body that could not be kept is forwarded all the same', async t => {
  const port = await backend(t, async (request, response) => {
    response.end(await bodyOf(request))
  })
  const proxy = await bareProxy(t, { origins: [origin(port)], limits: { bufferBudget: 10 } })
  t.equal(bodyText(await wire(t, proxy.port, post('y'.repeat(500))).until(whole)), 'y'.repeat(500))
})

t.test('the budget counts what is kept until the response begins', async t => {
  const [arrived, go] = [promised(), promised()]
  const port = await backend(t, async (request, response) => {
    await bodyOf(request)
    arrived.resolve()
    await go.promise
    response.writeHead(200).write('a')
    await arrived.promise
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, post('x'.repeat(500)))
  await arrived.promise
  t.equal(proxy.budget.inUse, 500)
  go.resolve()
  await client.until(text => text.includes('\r\n\r\n1\r\na'))
  t.equal(proxy.budget.inUse, 0, 'the response is not complete yet')
})

t.test('a client that disconnects while it sends is no failure of an endpoint', async t => {
  for (const request of ['header', 'body'] as const) {
    const proxy = await bareProxy(t, responding({ request, limits: { replayBufferLimit: 100_000 } }))
    const error = proxy.nextError()
    const client = wire(t, proxy.port, post(envelope(5000)).slice(0, 3000))
    // Its bytes have come once some of them are kept.
    await until(() => proxy.budget.inUse > 0)
    client.socket.destroy()
    t.type(await error, ClientDisconnected)
    t.equal(((await error) as ClientDisconnected).code, 'CLIENT_DISCONNECTED')
    t.equal(proxy.budget.inUse, 0)
    t.ok(proxy.exchanges[0]!.disconnected)
  }
})

t.test('a client that stops sending does not occupy the budget for ever', async t => {
  const proxy = await bareProxy(t, responding({ request: 'body', limits: { requestIdleTimeout: 50 } }))
  const error = proxy.nextError()
  const client = wire(t, proxy.port, post(envelope(5000)).slice(0, 3000))
  t.match(await client.until(whole), /^HTTP\/1.1 408 /)
  t.match(await error, { fault: { status: 408 } })
  t.type(await error, MediationError)
  t.equal(proxy.budget.inUse, 0)
})

t.test('a client that stops sending a stream loses its connection; it does not count against the endpoint', async t => {
  const closed = promised()
  const port = await backend(t, request => {
    request
      .resume()
      .on('error', () => {})
      .on('close', closed.resolve)
  })
  const proxy = await bareProxy(t, {
    origins: [origin(port)],
    timeout: 20,
    limits: { requestIdleTimeout: 1_500, replayBufferLimit: 100 }
  })
  const outcome = proxy.nextOutcome()
  await wire(t, proxy.port, post('x'.repeat(5000)).slice(0, 3000)).closed
  t.match(await outcome, { kind: 'failed', fault: { reason: 'The client disconnected' }, retry: 'none' })
  await closed.promise
})

t.test('ambiguous framing is refused', async t => {
  const proxy = await bareProxy(t, responding())
  const heads = [
    'Content-Length: 3\r\nTransfer-Encoding: chunked',
    'Content-Length: +5',
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length : 5',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
    'Transfer-Encoding:\r\n chunked\r\nContent-Length: 3',
    'Content-Length: '
  ]
  for (const head of heads) {
    const client = wire(t, proxy.port, `POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\nabcde`)
    t.match(await client.until(text => text.includes('\r\n\r\n')), /^HTTP\/1.1 400 /, head)
    await client.closed
  }
  t.equal(proxy.messages.length, 0)
})

t.test('an unknown transfer coding is refused', async t => {
  const proxy = await bareProxy(t, responding())
  const client = wire(
    t,
    proxy.port,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'
  )
  t.match(await client.until(whole), /^HTTP\/1.1 501 /)
})

t.test('a request whose transfer codings do not end in chunked gets one response, 400', async t => {
  const gateway = await startGateway({
    definitions: { proxies: { P: { in: [{ kind: 'respond' }] } } },
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent'
  })
  t.teardown(() => gateway.close())
  for (const codings of ['xchunked', 'gzip', '', 'chunked, xchunked', 'gzip, chunked']) {
    const client = wire(
      t,
      gateway.port,
      `POST /services/P HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${codings}\r\n\r\n1\r\na\r\n0\r\n\r\n`
    )
    await client.closed
    t.same(
      client.text.match(/HTTP\/1\.1 \d+/g),
      [codings === 'gzip, chunked' ? 'HTTP/1.1 501' : 'HTTP/1.1 400'],
      codings
    )
  }
})

t.test('a GET with a body is one request at the back-end', async t => {
  const bodies: string[] = []
  const port = await backend(t, async (request, response) => {
    bodies.push(`${request.method} ${await bodyOf(request)}`)
    response.end('ok')
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n'
  const client = wire(t, proxy.port, `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`)
  await client.until(whole)
  t.strictSame(bodies, [`GET ${hidden}`])
  const chunked = wire(
    t,
    proxy.port,
    `GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
  )
  await chunked.until(whole)
  t.strictSame(bodies, [`GET ${hidden}`, `GET ${hidden}`])
})

t.test('Expect: 100-continue is answered by the gateway', async t => {
  const heads: string[][] = []
  const port = await backend(t, async (request, response) => {
    heads.push(request.rawHeaders)
    response.end(await bodyOf(request))
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(
    t,
    proxy.port,
    'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n'
  )
  await client.until(text => text === 'HTTP/1.1 100 Continue\r\n\r\n')
  client.socket.write('ab')
  t.match(await client.until(text => text.endsWith('ab')), /HTTP\/1.1 200 OK/)
  t.notOk(heads[0]!.includes('Expect'))
})
