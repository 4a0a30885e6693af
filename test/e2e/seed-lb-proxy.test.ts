import t from 'tap'
import { backend } from '../support/backend.js'
import { configured, gateway, message, post, SOAP_11, SOAP_12 } from '../support/gateway.js'

/** config/lb-proxy.xml, as it is written, over real sockets. */
t.test('LBProxy: sessions by ClientID stay, first messages fail over, and a suspended member returns', async t => {
  const backends = await Promise.all(['one', 'two', 'three'].map(name => backend(t, name)))
  const { app, url } = await gateway(t, { definitions: configured('lb-proxy.xml', backends), baseDir: 'config' })
  const at = `${url}/services/LBProxy`
  const sent = async (...ids: (string | undefined)[]): Promise<(string | undefined)[]> => {
    const received = []
    for (const id of ids) received.push((await post(at, message(id))).from)
    return received
  }

  t.same(
    await sent(undefined, undefined, undefined, undefined),
    ['one', 'two', 'three', 'one'],
    'without a session: round robin'
  )
  t.same(
    await sent('c1', 'c2', 'c3', 'c1', 'c2', 'c3', 'c3'),
    ['two', 'three', 'one', 'two', 'three', 'one', 'one'],
    'each session at one server'
  )

  const { requests } = backends[1]!
  t.match(
    requests.at(-1)!.body,
    /<wsa:To[^>]*>http:\/\/127\.0\.0\.1:\d+\/services\/LBService1<\/wsa:To>/,
    'enableAddressing: To is the address of the endpoint'
  )
  t.match(requests.at(-1)!.body, /<wsa:Action[^>]*>urn:sampleOperation<\/wsa:Action>/)
  t.match(requests.at(-1)!.body, /<s:Body><Value>v1<\/Value><\/s:Body>/, 'the Body keeps its bytes')
  const ids = requests.map(({ body }) => /MessageID[^>]*>([^<]+)/.exec(body)?.[1])
  t.equal(new Set(ids).size, ids.length, 'each message has an id of its own')

  await backends[1]!.stop()
  const lost = await post(at, message('c1'))
  t.match(
    lost,
    { status: 500, type: /^application\/soap\+xml/, body: /COULDN'T SEND THE MESSAGE TO THE SERVER\./ },
    'a bound session does not move: the errorHandler responds'
  )
  t.match(lost.body, /<soapenv:Value xmlns:tns="http:\/\/www\.w3\.org\/2003\/05\/soap-envelope">tns:Receiver</)
  t.match(lost.body, /ClientID[^>]*>c1</, 'and its header blocks come back')
  t.notMatch(lost.headers.get('soapaction'), /./, 'but not its own HTTP headers')
  const endpoint = [...app.endpointRegistry.endpoints.values()].find(({ address }) =>
    address.includes(`:${backends[1]!.port}/`)
  )!
  t.match(endpoint.health, { state: 'suspended', duration: 20_000 })
  t.same(await sent('c2', 'c3', 'd1', 'd2', 'd3'), ['three', 'one', 'three', 'one', 'three'], 'others do not notice')

  await backends[1]!.start()
  t.equal((await post(at, message('c1'))).status, 500, 'until the suspension is over')
  app.endpointRegistry.switchOn(endpoint.name)
  t.same(await sent('c1'), ['two'], 'then the session is where it was')
})

t.test('LBProxy: without any back-end the fault sequence responds', async t => {
  const backends = await Promise.all(['one', 'two', 'three'].map(name => backend(t, name)))
  const { app, url } = await gateway(t, { definitions: configured('lb-proxy.xml', backends), baseDir: 'config' })
  const at = `${url}/services/LBProxy`
  await Promise.all(backends.map(each => each.stop()))

  const first = await post(at, message('c9'))
  t.match(first, { status: 500, type: /^application\/soap\+xml/ })
  t.same(
    [...app.endpointRegistry.endpoints.values()].map(({ health, failures: failed }) => [health.state, failed]),
    [
      ['suspended', 1],
      ['suspended', 1],
      ['suspended', 1]
    ],
    'each was tried once'
  )
  const soap11 = await post(at, `<e:Envelope xmlns:e="${SOAP_11}"><e:Body/></e:Envelope>`, {
    'content-type': 'text/xml',
    soapaction: '"urn:x"'
  })
  t.match(soap11, {
    status: 500,
    type: /^text\/xml/,
    body: /<faultcode xmlns:tns="http:\/\/www\.w3\.org\/2003\/05\/soap-envelope">tns:Receiver<\/faultcode>/
  })
  const plain = await post(at, '<Value/>', { 'content-type': 'application/xml' })
  t.match(plain, { status: 500, type: /^application\/xml/, body: /<Exception>COULDN'T SEND/ })
  const [group] = app.endpointRegistry.groups.values()
  t.equal(group!.sessions!.size, 0, 'a session that no member served is not bound')
})

t.test('the WSDL of LBProxy is published at the address of the proxy', async t => {
  const backends = await Promise.all(['one', 'two', 'three'].map(name => backend(t, name)))
  const { url } = await gateway(t, { definitions: configured('lb-proxy.xml', backends), baseDir: 'config' })
  const wsdl = `${url}/services/LBProxy?wsdl`
  let response = await fetch(wsdl)
  for (let tries = 0; response.status === 503 && tries < 50; tries++) response = await fetch(wsdl)
  t.equal(response.status, 200)
  const text = await response.text()
  t.match(text, `location="${url}/services/LBProxy`)
  t.notMatch(text, /localhost:9001/)
})

t.test('hostile and malformed messages get a response, and suspend no endpoint', async t => {
  const backends = await Promise.all(['one', 'two', 'three'].map(name => backend(t, name)))
  const { app, url } = await gateway(t, { definitions: configured('lb-proxy.xml', backends), baseDir: 'config' })
  const at = `${url}/services/LBProxy`
  t.equal((await post(at, message('keeps'))).from, 'one')
  const long = `<s:Envelope xmlns:s="${SOAP_12}"><s:Header><a>${'x'.repeat(1_100_000)}</a></s:Header><s:Body/></s:Envelope>`
  const bad: Record<string, string> = {
    'no XML': 'this is not XML',
    'cut off': '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>',
    'a DOCTYPE': `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${message('&b;')}`,
    'an unbound prefix': message().replace(' xmlns:s=', ' xmlns:t='),
    'an endless header': long,
    'a ClientID with an undeclared prefix': message().replace('<s:Header>', '<s:Header><syn:ClientID>x</syn:ClientID>')
  }
  for (const [what, body] of Object.entries(bad)) {
    const response = await post(at, body)
    t.ok(response.status === 500 || response.status === 400, `${what}: ${response.status}`)
    t.match(response, { type: /^application\/soap\+xml/, body: /Fault>/ }, `${what} gets a fault`)
    t.notMatch(response.body, /\bat .*:\d+:\d+\)|node_modules|etc\/passwd/, `${what} reveals nothing about the gateway`)
  }
  t.same(
    [...app.endpointRegistry.endpoints.values()].map(({ health, inFlight: inflight }) => [health.state, inflight]),
    [
      ['active', 0],
      ['active', 0],
      ['active', 0]
    ],
    'it counts against no endpoint'
  )
  t.equal(backends.flatMap(({ requests }) => requests).length, 1, 'no back-end was reached')
  t.equal((await post(at, message('keeps'))).from, 'one', 'and the session is where it was')
})
