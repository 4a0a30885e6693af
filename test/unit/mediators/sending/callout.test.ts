import t from 'tap'
import type { ForwardOutcome } from '../../../../lib/contracts/flow.js'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import type { Message } from '../../../../lib/message/message.js'
import {
  answered,
  definitionsOf,
  failed,
  header,
  play,
  proxyOf,
  request,
  soap,
  soapRequest,
  textOf,
  wrongWith,
  type Played
} from '../../../support/flows/drive-flow.js'

const JSON_TYPE = 'application/json'
const ORDER = '<o:order xmlns:o="urn:o"><o:id>7</o:id></o:order>'
const STOCK = '<stock xmlns="">3</stock>'
/** The first element in the Body of either version, as the samples of the engines select it. */
const FIRST =
  'xmlns:s11="http://schemas.xmlsoap.org/soap/envelope/" xmlns:s12="http://www.w3.org/2003/05/soap-envelope" ' +
  'xpath="s11:Body/child::*[fn:position()=1] | s12:Body/child::*[fn:position()=1]"'
const FIRST_ELEMENTS = `<source ${FIRST}/><target ${FIRST}/>`
const SERVICE = 'serviceURL="http://backend/s"'
const RESPOND = '<property name="RESPONSE" value="true"/><header name="To" action="remove"/><send/>'

interface Given {
  readonly attributes?: string
  readonly message?: Message
  readonly responses?: readonly ForwardOutcome[]
  readonly before?: string
  readonly after?: string
  readonly beside?: string
}

const calledOut = (inside: string, given: Given = {}): Played => {
  const { attributes = SERVICE, before = '', after = RESPOND, beside = '' } = given
  const service = proxyOf({
    in: `${before}<callout ${attributes}>${inside}</callout>${after}`,
    fault:
      '<property name="X-Error" expression="$ctx:ERROR_MESSAGE" scope="transport"/>' +
      '<property name="X-Code" expression="$ctx:ERROR_CODE" scope="transport"/><respond/>',
    beside
  })
  return play(service, given.message ?? soapRequest(ORDER), ...(given.responses ?? [answered(soap(STOCK))]))
}
const sent = ({ calls }: Played): string => textOf(calls[0]!.message)

t.test('callout sends the first element of the Body, and puts that of the response in its place', async t => {
  for (const version of ['1.1', '1.2'] as const) {
    const kept = '<h:kept xmlns:h="urn:h"/>'
    const played = calledOut(FIRST_ELEMENTS, {
      message: soapRequest(`${ORDER}<more/>`, version, kept),
      responses: [answered(soap(STOCK, version, '<theirs/>'), version === '1.1' ? 'text/xml' : 'application/soap+xml')]
    })
    t.equal(sent(played), soap(ORDER, version, kept))
    t.equal(textOf(played.response), soap(`${STOCK}<more/>`, version, kept))
  }
})

t.test('callout sends plain XML as plain XML', async t => {
  const message = request(ORDER, 'application/xml')
  const played = calledOut(FIRST_ELEMENTS, { message, responses: [answered('<stock>3</stock>', 'application/xml')] })
  t.equal(sent(played), ORDER)
  t.equal(textOf(played.response), '<stock>3</stock>')
})

t.test('callout without source and target sends the message, and the response replaces it', async t => {
  for (const inside of ['', '<source type="envelope"/>']) {
    const played = calledOut(inside)
    t.equal(sent(played), soap(ORDER))
    t.equal(textOf(played.response), soap(STOCK))
  }
})

t.test('a source by key is a property, else a local entry', async t => {
  const property = '<property name="p" expression="$body/*/*" type="OM"/>'
  t.match(
    sent(calledOut('<source key="p"/>', { before: property })),
    /<s:Body><o:id xmlns:o="urn:o">7<\/o:id><\/s:Body>/
  )
  const beside = '<localEntry key="e"><rate xmlns="">1</rate></localEntry>'
  t.match(sent(calledOut('<source key="e"/>', { beside })), /<s:Body><rate>1<\/rate><\/s:Body>/)
})

t.test('a target by key keeps the element, and the message continues as it was', async t => {
  const after = '<property name="X-Kept" expression="$ctx:kept" scope="transport"/><respond/>'
  const played = calledOut(`<source ${FIRST}/><target key="kept"/>`, { after })
  t.equal(textOf(played.response), soap(ORDER))
  t.equal(header(played.response, 'X-Kept'), '3')
})

t.test('a part that is not an element fails the message, and nothing is sent', async t => {
  const text = '<property name="p" value="text"/>'
  for (const [inside, reason] of [
    ['<source xpath="//none"/>', /the source of callout, \/\/none, selects no element/],
    ['<source xpath="//*/text()"/>', /selects no element/],
    ['<source key="none"/>', /"none", is neither a property nor a local entry with one element/],
    ['<source key="p"/>', /"p", is neither a property nor a local entry with one element/]
  ] as const) {
    const { response, calls } = calledOut(inside, { before: text, responses: [] })
    t.match(header(response, 'X-Error'), reason)
    t.equal(calls.length, 0)
  }
})

t.test('a response without an element, or a target that selects none, fails the message', async t => {
  t.match(
    header(calledOut('<target key="k"/>', { responses: [answered('', '')] }).response, 'X-Error'),
    /the response to callout has no element for its target/
  )
  t.match(
    header(calledOut('<target xpath="//none"/>').response, 'X-Error'),
    /the target of callout, \/\/none, selects no element/
  )
})

t.test('JSON is sent whole, and a response in JSON replaces the body, whatever source and target are', async t => {
  const json = answered('{"stock":3}', JSON_TYPE)
  const played = calledOut(FIRST_ELEMENTS, {
    message: request('{"order":7}', JSON_TYPE),
    responses: [json],
    after: '<respond/>'
  })
  t.equal(sent(played), '{"order":7}')
  t.equal(textOf(played.response), '{"stock":3}')
  t.match(header(played.response, 'Content-Type'), /^application\/json/)
  const toXml = calledOut('<target key="k"/>', { responses: [json], after: '<respond/>' })
  t.equal(textOf(toXml.response), '{"stock":3}')
})

t.test('the message keeps its headers and its address, and has the status of the response', async t => {
  const message = soapRequest(ORDER, '1.1', '', { headers: ['X-Mine', '1'] })
  const responses = [answered(soap(STOCK), 'text/xml', { status: 207, headers: ['X-Theirs', '2'] })]
  const seen = ['X-Mine', 'X-Theirs'].map(name => `get-property('transport', '${name}')`).join(", '|', ")
  const after = `<property name="X-Seen" expression="concat(get-property('To'), '|', ${seen})" scope="transport"/><respond/>`
  const { response } = calledOut(FIRST_ELEMENTS, { message, responses, after })
  t.equal(header(response, 'X-Seen'), '/services/P|1|')
  t.equal(response.status, 207)
})

t.test('BLOCKING_SENDER_PRESERVE_REQ_HEADERS=false takes the headers of the response over', async t => {
  const message = soapRequest(ORDER, '1.1', '', { headers: ['X-Mine', '1'] })
  const responses = [answered('<a/>', 'application/xml', { headers: ['X-Theirs', '2'] })]
  const before = '<property name="BLOCKING_SENDER_PRESERVE_REQ_HEADERS" value="false"/>'
  const { response } = calledOut('<target key="k"/>', { message, responses, before, after: '<respond/>' })
  t.equal(header(response, 'X-Mine'), undefined)
  t.equal(header(response, 'X-Theirs'), '2')
  t.match(header(response, 'Content-Type'), /^text\/xml/, 'the body and its type stay')
})

t.test('action is the Action of the request, and not that of the message', async t => {
  const { calls, response } = calledOut(FIRST_ELEMENTS, { attributes: `${SERVICE} action="urn:getQuote"` })
  t.equal(header(calls[0]!.message, 'SOAPAction'), '"urn:getQuote"')
  t.equal(response.addressing.action, undefined)
})

t.test('callout-headers: passHeaders=false sends a source without the SOAP Header of the message', async t => {
  const message = soapRequest(ORDER, '1.1', '<h:a xmlns:h="urn:h"/><h:b xmlns:h="urn:h"/>')
  t.match(sent(calledOut(FIRST_ELEMENTS, { message })), /<h:a .*<h:b /)
  const without = sent(calledOut(FIRST_ELEMENTS, { message, attributes: `${SERVICE} passHeaders="false"` }))
  t.notMatch(without, /<h:/)
  t.match(without, /<s:Body><o:order/)
})

t.test('a failure of the endpoint runs the fault sequence, and suspends no address of serviceURL', async t => {
  const { response, calls } = calledOut(FIRST_ELEMENTS, { responses: [failed('CONNECTION_FAILED')] })
  t.equal(header(response, 'X-Code'), '101503')
  t.equal(calls.length, 1)
  const service = proxyOf({ in: `<callout ${SERVICE}/>${RESPOND}`, fault: '<respond/>' })
  for (let at = 0; at < 3; at++) {
    t.equal(play(service, soapRequest(), failed()).calls.length, 1, 'it is tried each time')
  }
})

t.test('a message that is one-way continues at once, as it was', async t => {
  const { response, calls } = calledOut('', {
    before: '<property name="OUT_ONLY" value="true"/>',
    after: '<respond/>'
  })
  t.equal(calls.length, 1)
  t.equal(textOf(response), soap(ORDER))
})

t.test('the endpoint is a key, an element, or the address in To', async t => {
  const beside = '<endpoint name="E"><address uri="http://named/"/></endpoint>'
  const key = calledOut('', { attributes: 'endpointKey="E" initAxis2ClientOptions="false"', beside })
  t.match(key.calls[0]?.origin, /named/)
  const inline = calledOut('<endpoint><address uri="http://inline/"/></endpoint>', { attributes: '' })
  t.match(inline.calls[0]?.origin, /inline/)
  const to = calledOut('', { attributes: '', before: '<header name="To" value="http://to/"/>' })
  t.match(to.calls[0]?.origin, /to/)
})

t.test('callout: what is wrong is reported at its place', async t => {
  const wrong = (text: string): string[] => wrongWith(`<sequence name="s">${text}</sequence>`)
  t.match(wrong('<callout serviceURL=""/>'), [
    /the serviceURL of <callout> is empty \(write an address, or leave it out/
  ])
  t.match(wrong(`<callout ${SERVICE}><source/></callout>`), [
    /<source> of <callout> needs an xpath or a key \(or type="envelope"\)/
  ])
  t.match(wrong(`<callout ${SERVICE}><target/></callout>`), [/<target> of <callout> needs an xpath or a key/])
  t.match(wrong(`<callout ${SERVICE} initAxis2ClientOptions="maybe"/>`), [
    /initAxis2ClientOptions expects true or false, not "maybe"/
  ])
  t.match(wrong(`<callout ${SERVICE}><enableSec policy="p"/></callout>`), [
    /<enableSec> of <callout> is not supported/
  ])
  t.match(wrong(`<callout ${SERVICE}><source xpath="//["/></callout>`), [/./])
  t.match(wrong('<callout serviceURL="jms:/queue"/>'), [/addresses that begin with jms: are not supported/])
  const { problems } = parse(
    definitionsOf(
      `<sequence name="s"><callout ${SERVICE}><configuration axis2xml="a.xml" repository="r"/></callout></sequence>`
    ),
    ''
  )
  t.match(problems, [{ severity: 'hint', message: /<configuration> of <callout> has no effect/ }])
})

t.test('callout is written as it is read', async t => {
  const { definitions } = parse(
    definitionsOf(
      `<sequence name="s"><callout ${SERVICE} action="urn:a" passHeaders="false">${FIRST_ELEMENTS}</callout>` +
        '<callout endpointKey="E"><source key="a"/><target key="b"/></callout><callout/></sequence>' +
        '<endpoint name="E"><address uri="http://named/"/></endpoint>'
    ),
    ''
  )
  t.strictSame(parse(writeXml(definitions)).definitions, definitions)
  t.strictSame(parse(JSON.stringify(definitions)).definitions, definitions)
})
