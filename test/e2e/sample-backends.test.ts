import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { test, type Test } from 'tap'
import { request } from 'undici'
import { startBackend, type BackendOptions } from '../../lib/cli/sample/server.js'

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope'
const TYPE11 = 'text/xml; charset=UTF-8'

const envelope = (content: string, { namespace = SOAP11, header = '' } = {}) =>
  `<?xml version='1.0' encoding='UTF-8'?><s:Envelope xmlns:s="${namespace}"><s:Header>${header}</s:Header><s:Body>${content}</s:Body></s:Envelope>`

async function start (t: Test, options: Partial<BackendOptions> = {}) {
  const backend = await startBackend({ port: 0, name: 'MyServer1', ...options })
  t.teardown(() => backend.close())
  return async (
    service: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
    method: 'POST' | 'GET' | 'PUT' = 'POST'
  ) => {
    const response = await request(`http://127.0.0.1:${backend.port}/services/${service}`, {
      method,
      headers: { 'content-type': TYPE11, ...headers },
      ...(method === 'GET' ? {} : { body })
    })
    return { status: response.statusCode, headers: response.headers, body: await response.body.text() }
  }
}

test('sampleOperation returns its element with the name of the server, in the version of the request', async t => {
  const post = await start(t)
  const old = await post('LBService1', envelope('<v:Value xmlns:v="urn:v" a="1">Sample <b>string</b></v:Value>'), {
    soapaction: '"urn:sampleOperation"'
  })
  t.equal(old.status, 200)
  t.equal(old.headers['content-type'], 'text/xml; charset=UTF-8')
  t.equal(
    old.body,
    `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="${SOAP11}"><soapenv:Body>` +
      '<v:Value xmlns:v="urn:v" a="1">Response from server: MyServer1</v:Value></soapenv:Body></soapenv:Envelope>'
  )

  const now = await post('LBService1', envelope('<Value>v1</Value>', { namespace: SOAP12 }), {
    'content-type': 'application/soap+xml; charset=UTF-8; action="urn:sampleOperation"'
  })
  t.equal(now.headers['content-type'], 'application/soap+xml; action="urn:sampleOperationResponse"; charset=UTF-8')
  t.match(
    now.body,
    `<soapenv:Envelope xmlns:soapenv="${SOAP12}"><soapenv:Body><Value>Response from server: MyServer1</Value>`
  )
})

test('an element whose namespace is declared further out keeps it in the response', async t => {
  const post = await start(t)
  const { body } = await post(
    'LBService1',
    `<s:Envelope xmlns:s="${SOAP11}" xmlns="urn:outer"><s:Body><Value>1</Value></s:Body></s:Envelope>`,
    { soapaction: 'urn:sampleOperation' }
  )
  t.match(body, '<Value xmlns="urn:outer">Response from server: MyServer1</Value>')
})

test('an operation is found by wsa:Action, then by SOAPAction, then by the content', async t => {
  const post = await start(t)
  const action = '<a:Action xmlns:a="http://www.w3.org/2005/08/addressing">urn:setClientName</a:Action>'
  const addressed = await post('LBService1', envelope('<Value/>', { header: action }), {
    soapaction: '"urn:sampleOperation"'
  })
  t.match(addressed.body, '<Value>Sessions are not supported in this service.</Value>')
  const unknown = await post('LBService1', envelope('<sampleOperation/>'), { soapaction: '"urn:other"' })
  t.match(unknown.body, '<sampleOperation>Response from server: MyServer1</sampleOperation>')
  const none = await post('LBService1', envelope('<constructor/>'), { soapaction: '"urn:toString"' })
  t.equal(none.status, 500)
  t.match(none.body, '<faultcode>soapenv:Client</faultcode>')
})

test('a message with addressing is answered with addressing, in the version that it uses', async t => {
  const post = await start(t)
  for (const namespace of [
    'http://www.w3.org/2005/08/addressing',
    'http://schemas.xmlsoap.org/ws/2004/08/addressing'
  ]) {
    const header = `<a:MessageID xmlns:a="${namespace}">urn:uuid:1&amp;2</a:MessageID>`
    const { body } = await post('LBService1', envelope('<Value/>', { header }), {
      soapaction: 'urn:sampleOperation'
    })
    t.match(
      body,
      `<wsa:Action xmlns:wsa="${namespace}">urn:sampleOperationResponse</wsa:Action><wsa:RelatesTo xmlns:wsa="${namespace}">urn:uuid:1&amp;2</wsa:RelatesTo>`
    )
  }
})

test('a server without a name is anonymous, and one that echoes responds with the address of the request', async t => {
  const anonymous = await start(t, { name: undefined })
  t.match(
    (await anonymous('LBService1', envelope('<Value/>'), { soapaction: 'urn:sampleOperation' })).body,
    '>Response from anonymous server<'
  )
  const echo = await start(t, { echoTo: true })
  const header = '<a:To xmlns:a="http://www.w3.org/2005/08/addressing">http://localhost:9001/services/LBService1</a:To>'
  t.match(
    (await echo('LBService1', envelope('<Value/>', { header }), { soapaction: 'urn:sampleOperation' })).body,
    '>Response from server: http://localhost:9001/services/LBService1<'
  )
  t.match(
    (await echo('LBService1', envelope('<Value/>'), { soapaction: 'urn:sampleOperation' })).body,
    /Response from server: http:\/\/127\.0\.0\.1:\d+\/services\/LBService1</
  )
})

test('sleepOperation and loadOperation work for as long as `load` requests, and put the result there', async t => {
  const post = await start(t)
  for (const operation of ['sleepOperation', 'loadOperation']) {
    t.match(
      (await post('LBService1', envelope('<x><other/><load>5</load></x>'), { soapaction: `urn:${operation}` }))
        .body,
      '<x><other/><load>Response from server: MyServer1</load></x>'
    )
    for (const content of ['<x/>', '<x><load>-1</load></x>', '<x><load>soon</load></x>', '']) {
      t.equal(
        (await post('LBService1', envelope(content), { soapaction: `urn:${operation}` })).status,
        500,
        `${operation} of ${content}`
      )
    }
  }
})

test('closing the server ends a sleepOperation in flight', async t => {
  const backend = await startBackend({ port: 0 })
  const asleep = connect(backend.port, '127.0.0.1').on('error', () => {})
  const gone = new Promise(resolve => asleep.on('close', resolve))
  const message = envelope('<x><load>60000</load></x>')
  asleep.write(
    `POST /services/LBService1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: text/xml\r\nSOAPAction: urn:sleepOperation\r\nContent-Length: ${message.length}\r\n\r\n`
  )
  await once(asleep, 'data')
  asleep.write(message)
  await backend.close()
  await gone
  t.pass('closed at once')
})

const order = (symbol: string) =>
  `<m0:placeOrder xmlns:m0="http://services.samples"><m0:order><m0:price>141.2</m0:price><m0:quantity>5000</m0:quantity><m0:symbol>${symbol}</m0:symbol></m0:order></m0:placeOrder>`

test('placeOrder gets 202 without a body, and one line of the log whatever its text', async t => {
  const log: string[] = []
  const post = await start(t, { log: line => log.push(line) })
  const taken = await post('SimpleStockQuoteService', envelope(order('IBM')), { soapaction: '"urn:placeOrder"' })
  t.same([taken.status, taken.body, taken.headers['content-type']], [202, '', undefined])
  await post('SimpleStockQuoteService', envelope(order('A&#10;B')))
  t.same(log, [
    'samples.services.SimpleStockQuoteService :: Accepted order #1 for : 5000 stocks of IBM at $ 141.2',
    'samples.services.SimpleStockQuoteService :: Accepted order #2 for : 5000 stocks of A?B at $ 141.2'
  ])
})

const send = (operation: string, content: string) =>
  envelope(`<m0:${operation} xmlns:m0="http://services.samples">${content}</m0:${operation}>`)
const fieldsIn = (xml: string) => [...xml.matchAll(/<ns:(\w+)>[^<]*<\/ns:\1>/g)].map(match => match[1]!)

test('a quote has its fields in the order of their names, and is the same on every server at any time', async t => {
  const [one, other] = [await start(t), await start(t)]
  const quote = await one(
    'SimpleStockQuoteService',
    send('getQuote', '<m0:request><m0:symbol>IBM</m0:symbol></m0:request>'),
    { soapaction: 'urn:getQuote' }
  )
  t.equal(quote.status, 200)
  t.match(quote.body, '<ns:getQuoteResponse xmlns:ns="http://services.samples"><ns:return><ns:change>')
  t.match(quote.body, '<ns:name>IBM Company</ns:name>')
  t.same(fieldsIn(quote.body), [
    'change',
    'earnings',
    'high',
    'last',
    'lastTradeTimestamp',
    'low',
    'marketCap',
    'name',
    'open',
    'peRatio',
    'percentageChange',
    'prevClose',
    'symbol',
    'volume'
  ])
  const simple = await other('SimpleStockQuoteService', send('getSimpleQuote', '<m0:symbol>IBM</m0:symbol>'))
  t.equal(simple.body, quote.body.replaceAll('getQuoteResponse', 'getSimpleQuoteResponse'))
  t.not(
    (await one('SimpleStockQuoteService', send('getSimpleQuote', '<m0:symbol>MSFT</m0:symbol>'))).body.replaceAll(
      'MSFT',
      'IBM'
    ),
    simple.body
  )
})

test('the full quote is a year long, and market activity has one quote for each symbol', async t => {
  const post = await start(t)
  const full = await post(
    'SimpleStockQuoteService',
    send('getFullQuote', '<m0:request><m0:symbol>IBM</m0:symbol></m0:request>')
  )
  t.equal(full.body.split('<ns:tradeHistory><ns:day>').length - 1, 365)
  const symbols = Array.from({ length: 100 }, (_, at) => `<m0:symbols>S${at}</m0:symbols>`).join('')
  const activity = await post(
    'SimpleStockQuoteService',
    send('getMarketActivity', `<m0:request>${symbols}</m0:request>`)
  )
  t.equal(activity.body.split('<ns:quotes>').length - 1, 100)
  t.match(activity.body, '<ns:symbol>S99</ns:symbol>')
})

test('a symbol is text, never markup', async t => {
  const post = await start(t)
  const { body } = await post('SimpleStockQuoteService', send('getSimpleQuote', '<m0:symbol>&lt;ns:x></m0:symbol>'))
  t.match(body, '<ns:symbol>&lt;ns:x></ns:symbol>')
})

test('the symbol ERR is a fault of the service, in both versions', async t => {
  const post = await start(t)
  const content = '<m0:getSimpleQuote xmlns:m0="http://services.samples"><m0:symbol>ERR</m0:symbol></m0:getSimpleQuote>'
  const old = await post('SimpleStockQuoteService', envelope(content))
  t.equal(old.status, 500)
  t.match(
    old.body,
    '<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>Invalid stock symbol : ERR</faultstring>' +
    '<detail><ns:SimpleStockQuoteServiceException '
  )
  const now = await post('SimpleStockQuoteService', envelope(content, { namespace: SOAP12 }), {
    'content-type': 'application/soap+xml'
  })
  t.equal(now.status, 500)
  t.match(now.body, '<soapenv:Value>soapenv:Receiver</soapenv:Value>')
  t.match(now.body, '<ns:Message>Invalid stock symbol : ERR</ns:Message>')
})

test('the fault for an invalid request names the sender', async t => {
  const post = await start(t)
  for (const content of ['', '<m0:symbol/>']) {
    t.match(
      (await post('SimpleStockQuoteService', send('getSimpleQuote', content))).body,
      '<faultcode>soapenv:Client</faultcode>'
    )
  }
})

test('a message that no sample service accepts is refused with a reason', async t => {
  const post = await start(t)
  const good = envelope('<sampleOperation/>')
  const refusals: [number, string, ...Parameters<typeof post>][] = [
    [404, 'LBService1', 'Other', good],
    [404, 'LBService1', '', good],
    [405, 'POST', 'LBService1', '', {}, 'GET'],
    [405, 'POST', 'LBService1', good, {}, 'PUT'],
    [415, 'text/xml', 'LBService1', good, { 'content-type': 'application/json' }],
    [415, 'UTF-8', 'LBService1', good, { 'content-type': 'text/xml; charset=latin1' }],
    [415, 'compressed', 'LBService1', good, { 'content-encoding': 'gzip' }],
    [400, 'SOAP 1.2, the envelope that of SOAP 1.1', 'LBService1', good, { 'content-type': 'application/soap+xml' }],
    [400, 'it is empty', 'LBService1', ''],
    [400, 'ends too early', 'LBService1', good.slice(0, -3)],
    [400, 'second root', 'LBService1', `${good}<a/>`],
    [400, 'not a SOAP envelope', 'LBService1', '<a/>'],
    [400, 'no Body', 'LBService1', `<e:Envelope xmlns:e="${SOAP11}"/>`],
    [400, 'DOCTYPE', 'LBService1', `<!DOCTYPE a [<!ENTITY b "c">]>${good}`],
    [400, 'not UTF-8', 'LBService1', Buffer.from(good.replace('<sampleOperation/>', 'é'), 'latin1')],
    [400, 'nested deeper', 'LBService1', envelope('<a xmlns:b="c">'.repeat(2000) + '</a>'.repeat(2000))],
    [413, '1048576', 'LBService1', Buffer.alloc(1024 * 1024 + 1, ' ')]
  ]
  for (const [status, words, ...sent] of refusals) {
    const response = await post(...sent)
    t.equal(response.status, status, words)
    t.match(response.body, words)
    t.equal(response.headers['content-type'], 'text/plain; charset=UTF-8')
  }
})

test('a message in chunks is read, up to the limit', async t => {
  const backend = await startBackend({ port: 0, name: 'MyServer1' })
  t.teardown(() => backend.close())
  const text = 'x'.repeat(1024 * 1024 - 1000)
  const response = await request(`http://127.0.0.1:${backend.port}/services/LBService1`, {
    method: 'POST',
    headers: { 'content-type': TYPE11, soapaction: '"urn:sampleOperation"' },
    body: Readable.from(envelope(`<Value>${text}</Value>`).match(/[^]{1,10000}/g)!.map(each => Buffer.from(each)))
  })
  t.equal(response.statusCode, 200)
  t.match(await response.body.text(), 'Response from server: MyServer1')
})

test('a port in use is an error that names the port', async t => {
  const first = await startBackend({ port: 0 })
  t.teardown(() => first.close())
  await t.rejects(startBackend({ port: first.port }), { code: 'EADDRINUSE', port: first.port })
})
