import t from 'tap'
import {
  answered,
  failed,
  header,
  MAKE_FAULT,
  play,
  proxyIn,
  proxyOf,
  request,
  SEND,
  soap,
  soapRequest,
  step,
  SHOW_WAY,
  textOf,
  TO_BACKEND,
  wrongWith
} from '../../support/flows/drive-flow.js'

const way = (
  service: ReturnType<typeof proxyOf>,
  ...given: Parameters<typeof play> extends [unknown, ...infer Rest] ? Rest : never
): string | undefined => header(play(service, ...given).response, 'X-Way')
const stock = (symbol: string) =>
  soapRequest(`<w:GetQuote xmlns:w="http://www.webserviceX.NET/"><w:symbol>${symbol}</w:symbol></w:GetQuote>`)
const WSX = 'xmlns:wsx="http://www.webserviceX.NET/"'
const END = `${SHOW_WAY}<respond/>`

t.test('filter: an XPath that is true leads to then, another one to else', async t => {
  const service = proxyOf({
    in: `<filter xpath="//*[wsx:symbol='IBM']" ${WSX}><then>${step('then')}</then><else>${step('else')}</else></filter>${END}`
  })
  t.equal(way(service, stock('IBM')), 'then ')
  t.equal(way(service, stock('MSFT')), 'else ')
  t.equal(service.reads.request, 'body')
})

t.test('filter: a regular expression has to match the whole text', async t => {
  const service = proxyOf({
    in: `<filter source="//wsx:symbol" regex="I.M" ${WSX}><then>${step('then')}</then><else>${step('else')}</else></filter>${END}`
  })
  t.equal(way(service, stock('IBM')), 'then ')
  t.equal(way(service, stock('IBMS')), 'else ', 'not a part of it')
  t.equal(way(service, soapRequest()), 'else ', 'nothing is not a match')
})

t.test(
  'filter: without then, its children are the branch; branches may be sequences; one that responds ends it',
  async t => {
    const plain = proxyOf({
      in: `<filter source="$trp:X-Kind" regex="a|b">${step('inside')}</filter>${step('after')}${END}`
    })
    const kind = (value: string) => request('', '', { method: 'GET', headers: ['X-Kind', value] })
    t.equal(way(plain, kind('a')), 'inside after ')
    t.equal(way(plain, kind('c')), 'after ')
    const named = proxyOf({
      in: `<filter source="$trp:X-Kind" regex="a"><then sequence="one"/><else sequence="two"/></filter>${END}`,
      beside: `<sequence name="one">${step('one')}</sequence><sequence name="two">${step('two')}</sequence>`
    })
    t.equal(way(named, kind('a')), 'one ')
    t.equal(way(named, kind('b')), 'two ')
    t.equal(named.reads.request, 'nothing')
    const ends = proxyOf({ in: `<filter xpath="true()"><then><respond/></then></filter>${step('never')}${END}` })
    t.equal(way(ends, kind('a')), undefined)
    t.match(wrongWith('<sequence name="s"><filter source="$trp:a"><drop/></filter></sequence>'), [
      /<filter> needs a condition/
    ])
    t.match(wrongWith('<sequence name="s"><filter source="$trp:a" regex="(("><drop/></filter></sequence>'), [
      /"\(\(" is not a regular expression/
    ])
  }
)

t.test('switch: the first case that matches wholly, else default', async t => {
  const service = proxyOf({
    in: `<switch source="//wsx:symbol" ${WSX}><case regex="I.M">${step('one')}</case><case regex="IBM">${step('two')}</case><case regex="S">${step('part')}</case><default>${step('default')}</default></switch>${END}`
  })
  t.equal(way(service, stock('IBM')), 'one ')
  t.equal(way(service, stock('SUN')), 'default ')
  t.equal(way(service, soapRequest()), 'default ', 'nothing selected')
  const bare = proxyOf({
    in: `<switch source="//wsx:symbol" ${WSX}><case regex="IBM"><respond/></case></switch>${step('after')}${END}`
  })
  t.equal(way(bare, stock('SUN')), 'after ')
  t.equal(way(bare, stock('IBM')), undefined)
})

t.test('regular expressions of filter and switch are read as Java reads them', async t => {
  const matches = (regex: string, value: string): boolean =>
    way(
      proxyOf({ in: `<switch source="$trp:X"><case regex="${regex}">${step('yes')}</case></switch>${END}` }),
      request('', '', { method: 'GET', headers: ['X', value] })
    ) === 'yes '
  t.ok(matches('(?i)abc', 'ABC'))
  t.notOk(matches('abc', 'ABC'))
  t.ok(matches('\\Qa.c\\E.*', 'a.cd'))
  t.notOk(matches('\\Qa.c\\E', 'abc'))
  t.ok(matches('http\\:\\/\\/[a-z\\-\\_]+\\.de', 'http://a-b_c.de'))
  t.match(wrongWith('<sequence name="s"><switch source="$trp:X"><case regex="a++"/></switch></sequence>'), [
    /not a regular expression/
  ])
})

t.test('in and out run for their direction', async t => {
  const both = `<in>${step('in')}</in><out>${step('out')}${SHOW_WAY}</out>`
  const service = proxyOf({ in: both + SEND, out: `${both}<send/>` })
  t.equal(way(service, soapRequest(), answered()), 'in out ')
  const turned = proxyOf({ in: `<property name="RESPONSE" value="true"/>${both}<send/>` })
  t.equal(way(turned, soapRequest()), 'out ', 'RESPONSE makes it a response')
  const called = proxyOf({ in: `<call>${TO_BACKEND}</call>${both}${END}` })
  t.equal(way(called, soapRequest(), answered()), 'in ', 'what call brought is still on its way in')
})

t.test('loopback continues in the out sequence', async t => {
  const service = proxyOf({ in: `${step('in')}<loopback/>${step('never')}`, out: `${step('out')}${END}` })
  const { response } = play(service, soapRequest('<same/>'))
  t.equal(header(response, 'X-Way'), 'in out ')
  t.match(textOf(response), '<same/>')
  t.equal(
    play(proxyOf({ in: SEND, out: '<loopback/>' }), soapRequest(), answered()).response.status,
    202,
    'on its way out, it drops'
  )
  t.equal(
    proxyOf({ in: '<loopback/>', out: '<log level="full"/><send/>' }).reads.request,
    'body',
    'the out sequence sees the request'
  )
  t.equal(proxyOf({ in: SEND, out: '<log level="full"/><send/>' }).reads.request, 'nothing')
})

t.test('respond, drop and the end of a sequence end a message', async t => {
  const echo = play(
    proxyOf({ in: '<respond/><drop/>' }),
    soapRequest('<same/>', '1.1', '', { headers: ['Authorization', 'Basic x'] })
  ).response
  t.match({ status: echo.status, text: textOf(echo) }, { status: 200, text: /<same\/>/ })
  t.same(echo.headers, ['Content-Type', 'text/xml; charset=UTF-8'], 'nothing of what the client sent')
  for (const nothing of ['<drop/>', '<log/>', '']) {
    const { response } = play(proxyOf({ in: nothing }), soapRequest())
    t.match(response, { status: 202, headers: [], body: { kind: 'none' } })
  }
  t.equal(play(proxyOf({ in: SEND, out: '<drop/>' }), soapRequest(), answered()).response.status, 202)
})

t.test('call continues with the response; without an endpoint it sends to To', async t => {
  const service = proxyOf({
    in: `${step('a')}<call blocking="true">${TO_BACKEND}</call>${step('b')}<call><endpoint><address uri="http://second/s"/></endpoint></call>${END}`,
    out: step('never')
  })
  const { response, calls } = play(service, soapRequest(), answered(soap('<first/>')), answered(soap('<second/>')))
  t.same(
    calls.map(({ origin }) => origin),
    ['http://backend', 'http://second']
  )
  t.match(textOf(calls[1]!.message), '<first/>', 'the second gets the response of the first')
  t.match(textOf(response), '<second/>')
  t.equal(header(response, 'X-Way'), 'a b ')
  const to = proxyOf({ in: '<header name="To" value="http://there/x"/><call/><respond/>' })
  t.match(play(to, soapRequest(), answered()).calls, [{ origin: 'http://there', path: '/x' }])
})

t.test('send: to an endpoint, to To, back to the client; it ends the sequence', async t => {
  const service = proxyOf({ in: `${SEND}${step('never')}`, out: `${END}` })
  t.equal(way(service, soapRequest(), answered()), undefined)
  const to = proxyOf({
    in: "<header name=\"To\" expression=\"concat('http://','server','/path')\"/><send/>",
    out: '<send/>'
  })
  t.match(play(to, soapRequest(), answered()).calls, [{ origin: 'http://server', path: '/path' }], 'To names the address')
  const removed = play(proxyOf({ in: '<header name="To" action="remove"/><send/>' }), soapRequest())
  t.match({ status: removed.response.status, calls: removed.calls.length }, { status: 500, calls: 0 })
  const once = proxyIn(
    `<proxy name="P"><target><inSequence>${SEND}</inSequence><endpoint><address uri="http://second/s"/></endpoint></target></proxy>`
  )
  t.equal(play(once, soapRequest(), answered()).calls.length, 1, 'the endpoint of the target is not tried, too')
})

t.test('OUT_ONLY drops the response; FORCE_SC_ACCEPTED hides it', async t => {
  const oneWay = play(
    proxyOf({ in: `<property name="OUT_ONLY" value="true"/>${SEND}`, out: '<log/><send/>' }),
    soapRequest(),
    answered()
  )
  t.match({ status: oneWay.response.status, logs: oneWay.logs.length }, { status: 202, logs: 0 })
  const forced = `<property name="FORCE_SC_ACCEPTED" value="true" scope="axis2"/>${SEND}`
  const hidden = play(proxyOf({ in: forced, out: '<log/><send/>' }), soapRequest(), answered())
  t.match(
    { status: hidden.response.status, body: hidden.response.body, logs: hidden.logs.length },
    { status: 202, body: { kind: 'none' }, logs: 1 },
    'the out sequence runs'
  )
  t.equal(play(proxyOf({ in: forced, fault: `${MAKE_FAULT}<send/>` }), soapRequest(), failed()).response.status, 202)
})

t.test('sequences: in order, nested, by a computed name', async t => {
  const beside = `<sequence name="one">${step('one')}<sequence key="two"/></sequence><sequence name="two">${step('two')}</sequence><sequence name="{odd}">${step('odd')}</sequence>`
  t.equal(
    way(proxyOf({ in: `${step('a')}<sequence key="one"/>${step('z')}${END}`, beside }), soapRequest()),
    'a one two z '
  )
  const dynamic = proxyOf({
    in: `<property name="k" value="two"/><sequence key="{get-property('k')}"/>${END}`,
    beside
  })
  t.equal(way(dynamic, soapRequest()), 'two ')
  t.match(dynamic.reads, { request: 'body', response: 'body' }, 'whichever it is, it can read')
  t.equal(way(proxyOf({ in: `<sequence key="{{odd}}"/>${END}`, beside }), soapRequest()), 'odd ')
  for (const key of ['{$trp:Nope}', 'nowhere']) {
    const { response } = play(
      proxyOf({ in: `<sequence key="${key}"/>${END}`, beside }),
      soapRequest('', '1.1', '', { headers: ['Nope', '__proto__'] })
    )
    t.match({ status: response.status, text: textOf(response) }, { status: 500, text: /unknown sequence/ })
  }
  t.match(wrongWith('<sequence name="s"><sequence key="x" onError="y"/></sequence>'), [/cannot have onError/])
})

t.test('an unsupported mediator is reported with an alternative', async t => {
  t.match(wrongWith('<sequence name="s"><xslt/><class name="x"/><scatter-gather/><makefoult/></sequence>'), [
    /unsupported mediator <xslt> \(use `payloadFactory`/,
    /<class>.*extensions: { mediators/,
    /<scatter-gather>.*aggregate/,
    /<makefoult>.*\(did you mean "makefault"/
  ])
})
