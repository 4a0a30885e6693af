import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import * as zlib from 'node:zlib'
import t, { type Test } from 'tap'
import { backend, type Backend } from '../support/backend.js'
import { gateway, message } from '../support/gateway.js'

const NS = 'http://ws.apache.org/ns/synapse'
const zstdCompressSync: unknown = Reflect.get(zlib, 'zstdCompressSync')
const CODINGS: Record<string, (text: Buffer) => Buffer> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  'GZIP, identity': gzipSync,
  'deflate, gzip': bytes => gzipSync(deflateSync(bytes)),
  ...typeof zstdCompressSync === 'function' && { zstd: zstdCompressSync as typeof gzipSync }
}

const sessionProxy = (
  backends: readonly Backend[],
  out = ''
): string => `<definitions xmlns="${NS}"><proxy name="P"><target>
  <inSequence><send><endpoint><session type="simpleClientSession"/><loadbalance>
    ${backends.map(({ uri }) => `<endpoint><address uri="${uri}"/></endpoint>`).join('')}
  </loadbalance></endpoint></send></inSequence><outSequence>${out}<send/></outSequence></target></proxy></definitions>`

const plainProxy = (
  { uri }: Backend,
  inside = '',
  out = ''
): string => `<definitions xmlns="${NS}"><proxy name="P"><target>
  <inSequence>${inside}<send><endpoint><address uri="${uri}"/></endpoint></send></inSequence>
  <outSequence>${out}<send/></outSequence></target></proxy></definitions>`

const READS_BODY = '<property name="X-Value" expression="//Value" scope="transport"/>'

async function postCoded (url: string, body: Buffer, coding: string, headers: Record<string, string> = {}) {
  const type = 'application/soap+xml; charset=UTF-8'
  const response = await fetch(`${url}/services/P`, {
    method: 'POST',
    body,
    headers: { 'content-type': type, 'content-encoding': coding, ...headers }
  })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

async function started (t: Test, xml: string, limits = {}): Promise<string> {
  return (await gateway(t, { definitions: xml, limits })).url
}

t.test('compressed: a request whose session id is read reaches the member of its session, decoded', async t => {
  const backends = [await backend(t, 'a'), await backend(t, 'b')]
  const url = await started(t, sessionProxy(backends))
  for (const [coding, compress] of Object.entries(CODINGS)) {
    const responses = []
    for (let at = 0; at < 3; at++) responses.push(await postCoded(url, compress(Buffer.from(message(coding))), coding))
    t.same(
      [...new Set(responses.map(({ status, body }) => `${status} ${/<from>(.*?)</.exec(body)?.[1]}`))].length,
      1,
      coding
    )
    t.equal(responses[0]!.status, 200, coding)
  }
  const seen = backends.flatMap(({ requests }) => requests)
  t.ok(seen.every(({ headers, body }) => headers['content-encoding'] === undefined && body.includes('ClientID')))
})

t.test('deflate without its zlib wrapper is decoded, too', async t => {
  const one = await backend(t, 'a')
  const url = await started(t, sessionProxy([one]))
  t.equal((await postCoded(url, deflateRawSync(Buffer.from(message('c'))), 'deflate')).status, 200)
  t.match(one.requests[0]!.body, 'ClientID')
})

t.test('a compressed request that nothing reads passes as it is', async t => {
  const one = await backend(t, 'a')
  const url = await started(t, plainProxy(one))
  const bytes = gzipSync(Buffer.from(message('c')))
  t.equal((await postCoded(url, bytes, 'gzip')).status, 200)
  t.equal(one.requests[0]!.headers['content-encoding'], 'gzip')
  t.equal(one.requests[0]!.headers['content-length'], String(bytes.length))
})

t.test('a compressed request that cannot be decoded is refused, and no back-end sees it', async t => {
  const one = await backend(t, 'a')
  const url = await started(t, sessionProxy([one]), { inspectionLimit: 1_000_000 })
  const good = Buffer.from(message('c'))
  const refusals: [string, number, Buffer, string][] = [
    ['an unknown coding', 415, good, 'compress'],
    ['too many codings', 415, good, 'gzip, gzip, gzip, gzip'],
    ['other bytes than it says', 400, good, 'gzip'],
    ['an incomplete body', 400, gzipSync(good).subarray(0, -20), 'gzip'],
    ['a bomb', 413, gzipSync(Buffer.alloc(50_000_000, ' ')), 'gzip'],
    ['a bomb of brotli', 413, brotliCompressSync(Buffer.alloc(50_000_000, ' ')), 'br'],
    ['a bomb in a bomb', 413, gzipSync(gzipSync(Buffer.alloc(50_000_000, ' '))), 'gzip, gzip'],
    ['a bomb of both', 413, brotliCompressSync(gzipSync(Buffer.alloc(50_000_000, ' '))), 'gzip, br']
  ]
  for (const [what, status, body, coding] of refusals) {
    t.equal((await postCoded(url, body, coding)).status, status, what)
  }
  t.equal(one.requests.length, 0)
})

t.test('a compressed response that is read is decoded; one that nothing reads passes', async t => {
  for (const [coding, compress] of Object.entries(CODINGS)) {
    const one = await backend(t, 'a', (_, response) => {
      response.setHeader('content-type', 'application/soap+xml; charset=UTF-8')
      response.setHeader('content-encoding', coding)
      response.end(compress(Buffer.from(message(undefined, '<Value>hidden</Value>'))))
    })
    const reading = await started(t, plainProxy(one, '', READS_BODY))
    const response = await postCoded(reading, Buffer.from(message('c')), 'identity')
    t.match(
      {
        status: response.status,
        value: response.headers.get('x-value'),
        coding: response.headers.get('content-encoding')
      },
      { status: 200, value: 'hidden', coding: null },
      coding
    )
    t.match(response.body, '<Value>hidden</Value>')
  }
  const one = await backend(t, 'a', (_, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync('text'))
  })
  const response = await postCoded(await started(t, plainProxy(one)), Buffer.from(message('c')), 'identity')
  t.equal(response.headers.get('content-encoding'), 'gzip')
  t.equal(response.body, 'text')
})

t.test('a compressed response that cannot be decoded is a fault, and the endpoint is not suspended', async t => {
  let body = gzipSync(Buffer.alloc(50_000_000, ' '))
  let coding = 'gzip'
  const one = await backend(t, 'a', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': coding }).end(body)
  })
  const url = await started(t, plainProxy(one, '', READS_BODY), { inspectionLimit: 1_000_000 })
  t.equal((await postCoded(url, Buffer.from(message('c')), 'identity')).status, 500, 'a bomb')
  body = Buffer.from('<a/>')
  t.equal((await postCoded(url, Buffer.from(message('c')), 'identity')).status, 500, 'other bytes than it says')
  coding = 'identity'
  t.equal((await postCoded(url, Buffer.from(message('c')), 'identity')).status, 200)
})

t.test('bytes that decoding makes count: beyond bufferBudget, requests and responses are refused', async t => {
  const large = gzipSync(Buffer.from(message('c', `<Value>${' '.repeat(500_000)}</Value>`)))
  const small = await backend(t, 'a')
  const limits = { bufferBudget: 200_000 }
  const forRequests = await started(t, sessionProxy([small]), limits)
  t.equal((await postCoded(forRequests, large, 'gzip')).status, 503)
  t.equal(small.requests.length, 0)
  const responding = await backend(t, 'a', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' }).end(large)
  })
  const forResponses = await started(t, plainProxy(responding, '', READS_BODY), limits)
  const response = await postCoded(forResponses, Buffer.from(message('c')), 'identity')
  t.match(response, { status: 500, body: /Too many messages are being read at once/ })
})

t.test('a nested bomb in a response that is read is a fault', async t => {
  const bomb = gzipSync(gzipSync(Buffer.alloc(50_000_000, ' ')))
  const one = await backend(t, 'a', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip, gzip' }).end(bomb)
  })
  const url = await started(t, plainProxy(one, '', READS_BODY), { inspectionLimit: 1_000_000 })
  const response = await postCoded(url, Buffer.from(message('c')), 'identity')
  t.match(response, { status: 500, body: /larger than 1000000 bytes when it is decoded/ })
})

t.test('a back-end whose response is read is offered only codings that can be decoded', async t => {
  const one = await backend(t, 'a')
  const accept = async (url: string, value: string): Promise<string | undefined> => {
    await postCoded(url, Buffer.from(message('c')), 'identity', { 'accept-encoding': value })
    return one.requests.at(-1)!.headers['accept-encoding'] as string | undefined
  }
  const reading = await started(t, plainProxy(one, '', READS_BODY))
  t.equal(await accept(reading, 'gzip, compress;q=0.5, br;q=0.9, *;q=0.1'), 'gzip, br;q=0.9')
  t.equal(await accept(reading, 'compress'), 'identity')
  t.equal(await accept(await started(t, plainProxy(one)), 'gzip, compress, *'), 'gzip, compress, *')
})
