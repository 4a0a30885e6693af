import { once } from 'node:events'
import { createServer, request as send, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { MessageDetail, PartView } from '../../plugins/admin/messages/message-views.js'
import { backend } from '../support/backend.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'
import { until } from '../support/until.js'
import { envelope, post, proxyOver, recordingGateway, TOKEN, XML } from './recording-gateway.js'

const shown = ({ headers }: PartView): string[] =>
  headers.map(([name, value]) => `${name.toLowerCase()}: ${typeof value === 'string' ? value : '***'}`)

const pairs = (raw: readonly string[]): string[] =>
  raw.flatMap((name, at) => (at % 2 === 0 ? [`${name.toLowerCase()}: ${raw[at + 1]}`] : []))

t.test('heads and bodies of each hop are what client and back-end have seen', async t => {
  let seen: IncomingMessage | undefined
  const up = createServer((request, response) => {
    seen = request
    request.resume().on('end', () => {
      response.writeHead(200, { 'Content-Type': XML, 'X-From': 'up' }).end(envelope('x', '<r>created</r>'))
    })
  })
  const uri = await listenOnLoopback(t, up)
  const down = await backend(t, 'down')
  await down.stop()
  const members = [
    { kind: 'address', name: 'a', uri: down.uri },
    { kind: 'address', name: 'b', uri: `${uri}/path?key=1` }
  ]
  const { app, url, record, newest } = await recordingGateway(
    t, proxyOver({ kind: 'loadbalance', name: 'LB', members, session: { kind: 'simpleClientSession' } })
  )
  await record()
  const response = await post(url, envelope('client-7'), { soapaction: '"urn:placeOrder"' })
  const message = await newest()
  t.match(message, {
    operation: 'placeOrder',
    status: 200,
    hasLeft: false,
    session: /^[0-9a-f]{8}$/,
    attempts: [{ endpoint: 'a', outcome: 'failed', cause: /refused/ }, { endpoint: 'b', outcome: 'answered', status: 200 }]
  })
  const [first, second] = message.hops
  t.equal(first!.received, null)
  t.equal(message.request.body.text, envelope('***'))
  t.match(second!.sent, { sameAs: 'request', body: { text: envelope('***'), isCut: false } })
  t.equal(second!.sent!.body.size, Buffer.byteLength(envelope('client-7')), 'sizes are those on the network')
  t.equal(second!.path, '/path?key=***')
  t.strictSame(shown(second!.sent!), pairs(seen!.rawHeaders), 'with Host, Connection and Content-Length')
  t.equal(second!.received!.body.text, envelope('***', '<r>created</r>'))
  t.ok(shown(second!.received!).includes('x-from: up'))
  t.match(message.response, { sameAs: 'received-2' })
  for (const line of shown(message.response!)) {
    const [name = '', value] = line.split(': ')
    t.equal(response.headers.get(name), value, line)
  }
  const lookup = await app.inject({
    method: 'POST',
    url: '/admin/sessions/lookup',
    headers: { authorization: `Bearer ${TOKEN}` },
    payload: { group: 'LB', id: 'client-7' }
  })
  t.match(lookup.json(), { member: 'b', fingerprint: message.session }, 'the look-up of a session finds its messages')
  t.match(message.notes, [
    { kind: 'session', group: 'LB', member: null },
    { kind: 'bound', group: 'LB', member: 'a' },
    { kind: 'bound', group: 'LB', member: 'b' }
  ])
})

t.test('endpoints that are passed over, trials and bound sessions are recorded', async t => {
  const one = await backend(t, 'one')
  const two = await backend(t, 'two')
  const members = [one, two].map(({ name, uri }) => ({ kind: 'address', name, uri }))
  const { app, url, record, newest } = await recordingGateway(
    t, proxyOver({ kind: 'failover', name: 'FO', members })
  )
  await record()
  app.endpointRegistry.switchOff('one')
  await post(url, envelope('a'))
  t.match((await newest()).notes, [{ kind: 'passed', endpoint: 'one', reason: 'switched off' }])
  app.endpointRegistry.switchOff('two')
  await post(url, envelope('a'))
  const message = await newest()
  t.match(message.notes, [
    { kind: 'passed', endpoint: 'one', reason: 'switched off' },
    { kind: 'passed', endpoint: 'two', reason: 'switched off' }
  ])
  t.match(message, { attempts: [], status: 500, fault: { code: Number, reason: String } })
  t.ok(message.response!.body.text?.includes('Fault'))
})

t.test('a body that streams is kept up to its limit, and counted to its end', async t => {
  const echo = createServer((request, response) => {
    request.pipe(response.setHeader('content-type', 'text/plain'))
  })
  const uri = await listenOnLoopback(t, echo)
  const { url, record, newest } = await recordingGateway(t, proxyOver({ kind: 'address', name: 'E', uri }))
  await record({ bytes: 1024 })
  const text = 'line\n'.repeat(100_000)
  await post(url, text, { 'content-type': 'text/plain' })
  const message = await newest()
  for (const part of [message.request, message.hops[0]!.sent!, message.hops[0]!.received!, message.response!]) {
    t.match(part.body, { size: text.length, isCut: true, text: text.slice(0, 1024), reason: null })
  }
})

t.test('compressed bodies are read, and those that cannot be read are not kept', async t => {
  const zipped = gzipSync(envelope('client-7'))
  const responses: Record<string, readonly [string, Buffer]> = {
    '/gzip': ['gzip', zipped],
    '/unknown': ['unknown', zipped],
    '/broken': ['gzip', Buffer.from('no gzip')],
    '/bomb': ['gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024)).subarray(0, 16_384)]
  }
  const server = createServer((request, response) => {
    const [coding, body] = responses[request.url!]!
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': XML, 'content-encoding': coding }).end(body)
    })
  })
  const uri = await listenOnLoopback(t, server)
  const { url, record, newest } = await recordingGateway(t, proxyOver({ kind: 'address', name: 'E', uri }))
  await record()
  const received = async (path: string): Promise<PartView> => {
    const response = await new Promise<IncomingMessage>(resolve => {
      send(`${url}/services/Orders${path}`, resolve).end()
    })
    await once(response.resume(), 'close')
    let message: MessageDetail | undefined
    await until(async () => (message = await newest()).hops[0]?.path === path)
    return message!.hops[0]!.received!
  }
  t.match(await received('/gzip'), { body: { text: envelope('***'), size: zipped.length } })
  for (const path of ['/unknown', '/broken', '/bomb']) {
    t.match(await received(path), { body: { text: null, reason: /cannot be (decoded|read)/ } }, path)
  }
})

t.test('secrets are hidden in every place', async t => {
  const up = await backend(t, 'up', (_, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=s3cr3t', location: '/s3cr3t' })
      .end('{"token":"s3cr3t"}')
  })
  const endpoint = {
    kind: 'loadbalance',
    name: 'LB',
    members: [{ kind: 'address', name: 'up', uri: up.uri }],
    session: { kind: 'header', name: 'X-Visit' }
  }
  const { url, record, newest, get } = await recordingGateway(t, proxyOver(endpoint), { recordHide: ['Tenant'] })
  await record()
  const headers = {
    authorization: 'Basic s3cr3t',
    cookie: 'JSESSIONID=s3cr3t',
    'x-visit': 's3cr3t',
    tenant: 's3cr3t',
    referer: 'http://u:s3cr3t@host/?a=s3cr3t'
  }
  const bodies: readonly (readonly [string, string | Buffer])[] = [
    [XML, envelope('s3cr3t', '<m><password>s3cr3t</password><tenant>s3cr3t</tenant></m>')],
    [XML, `<a><secret>s3cr3t${'x'.repeat(20_000)}</secret></a>`],
    ['text/xml; charset=utf-16', Buffer.from('\ufeff<a><secret>s3cr3t</secret></a>', 'utf16le')],
    ['application/json', '{"a":{"apiKey":["s3cr3t"]}}'],
    ['application/x-www-form-urlencoded', 'pwd=s3cr3t'],
    ['application/octet-stream', 's3cr3t'],
    ['text/plain', 'password: s3cr3t']
  ]
  for (const [type, body] of bodies) {
    t.equal((await post(`${url}`, body, { ...headers, 'content-type': type })).status, 200, type)
    const message = await newest()
    t.notMatch(JSON.stringify(message).replaceAll('\\u0000', ''), /s3cr3t/, type)
    t.ok(message.request.headers.some(([name, value]) => name === 'x-visit' && typeof value === 'object'))
  }
  t.equal(up.requests.length, bodies.length)
  t.ok(up.requests.every(({ headers: { authorization } }) => authorization === 'Basic s3cr3t'), 'only there')
  t.notMatch((await get('messages')).body + (await get('events')).body, /s3cr3t/)
})

t.test('a body is downloaded as it is kept, and neither shown nor run by a browser', async t => {
  const up = await backend(t, 'up')
  const { url, record, newest, get } = await recordingGateway(t, proxyOver({ kind: 'address', name: 'E', uri: up.uri }))
  await record()
  await post(url, envelope('client-7'))
  const { id } = await newest()
  const response = await get(`messages/${id}/sent-1`)
  t.equal(response.body, envelope('***'))
  t.match(response.headers, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="message-${id}-sent-1.txt"`,
    'content-security-policy': /sandbox/,
    'x-content-type-options': 'nosniff'
  })
  t.equal((await get(`messages/${id}/received-2`)).statusCode, 404)
  t.equal((await get(`messages/${id}/__proto__`)).statusCode, 400)
})

t.test('only heads are kept unless bodies are wanted', async t => {
  const up = await backend(t, 'up')
  const { url, record, newest } = await recordingGateway(t, proxyOver({ kind: 'address', name: 'E', uri: up.uri }))
  await record({ bytes: 0 })
  await post(url, envelope('client-7'))
  const { request } = await newest()
  t.match(request.body, { text: null, reason: 'only heads are recorded', size: Number })
})

t.test('slow messages are kept where only remarkable ones are wanted', async t => {
  const up = await backend(t, 'up')
  const { url, record, newest } = await recordingGateway(t, proxyOver({ kind: 'address', name: 'E', uri: up.uri }))
  await record({ only: 'failed', slowerThan: 0 })
  await post(url, envelope('client-7'))
  t.match(await newest(), { status: 200, attempts: [{ outcome: 'answered' }] })
})

t.test('a session that its client carries is recorded: bound with the first message, found with the next', async t => {
  const up = await backend(t, 'up')
  const { url, record, newest } = await recordingGateway(
    t,
    proxyOver({
      kind: 'loadbalance',
      name: 'G',
      session: { kind: 'cookie', keys: ['a-key-of-more-than-thirty-two-characters'] },
      members: [{ kind: 'address', name: 'M1', uri: up.uri }]
    })
  )
  await record()
  const [cookie] = (await post(url, envelope('a'))).headers.getSetCookie()
  t.match((await newest()).notes, [{ kind: 'bound', group: 'G', member: 'M1' }])
  await post(url, envelope('a'), { cookie: cookie!.split(';', 1)[0]! })
  await until(async () => (await newest()).notes.some(({ kind }) => kind === 'session'))
  t.match((await newest()).notes, [{ kind: 'session', group: 'G', member: 'M1' }])
})

t.test('through app.inject a message is complete', async t => {
  const up = await backend(t, 'up')
  const { app, record, newest } = await recordingGateway(t, proxyOver({ kind: 'address', name: 'E', uri: up.uri }))
  await record()
  const headers = { 'content-type': XML }
  const options = { method: 'POST', url: '/services/Orders', headers, payload: envelope('a') } as const
  t.equal((await app.inject(options)).statusCode, 200)
  t.match(await newest(), { status: 200, hasLeft: false, response: { body: { isCut: false } } })
})
