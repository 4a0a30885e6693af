import t from 'tap'
import { responseHeaders, parseHead, requestHeaders } from '../../plugins/http/message/message-head.js'
import { contentTypeOf } from '../../lib/soap/content-type.js'

t.test(
  'hop-by-hop headers are not forwarded, whatever their casing; all others keep order, casing and repetition',
  async t => {
    const ending = [
      'Connection',
      'close, X-Named ,other',
      'KEEP-ALIVE',
      'timeout=5',
      'Proxy-Connection',
      'x',
      'te',
      'trailers',
      'Trailer',
      'X',
      'Transfer-Encoding',
      'chunked',
      'Upgrade',
      'h2c',
      'Proxy-Authorization',
      'Basic x',
      'Proxy-Authenticate',
      'Basic',
      'Proxy-Authentication-Info',
      'x',
      'Expect',
      '100-continue',
      'Content-Length',
      '3',
      'x-named',
      '1',
      'OTHER',
      '2'
    ]
    const passing = [
      'Set-Cookie',
      'a',
      'set-cookie',
      'b',
      'X-Two',
      'b',
      'X-Two',
      'a',
      'X-Empty',
      '',
      'Server',
      's',
      'Via',
      '1.1 x',
      'Teapot',
      'x',
      'Upgrades',
      'x',
      'Connections',
      'x'
    ]
    t.strictSame(parseHead([...ending.slice(0, 10), ...passing, ...ending.slice(10)], false).headers, passing)
    const buffers = [...passing, ...ending].map(text => Buffer.from(text))
    t.strictSame(parseHead(buffers, false).headers, passing, 'the same of Buffers')
  }
)

t.test('a head determines how its body is framed', async t => {
  t.match(parseHead([], false), { length: -1, chunked: false, unsupportedCoding: false })
  t.match(
    parseHead(['Content-Length', '12', 'Content-Type', 'text/xml', 'SOAPAction', '"a"', 'User-Agent', 'u'], false),
    { length: 12, type: 'text/xml', action: '"a"', agent: 'u' }
  )
  t.match(parseHead(['transfer-encoding', 'Chunked '], false), { chunked: true, unsupportedCoding: false })
  t.match(parseHead(['Transfer-Encoding', 'gzip, chunked'], false), { unsupportedCoding: true })
  t.strictSame(
    parseHead(['Content-Length', '12'], true).headers,
    ['Content-Length', '12'],
    'of a response without a body it speaks of another'
  )
})

t.test('a header of a back-end in Latin-1 keeps its bytes', async t => {
  t.strictSame(parseHead([Buffer.from('X-A'), Buffer.from('gr\xfc\xdfe', 'latin1')], false).headers, [
    'X-A',
    'gr\xfc\xdfe'
  ])
})

t.test('Host, Date and User-Agent of the client are not forwarded; those that the configuration sets are', async t => {
  const headers = [
    'Host',
    'h',
    'date',
    'd',
    'User-Agent',
    'client/1',
    'A',
    'b',
    'Content-Length',
    '9',
    'Connection',
    'close'
  ]
  t.strictSame(requestHeaders(headers, 'client/1', undefined), ['A', 'b'])
  t.strictSame(requestHeaders(['User-Agent', 'Own'], 'client/1', 7), ['User-Agent', 'Own', 'Content-Length', '7'])
})

t.test('a response keeps its headers, except those that mediation must not set', async t => {
  const headers = ['Date', 'd', 'Transfer-Encoding', 'chunked', 'Content-Length', '1', 'Set-Cookie', 'a']
  t.strictSame(responseHeaders(headers, false), ['Set-Cookie', 'a'])
  t.strictSame(responseHeaders(headers, true), ['Content-Length', '1', 'Set-Cookie', 'a'])
})

t.test('thousands of names in Connection are compared in linear time', async t => {
  const raw = [
    'Connection',
    Array.from({ length: 4000 }, (_, at) => `a${at}`).join(','),
    ...Array.from({ length: 2000 }, (_, at) => [`b${at}`, '']).flat()
  ]
  const before = process.cpuUsage()
  t.equal(parseHead(raw, false).headers.length, 4000)
  t.ok(process.cpuUsage(before).user < 200_000)
})

t.test('media types are parsed as RFC 9110 defines them', async t => {
  t.match(contentTypeOf('text/xml; charset=utf-8'), { xml: true, charset: 'utf-8', action: undefined })
  t.equal(contentTypeOf("text/xml; charset='utf-8'").charset, 'utf-8', 'some write these quotes')
  t.match(contentTypeOf('application/soap+xml; charset="UTF-8"; action="urn:a;b=c"'), {
    xml: true,
    charset: 'UTF-8',
    action: 'urn:a;b=c'
  })
  t.match(contentTypeOf('Application/SOAP+XML;action=urn:a ; charset=x'), { xml: true, action: 'urn:a' })
  t.equal(contentTypeOf('application/soap+xml; x="; action=evil"').action, undefined)
  t.equal(contentTypeOf('application/soap+xml; action=""').action, undefined, 'an empty one names none')
  t.equal(contentTypeOf('text/xml; action=urn:a').action, undefined, 'SOAP 1.1 has a header for it')
  t.notOk(contentTypeOf('application/json').xml)
  t.notOk(contentTypeOf('multipart/related; type="text/xml"').xml)
  t.equal(
    contentTypeOf('text/xml; charset=utf-8'),
    contentTypeOf('text/xml; charset=utf-8'),
    'one that repeats is taken apart once'
  )
  for (let at = 0; at < 1000; at++) contentTypeOf(`text/xml; n=${at}`)
  t.match(contentTypeOf('text/xml; charset=utf-8'), { xml: true, charset: 'utf-8' })
})
