import t, { type Test } from 'tap'
import { backend, type Seen } from '../support/backend.js'
import type { ServerResponse } from 'node:http'
import { gateway, post, SOAP_11 } from '../support/gateway.js'

/** Messages whose addressing, status or form is not the usual one. */
const NS = 'http://ws.apache.org/ns/synapse'
const WSA = { final: 'http://www.w3.org/2005/08/addressing', submission: 'http://schemas.xmlsoap.org/ws/2004/08/addressing' }
const XML = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '"urn:x"' }
const PLAIN = { 'content-type': 'application/xml' }

const envelope = (body: string, header = ''): string =>
  `<s:Envelope xmlns:s="${SOAP_11}"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
const addressing = (namespace: string, to: string): string =>
  `<w:To xmlns:w="${namespace}">${to}</w:To><w:Action xmlns:w="${namespace}">urn:x</w:Action>` +
  `<w:MessageID xmlns:w="${namespace}">urn:id:1</w:MessageID>`
const FAULT = `<makefault version="soap11"><code value="s:Server" xmlns:s="${SOAP_11}"/><reason value="sorry"/></makefault>`

interface Sequences {
  readonly before?: string
  readonly endpoint?: string
  readonly after?: string
  readonly fault?: string
}
const proxy = ({ before = '', endpoint = '', after = '', fault = '' }: Sequences): string =>
  `<definitions xmlns="${NS}"><proxy name="P"><target><inSequence>${before}<send>${endpoint}</send></inSequence><outSequence>${after}<send/></outSequence>${fault}</target></proxy></definitions>`
const to = (uri: string, inside = ''): string => `<endpoint><address uri="${uri}">${inside}</address></endpoint>`

type Respond = (seen: Seen, response: ServerResponse) => void

async function service (t: Test, sequences: (uri: string) => Sequences, respond?: Respond) {
  const { uri, requests } = await backend(t, 'a', respond)
  const { url } = await gateway(t, { definitions: proxy(sequences(uri)) })
  return { uri, requests, url: `${url}/services/P` }
}

const responding = (body: string, status = 200, type = 'text/xml') => (_: Seen, response: ServerResponse): void => {
  response.writeHead(status, { 'content-type': type }).end(body)
}

for (const endpoint of ['', '<endpoint><default/></endpoint>']) {
  t.test(`a request goes to its wsa:To where nothing else reads it: ${endpoint || '<send/>'}`, async t => {
    const { uri, requests, url } = await service(t, () => ({ endpoint }))
    const { from } = await post(url, envelope('<x/>', addressing(WSA.final, uri)), XML)
    t.strictSame([from, requests.length], ['a', 1])
  })
}

for (const version of ['final', 'submission'] as const) {
  t.test(`enableAddressing without a version keeps that of the client: ${version}`, async t => {
    const { uri, requests, url } = await service(t, uri => ({ endpoint: to(uri, '<enableAddressing/>') }))
    await post(url, envelope('<x/>', addressing(WSA[version], '/services/P')), XML)
    const { body } = requests[0]!
    t.match(body, `<wsa:To xmlns:wsa="${WSA[version]}">${uri}</wsa:To>`)
    t.notMatch(body, WSA[version === 'final' ? 'submission' : 'final'])
  })
}

t.test('enableAddressing is WS-Addressing 1.0 for a client without addressing', async t => {
  const { requests, url } = await service(t, uri => ({ endpoint: to(uri, '<enableAddressing/>') }))
  await post(url, envelope('<x/>'), XML)
  t.match(requests[0]!.body, `<wsa:To xmlns:wsa="${WSA.final}">`)
})

t.test('get-property("MessageID") is that of the client, else one that stays the same', async t => {
  const id = (name: string): string =>
    `<property name="${name}" expression="get-property('MessageID')" scope="transport"/>`
  const { requests, url } = await service(t, uri => ({ before: id('X-First') + id('X-Second'), endpoint: to(uri) }))
  await post(url, envelope('<x/>', addressing(WSA.final, '/services/P')), XML)
  await post(url, envelope('<x/>'), XML)
  const [own, generated] = requests.map(({ headers }) => headers)
  t.equal(own!['x-first'], 'urn:id:1')
  t.match(generated!['x-first'], /^urn:uuid:[\da-f-]{36}$/)
  t.equal(generated!['x-second'], generated!['x-first'])
})

t.test('each response has a MessageID of its own', async t => {
  const after = '<header name="X-Id" scope="transport" expression="get-property(\'MessageID\')"/>'
  const { url } = await service(t, uri => ({ endpoint: to(uri), after }))
  const ids = new Set<string | null>()
  for (let at = 0; at < 3; at++) ids.add((await post(url, envelope('<x/>'), XML)).headers.get('x-id'))
  t.equal(ids.size, 3)
})

const BACKEND_FAULT = envelope('<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>')
const REMOVED = '<property name="HTTP_SC" action="remove" scope="axis2"/>'
const READ = '<property name="read" expression="string(//faultstring)"/>'

t.test('without HTTP_SC the status of a response follows from what it is', async t => {
  const statusOf = async (after: string, body: string): Promise<number> => {
    const { url } = await service(t, uri => ({ endpoint: to(uri), after: READ + after }), responding(body, 503))
    return (await post(url, envelope('<x/>'), XML)).status
  }
  t.equal(await statusOf('', BACKEND_FAULT), 503)
  t.equal(await statusOf(REMOVED, BACKEND_FAULT), 500)
  t.equal(await statusOf(REMOVED, envelope('<ok/>')), 200)
  const succeeds = '<property name="FAULTS_AS_HTTP_200" value="TRUE" scope="axis2"/>'
  t.equal(await statusOf(REMOVED + succeeds, BACKEND_FAULT), 200)
})

t.test('the fault of a back-end is its reason for a plain client, unless its detail has text', async t => {
  const exception = async (detail: string): Promise<string> => {
    const fault = `<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring>${detail}</s:Fault>`
    const { url } = await service(t, uri => ({ endpoint: to(uri), after: READ }), responding(envelope(fault), 500))
    return (await post(url, '<x/>', PLAIN)).body
  }
  t.equal(await exception(''), '<Exception>no</Exception>')
  t.equal(await exception('<detail><code>1</code></detail>'), '<Exception>no</Exception>')
  t.equal(await exception('<detail>more</detail>'), '<Exception>more</Exception>')
})

t.test('makefault version="soap11" makes SOAP where the response was broken or plain', async t => {
  const after = '<property name="x" expression="string(//ok)"/>'
  for (const body of ['<html><body>Service down<br></body></html>', '<down/>']) {
    const outcome = body.startsWith('<html') ? after : `${after}<throwError type="X" errorMessage="no"/>`
    const { url } = await service(t,
      uri => ({ endpoint: to(uri), after: outcome, fault: `<faultSequence>${FAULT}<send/></faultSequence>` }),
      responding(body, 503))
    const { status, body: text, type } = await post(url, envelope('<x/>'), XML)
    t.strictSame([status, type], [500, 'text/xml; charset=UTF-8'])
    t.match(text, `xmlns:soapenv="${SOAP_11}"`)
    t.match(text, '<faultstring>sorry</faultstring>')
  }
})

t.test('empty-text-xml: an empty POST of text/xml to a group with sessions is sent', async t => {
  const { requests, url } = await service(t, uri => ({
    endpoint: `<endpoint><session type="simpleClientSession"/><loadbalance>${to(uri)}</loadbalance></endpoint>`
  }))
  t.equal((await post(url, '', { 'content-type': 'text/xml' })).status, 200)
  t.equal(requests.length, 1)
})

t.test('a SOAP Header of 80 KB before the session id, and a Body that streams, reach the member of the session', async t => {
  const members = [await backend(t, 'a'), await backend(t, 'b')]
  const group = `<endpoint><session type="simpleClientSession"/><loadbalance>${members.map(({ uri }) => to(uri)).join('')}</loadbalance></endpoint>`
  const { url } = await gateway(t, { definitions: proxy({ endpoint: group }) })
  const token = `<t:Assertion xmlns:t="urn:t">${'x'.repeat(80_000)}</t:Assertion>`
  const send = async (id: string) => {
    const body = envelope(`<x>${'y'.repeat(300_000)}</x>`, `${token}<c:ClientID xmlns:c="${NS}">${id}</c:ClientID>`)
    return (await post(`${url}/services/P`, body, XML)).from
  }
  const [first, other] = [await send('one'), await send('two')]
  t.not(first, other)
  t.strictSame([await send('one'), await send('two'), await send('one')], [first, other, first])
})

t.test('PRESERVE_WS_ADDRESSING keeps the addressing of the client, and that of the response', async t => {
  const preserve = '<property name="PRESERVE_WS_ADDRESSING" value="true"/>'
  const relates = `<w:RelatesTo xmlns:w="${WSA.final}">urn:id:1</w:RelatesTo>`
  const { requests, url } = await service(t, uri => ({ before: preserve, endpoint: to(uri, '<enableAddressing/>') }),
    responding(envelope('<ok/>', `<w:Action xmlns:w="${WSA.final}">urn:r</w:Action>${relates}`)))
  const { body } = await post(url, envelope('<x/>', addressing(WSA.final, '/services/P')), XML)
  t.match(requests[0]!.body, '>urn:id:1</w:MessageID>')
  t.equal(requests[0]!.body.match(/MessageID xmlns/g)?.length, 1)
  t.match(body, relates)
})
