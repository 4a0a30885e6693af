import t, { type Test } from 'tap'
import { clientResponse } from '../../../lib/pipeline/client-response.js'
import { NO_BODY, type Message } from '../../../lib/message/message.js'
import { endpointRequest } from '../../../lib/endpoints/network/endpoint-request.js'
import { parametersOf, multipartOf, RootScanner } from '../../../lib/soap/multipart.js'
import { documentOf, envelopeOf, scanOf, soapVersionOf } from '../../../lib/soap/read.js'
import type { ScanResult } from '../../../lib/message/envelope.js'
import {
  answered,
  header,
  MAKE_FAULT,
  play,
  proxyOf,
  request,
  SEND,
  soap,
  textOf
} from '../../support/flows/drive-flow.js'

const ID = '<i:ClientID xmlns:i="http://ws.apache.org/ns/synapse">c1</i:ClientID>'
const ENVELOPE = soap('<x><inc href="cid:a"/></x>', '1.1', ID)
const TYPE = 'multipart/related; boundary="b"; type="application/xop+xml"; start="<root>"; start-info="text/xml"'
const HEAD = [
  'Content-Type: application/xop+xml; charset=UTF-8;\r\n type="text/xml"',
  'Content-Transfer-Encoding: binary',
  'Content-ID: <root>'
]
const REST = '\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <a>\r\n\r\n\x89PNG\r\n\x00\xff\r\n--b--\r\n'

const parts = (head: readonly string[] = HEAD, root = ENVELOPE, rest = REST, first = '--b\r\n'): string =>
  `${first}${head.join('\r\n')}\r\n\r\n${root}${rest}`

/** What is seen, in one piece and byte by byte: the same. */
function seen (t: Test, text: string, type = TYPE, limit = 65_536): ScanResult | undefined {
  const bytes = Buffer.from(text, 'latin1')
  const related = multipartOf(type)
  if (related === undefined) return undefined
  const inPieces = (size: number): ScanResult | undefined => {
    const scanner = new RootScanner(related, limit)
    for (let at = 0; at < bytes.length; at += size) if (scanner.push(bytes.subarray(at, at + size))) break
    return scanner.finish()
  }
  const whole = inPieces(bytes.length)
  for (const size of [1, 7, 100]) t.strictSame(inPieces(size), whole, `in pieces of ${size}`)
  return whole
}

t.test('the Header of the root part is found, at its place in the whole', async t => {
  for (const first of ['--b\r\n', '\r\n--b\r\n', '--b \t\r\n', '\r\n\r\n--b\r\n']) {
    const text = parts(HEAD, ENVELOPE, REST, first)
    const found = seen(t, text)
    t.match(found, {
      kind: 'envelope',
      version: '1.1',
      blocks: [{ name: 'ClientID', text: 'c1' }],
      part: { boundary: 'b', charset: 'UTF-8' }
    })
    if (found?.kind !== 'envelope') return
    t.equal(text.slice(found.blocks[0]!.start, found.blocks[0]!.end), ID)
    t.ok(text.slice(found.part!.start).startsWith(ENVELOPE))
    t.ok(text.slice(found.rest).startsWith('<s:Body>'))
  }
})

t.test('a part that is not certainly the root is not read', async t => {
  const heads: Record<string, readonly string[]> = {
    'another part is the root': [HEAD[0]!, 'Content-ID: <other>'],
    'it has no name, but the root has': [HEAD[0]!],
    'it is coded': [HEAD[0]!, 'Content-ID: <root>', 'Content-Transfer-Encoding: base64'],
    'it is quoted': [HEAD[0]!, 'Content-ID: <root>', 'Content-Transfer-Encoding: Quoted-Printable'],
    'it is not XML': ['Content-Type: image/svg', 'Content-ID: <root>'],
    'it has no type': ['Content-ID: <root>'],
    'it has two types': [...HEAD, 'content-type: text/plain'],
    'it says how long it is': [...HEAD, 'Content-Length: 7'],
    'a line is long, and ends as none may': [...HEAD, `X-A:${' '.repeat(15_000)}\x01`],
    'a line is not a header': [...HEAD, 'what is this'],
    'a line ends in the middle': [...HEAD, 'X-A: b\nContent-ID: <other>'],
    'its head is endless': [...HEAD, `X-Long: ${'x'.repeat(20_000)}`],
    'its head never ends': [...HEAD, 'x:y\r\n'.repeat(10_000)]
  }
  for (const [why, head] of Object.entries(heads)) t.equal(seen(t, parts(head)), undefined, why)
  t.equal(seen(t, parts(HEAD, ENVELOPE, REST, 'preamble\r\n--b\r\n')), undefined, 'something before the first part')
  t.equal(seen(t, parts(HEAD, ENVELOPE, REST, '--bb\r\n')), undefined, 'another boundary')
  t.equal(seen(t, parts(HEAD, '<x/>')), undefined, 'it is not SOAP')
  t.equal(seen(t, parts(HEAD, 'text')), undefined, 'it is not XML at all')
  t.equal(seen(t, '--b\r\nContent-Type: text/xml'), undefined, 'it ends before it begins')
  t.equal(seen(t, '--b--\r\n'), undefined, 'there are no parts')
  t.equal(seen(t, ''), undefined)
  t.equal(seen(t, '\r\n'.repeat(30_000)), undefined)
})

t.test('a media type without a valid boundary has no parts', async t => {
  const long = 'x'.repeat(71)
  for (const type of [
    'multipart/related',
    'multipart/related; type="text/xml"',
    `multipart/related; boundary=${long}`,
    'multipart/related; boundary=""',
    'multipart/related; boundary="a b "',
    'multipart/related; boundary=a; boundary=b',
    'multipart/related; boundary="a\r\nb"',
    'multipart/related; boundary="a',
    'multipart/mixed; boundary=a',
    'text/xml; boundary=a',
    'multipart/related; boundary=a junk; x=y'
  ]) {
    t.equal(multipartOf(type), undefined, type)
  }
  t.same(multipartOf(`multipart/related;boundary=${long.slice(1)}`), { boundary: long.slice(1), start: undefined })
  t.same(multipartOf('Multipart/Related; charset=x; Boundary="uuid:1-2+id=3"; START="<a@b>";'), {
    boundary: 'uuid:1-2+id=3',
    start: 'a@b'
  })
  t.same(
    [...parametersOf('a/b; c=d; e="f\\"; g"')!],
    [
      ['c', 'd'],
      ['e', 'f"; g']
    ]
  )
})

t.test('a root that is XML, and none that is read, is refused as it would be alone', async t => {
  t.match(seen(t, parts(HEAD, '<!DOCTYPE a><a/>')), { kind: 'unreadable', cause: 'doctype' })
  t.match(seen(t, parts(HEAD, '<a')), { kind: 'unreadable', cause: 'malformed' })
  t.match(seen(t, parts(HEAD, soap('', '1.1', `<a>${'x'.repeat(2000)}</a>`)), TYPE, 500), {
    kind: 'unreadable',
    cause: 'limit'
  })
  const across = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><a b="\r\n--b\r\nContent-Type: text/xml\r\n\r\n"/>${ID}</s:Header><s:Body/></s:Envelope>`
  t.match(seen(t, parts(HEAD, across)), { kind: 'unreadable', reason: 'its root part ends too early' })
})

const related = (root = ENVELOPE, more: Partial<Message> = {}, type = TYPE): Message => {
  const message = request('', type, more)
  return { ...message, body: { kind: 'bytes', bytes: Buffer.from(parts(HEAD, root), 'latin1') } }
}
const bytes = (message: Message): string =>
  message.body.kind === 'none'
    ? ''
    : (message.body.kind === 'bytes' ? message.body.bytes : message.body.head).toString('latin1')

t.test('edits are made in the root, and all else keeps its bytes', async t => {
  const sent = endpointRequest(related(), 'http://b/s', { addressing: 'final' }, () => 'u')
  t.match(bytes(sent), /c1<\/i:ClientID><wsa:To.*<wsa:MessageID/)
  t.equal(bytes(sent).replace(/<wsa:.*<\/wsa:Action>/, ''), parts())
  t.equal(header(sent, 'Content-Type'), TYPE)
  t.match(
    envelopeOf(sent)?.blocks.map(({ name }) => name),
    ['ClientID', 'To', 'MessageID', 'Action'],
    'and it can be read again'
  )
  const head = Buffer.from(parts(), 'latin1').subarray(0, -20)
  const streaming = endpointRequest(
    {
      ...related(),
      body: { kind: 'stream', head, rest: { discard () {} }, size: head.length + 20, scan: scanOf(related()) }
    },
    'http://b/s',
    { addressing: 'final' },
    () => 'u'
  )
  t.match(streaming.body, { kind: 'stream', size: bytes(streaming).length + 20 })
})

t.test('the version and the Action are those of the root', async t => {
  t.equal(soapVersionOf(related()), '1.1')
  const of12 = 'multipart/related; boundary=b; type="application/xop+xml"; start-info="application/soap+xml"'
  t.equal(soapVersionOf({ ...related('', {}, of12), body: NO_BODY }), '1.2')
  const sent = endpointRequest(
    related(soap('<x/>', '1.2'), { addressing: { action: 'urn:a' } }, of12),
    'http://b/s',
    {},
    () => 'u'
  )
  t.equal(header(sent, 'Content-Type'), `${of12}; action="urn:a"`)
})

t.test('expressions and the log see the root as the message', async t => {
  const played = play(
    proxyOf({
      in: `<log level="full"/><property name="X" expression="//inc/@href" scope="transport"/><property name="Y" expression="count(//*[local-name()='ClientID'])" scope="transport"/>${SEND}`
    }),
    related(),
    answered()
  )
  t.match(played.calls[0]!.message.headers, /cid:a/)
  t.equal(header(played.calls[0]!.message, 'Y'), '1.0')
  t.match(played.logs[0]!.text, `Envelope: ${ENVELOPE}`)
  t.notMatch(played.logs[0]!.text, 'PNG')
  t.equal(bytes(played.calls[0]!.message), parts())
  t.equal(documentOf(related()).bytes.toString(), ENVELOPE)
})

t.test('conversion of a message with attachments is refused for an endpoint, and not made for a client', async t => {
  for (const format of ['soap12', 'pox'] as const) {
    t.throws(() => endpointRequest(related(), 'http://b/s', { format }, () => 'u'), /has attachments/, format)
  }
  t.equal(
    bytes(endpointRequest(related(), 'http://b/s', { format: 'soap11' }, () => 'u')),
    parts(),
    'it has that form'
  )
  const theirs: Message = { ...related(), direction: 'response', status: 200 }
  for (const client of [request(soap('<x/>', '1.2'), 'application/soap+xml'), request('<x/>', 'application/xml')]) {
    const made = clientResponse(client, theirs, () => 'u')
    t.equal(bytes(made), parts())
    t.equal(header(made, 'Content-Type'), TYPE)
  }
})

t.test('a multipart message may be sent back, or become a fault', async t => {
  const back = play(proxyOf({ in: '<respond/>' }), related()).response
  t.equal(bytes(back), parts())
  t.equal(header(back, 'Content-Type'), TYPE)
  const fault = play(
    proxyOf({ in: `${MAKE_FAULT.replace('<makefault>', '<makefault version="soap11">')}<respond/>` }),
    related()
  ).response
  t.equal(header(fault, 'Content-Type'), 'text/xml; charset=UTF-8')
  t.match(textOf(fault), 'c1</i:ClientID>')
  const exception = play(
    proxyOf({ in: '<makefault version="pox"><reason value="why"/></makefault><respond/>' }),
    related()
  ).response
  t.match(textOf(exception), /<s:Body><Exception>why<\/Exception><\/s:Body><\/s:Envelope>$/)
  t.equal(header(exception, 'Content-Type'), 'text/xml; charset=UTF-8')
})
