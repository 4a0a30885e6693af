import t from 'tap'
import { readFault } from '../../../lib/soap/fault.js'
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
  wrongWith
} from '../../support/flows/drive-flow.js'

const THROWS = '<property name="i" expression="\'x\'" type="INTEGER"/>'
const S11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const S12 = 'http://www.w3.org/2003/05/soap-envelope'
const RESPONSES = `${SHOW_WAY}${MAKE_FAULT}<send/>`
const faultIn = (
  service: ReturnType<typeof proxyOf>,
  ...given: Parameters<typeof play> extends [unknown, ...infer Rest] ? Rest : never
) => {
  const { response } = play(service, ...given)
  return {
    status: response.status,
    type: header(response, 'Content-Type'),
    way: header(response, 'X-Way'),
    text: textOf(response),
    fault:
      response.body.kind === 'bytes' && textOf(response).includes('Envelope') ? readFault(response.body.bytes) : undefined
  }
}

t.test('an exception is handled by the onError of its sequence, else by the fault sequence', async t => {
  const beside = `<sequence name="throws" onError="handler">${step('t')}${THROWS}${step('never')}</sequence><sequence name="handler">${step('handler')}${RESPONSES}</sequence>`
  const guarded = proxyOf({
    in: `<sequence key="throws"/>${step('never')}<respond/>`,
    fault: `${step('proxy')}${RESPONSES}`,
    beside
  })
  t.match(faultIn(guarded, soapRequest()), { status: 500, way: 't handler ', fault: { reason: /INTEGER/ } })
  const bare = proxyOf({ in: `${step('a')}${THROWS}`, fault: `${step('proxy')}${RESPONSES}` })
  t.match(faultIn(bare, soapRequest()), { status: 500, way: 'a proxy ', fault: { reason: /INTEGER/ } })
})

t.test('the handler of a sequence stays armed for what it has sent', async t => {
  const beside = `<sequence name="sends" onError="handler">${SEND}</sequence><sequence name="handler">${step('handler')}<property name="X-Code" expression="get-property('ERROR_CODE')" scope="transport"/>${RESPONSES}</sequence>`
  const { response } = play(proxyOf({ in: '<sequence key="sends"/>', fault: RESPONSES, beside }), soapRequest(), failed())
  t.match({ way: header(response, 'X-Way'), code: header(response, 'X-Code') }, { way: 'handler ', code: '101503' })
})

t.test(
  'a handler that throws passes on to the next; one without a response leaves the fault for the client',
  async t => {
    const beside = `<sequence name="throws" onError="handler">${THROWS}</sequence><sequence name="handler">${step('handler')}${THROWS}</sequence>`
    t.match(
      faultIn(
        proxyOf({ in: '<sequence key="throws"/>', fault: `${step('proxy')}${RESPONSES}`, beside }),
        soapRequest()
      ),
      { way: 'handler proxy ' }
    )
    for (const fault of ['<log/>', '<drop/>', undefined]) {
      t.match(faultIn(proxyOf({ in: SEND, ...(fault !== undefined && { fault }) }), soapRequest(), failed()), {
        status: 500,
        fault: { version: '1.1', reason: 'no listener', detail: '<code>101503</code>' }
      })
    }
    const quiet =
      '<sequence name="throws" onError="quiet">' + THROWS + '</sequence><sequence name="quiet"><log/></sequence>'
    t.match(faultIn(proxyOf({ in: '<sequence key="throws"/>', beside: quiet }), soapRequest()), {
      status: 500,
      fault: { reason: /INTEGER/ }
    })
  }
)

t.test('a failure in the out sequence is a 500, whatever the status of the endpoint', async t => {
  t.match(faultIn(proxyOf({ in: SEND, out: THROWS, fault: RESPONSES }), soapRequest(), answered()), {
    status: 500,
    fault: { reason: /INTEGER/ }
  })
  t.equal(
    faultIn(proxyOf({ in: SEND, out: `${MAKE_FAULT}<send/>` }), soapRequest(), answered()).status,
    200,
    'one that is made on the way out goes out as what the endpoint said'
  )
})

t.test('a later exception hides no earlier failure', async t => {
  const { response } = play(proxyOf({ in: SEND, fault: `${THROWS}`, beside: '' }), soapRequest(), failed())
  t.equal(response.status, 500)
  const beside = `<sequence name="sends" onError="handler">${SEND}</sequence><sequence name="handler">${THROWS}</sequence>`
  const kept = play(
    proxyOf({
      in: '<sequence key="sends"/>',
      fault: `<property name="X-Code" expression="get-property('ERROR_CODE')" scope="transport"/>${RESPONSES}`,
      beside
    }),
    soapRequest(),
    failed()
  ).response
  t.equal(header(kept, 'X-Code'), '101503')
})

t.test('a proxy that is stopped responds with a fault', async t => {
  const stopped = proxyIn(
    `<proxy name="P" startOnLoad="false"><target><inSequence>${SEND}</inSequence><faultSequence>${step('never')}${RESPONSES}</faultSequence></target></proxy>`
  )
  t.match(faultIn(stopped, soapRequest()), {
    status: 500,
    way: undefined,
    fault: { reason: 'The system is attempting to access an inactive service: P' }
  })
})

t.test('makefault follows the version of the message', async t => {
  const service = proxyOf({
    in: `<makefault><code value="t:Receiver" xmlns:t="${S12}"/><reason value="gone"/></makefault><respond/>`
  })
  t.match(faultIn(service, soapRequest()), {
    status: 500,
    type: 'text/xml; charset=UTF-8',
    fault: { version: '1.1', code: { namespace: S12, name: 'Receiver' }, reason: 'gone', detail: undefined }
  })
  t.match(faultIn(service, soapRequest('<x/>', '1.2')), {
    status: 500,
    type: 'application/soap+xml; charset=UTF-8',
    fault: { version: '1.2', code: { namespace: S12, name: 'Receiver' } }
  })
  t.match(faultIn(service, request('<x/>', 'application/xml')), {
    status: 500,
    type: 'application/xml; charset=UTF-8',
    text: '<Exception>gone</Exception>'
  })
  t.match(faultIn(service, request('{}', 'application/json')), {
    status: 500,
    type: 'application/json; charset=UTF-8',
    text: '{"Fault":{"faultcode":"t:Receiver","faultstring":"gone"}}'
  })
  t.match(faultIn(service, request('', '', { method: 'GET' })), {
    status: 500,
    type: 'application/xml; charset=UTF-8',
    text: '<Exception>gone</Exception>'
  })
})

t.test('makefault in SOAP 1.1: any code, role, detail', async t => {
  const service = (detail: string) =>
    proxyOf({
      in: `<makefault version="soap11"><code value="n:somefaultcode" xmlns:n="http://namespace"/><reason value="Some fault string"/><role>http://actor</role>${detail}</makefault><respond/>`
    })
  t.match(faultIn(service('<detail>Some detail text</detail>'), soapRequest()), {
    fault: {
      version: '1.1',
      code: { namespace: 'http://namespace', name: 'somefaultcode' },
      reason: 'Some fault string',
      role: 'http://actor',
      detail: 'Some detail text'
    }
  })
  t.match(
    faultIn(service('<detail><test>Test Details</test><test2>Test2 Details</test2></detail>'), soapRequest()).fault!
      .detail,
    /<test\b[^>]*>Test Details<\/test><test2\b[^>]*>Test2 Details<\/test2>/
  )
  t.equal(faultIn(service('<detail/>'), soapRequest()).fault!.detail, '')
  t.equal(faultIn(service(''), soapRequest('<x/>', '1.2')).type, 'text/xml; charset=UTF-8', 'it is called what it is')
})

t.test('makefault: the detail of an expression is XML', async t => {
  const service = proxyOf({
    in: '<makefault version="soap11"><code value="e:Server" xmlns:e="urn:e"/><reason value="r"/><detail expression="get-property(\'foo\')"/></makefault><respond/>'
  })
  const detail = (foo: string) =>
    faultIn(service, soapRequest('<x/>', '1.1', '', { properties: { foo } })).fault!.detail
  t.equal(detail('<test>some text</test>'), '<test>some text</test>')
  t.equal(detail('Some detail text'), '')
  t.equal(detail('<broken>'), '')
  t.equal(
    proxyOf({
      in: '<makefault version="soap11"><code expression="\'Server\'"/><reason expression="//a"/></makefault>'
    }).reads.request,
    'body'
  )
})

t.test('makefault as plain XML keeps the envelope of a SOAP message', async t => {
  const service = proxyOf({ in: '<makefault version="pox"><reason value="a &lt; b"/></makefault><respond/>' })
  const pox = faultIn(service, soapRequest('<x/>', '1.2', '<h:a xmlns:h="urn:h">A</h:a>'))
  t.match(pox, {
    status: 500,
    type: 'application/soap+xml; charset=UTF-8',
    text: /<h:a xmlns:h="urn:h">A<\/h:a>.*<Exception>a &lt; b<\/Exception>/
  })
  t.equal(faultIn(service, request('<x/>', 'text/xml')).text, '<Exception>a &lt; b</Exception>')
})

t.test('a fault keeps the header blocks of the message, which continues where response is false', async t => {
  const make = (more = '') =>
    `<makefault${more}><code value="t:Sender" xmlns:t="${S12}"/><reason value="r"/></makefault>`
  t.match(
    faultIn(proxyOf({ in: `${make()}<send/>` }), soapRequest('<x/>', '1.1', '<h:a xmlns:h="urn:h">A</h:a>')).text,
    '<h:a xmlns:h="urn:h">A</h:a>'
  )
  const on = play(proxyOf({ in: make(' response="false"') + SEND, out: '<send/>' }), soapRequest(), answered())
  t.match(textOf(on.calls[0]!.message), /Fault/)
})

t.test('the status of a fault follows HTTP_SC and FAULTS_AS_HTTP_200', async t => {
  const status = (property: string) =>
    faultIn(proxyOf({ in: `${MAKE_FAULT}${property}<send/>` }), soapRequest()).status
  const axis2 = (name: string, value: string) => `<property name="${name}" value="${value}" scope="axis2"/>`
  t.equal(status(axis2('HTTP_SC', '400')), 400)
  t.equal(status(axis2('HTTP_SC', 'bad')), 500)
  t.equal(status(axis2('HTTP_SC', '99999')), 500)
  t.equal(status(axis2('FAULTS_AS_HTTP_200', 'TRUE')), 200)
  t.equal(status(axis2('FAULTS_AS_HTTP_200', 'true')), 500)
})

t.test('makefault: settings that make no fault are refused', async t => {
  const wrong = (inner: string, more = '') =>
    wrongWith(`<sequence name="s"><makefault${more}>${inner}</makefault></sequence>`)
  const code = `<code value="e:Server" xmlns:e="${S11}"/>`
  t.match(wrong(`${code}<reason value="r"/>`), [/is not a code of SOAP 1.2/])
  t.same(wrong(`${code}<reason value="r"/>`, ' version="soap11"'), [])
  t.match(wrong('<reason value="r"/>'), [/needs a <code>/])
  t.match(wrong(code, ' version="soap11"'), [/needs a <reason>/])
  t.match(wrong('<code value="Server"/><reason value="r"/>'), [/needs a prefix/])
  t.match(wrong('<code value="x:Server"/><reason value="r"/>'), [/prefix x .* is not declared/])
  t.not(wrong(`${code}<reason value="r"/>`, ' version="soap13"').length, 0)
})

t.test('a fault of a back-end is a response; FORCE_ERROR_ON_SOAP_FAULT makes it a failure', async t => {
  const theirs = answered(
    soap('<s:Fault><faultcode>s:Server</faultcode><faultstring>theirs</faultstring></s:Fault>'),
    'text/xml',
    { status: 500 }
  )
  const group =
    '<send><endpoint><failover><endpoint><address uri="http://one/s"/></endpoint><endpoint><address uri="http://two/s"/></endpoint></failover></endpoint></send>'
  const relayed = play(proxyOf({ in: group, out: '<send/>' }), soapRequest(), theirs)
  t.match({ status: relayed.response.status, text: textOf(relayed.response) }, { status: 500, text: /theirs/ })
  const forced = proxyOf({
    in: `<property name="FORCE_ERROR_ON_SOAP_FAULT" value="true"/>${group}`,
    out: '<send/>',
    fault: `<property name="X-Code" expression="get-property('ERROR_CODE')" scope="transport"/>${MAKE_FAULT}<send/>`
  })
  t.equal(forced.reads.response, 'body')
  const over = play(forced, soapRequest(), theirs, answered(soap('<fine/>')))
  t.match(
    { tried: over.calls.map(({ origin }) => origin), text: textOf(over.response) },
    { tried: ['http://one', 'http://two'], text: /<fine\/>/ }
  )
  const both = play(
    proxyOf({
      in: `<property name="FORCE_ERROR_ON_SOAP_FAULT" value="true"/>${group}`,
      fault: `<property name="X-Code" expression="get-property('ERROR_CODE')" scope="transport"/>${MAKE_FAULT}<send/>`
    }),
    soapRequest(),
    theirs,
    theirs
  )
  t.equal(header(both.response, 'X-Code'), '500000')
})
