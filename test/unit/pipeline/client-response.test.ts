import t from 'tap'
import { acceptedResponse, clientResponse } from '../../../lib/pipeline/client-response.js'
import { faultMessage } from '../../../lib/pipeline/fault-response.js'
import { fault } from '../../../lib/message/fault.js'
import type { Message } from '../../../lib/message/message.js'
import { envelopeOf } from '../../../lib/soap/read.js'
import { answered, header, request, soap, soapRequest, textOf } from '../../support/flows/drive-flow.js'

const W = 'http://www.w3.org/2005/08/addressing'
const uuid = () => 'new'
const message = (...given: Parameters<typeof answered>): Message => {
  const outcome = answered(...given)
  if (outcome.kind !== 'answered') throw new Error('no response')
  return outcome.message
}
const responseTo = (client: Message, back: Message) => {
  const made = clientResponse(client, back, uuid)
  return { status: made.status, type: header(made, 'Content-Type'), text: textOf(made) }
}
const get = request('', '', { method: 'GET' })
const pox = request('<x/>', 'application/xml')

t.test('a response of an endpoint keeps status, headers and bytes', async t => {
  const back = message('{"a":1}', 'application/json', {
    status: 404,
    headers: ['Set-Cookie', 'a=b', 'X', '1'],
    read: false
  })
  const made = clientResponse(soapRequest(), back, uuid)
  t.equal(made.status, 404)
  t.equal(made.headers, back.headers)
  t.equal(made.body, back.body)
})

t.test('a response in SOAP has the version and the Content-Type of its client', async t => {
  const body = '<g:getQuote xmlns:g="http://samples.services"><g:request>IBM</g:request></g:getQuote>'
  const blocks =
    '<c:Foo xmlns:c="http://custom.header.com">1</c:Foo><c:Bar xmlns:c="http://custom.header.com">2</c:Bar>'
  for (const read of [true, false]) {
    t.same(
      responseTo(soapRequest('<x/>', '1.2'), message(soap(body, '1.1', blocks), 'text/xml; charset=UTF-8', { read })),
      { status: 200, type: 'application/soap+xml; charset=UTF-8', text: soap(body, '1.2', blocks) }
    )
    t.same(
      responseTo(
        soapRequest('<x/>', '1.1'),
        message(soap(body, '1.2', blocks), 'application/soap+xml; charset=UTF-8; action="urn:r"', { read })
      ),
      { status: 200, type: 'text/xml; charset=UTF-8', text: soap(body, '1.1', blocks) }
    )
  }
  const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${soap('<x>é</x>')}`, 'latin1')
  const converted = clientResponse(
    soapRequest('<x/>', '1.2'),
    message('', 'text/xml; charset=ISO-8859-1', { body: { kind: 'bytes', bytes: latin } }),
    uuid
  )
  t.equal(header(converted, 'Content-Type'), 'application/soap+xml; charset=ISO-8859-1')
  t.match(converted.body.kind === 'bytes' && converted.body.bytes.toString('latin1'), /<x>é<\/x>/)
})

t.test('a client of plain XML gets no envelope where the response is read', async t => {
  for (const client of [pox, get]) {
    t.same(responseTo(client, message(soap('<r>1</r>'), 'text/xml; charset=UTF-8')), {
      status: 200,
      type: 'application/xml; charset=UTF-8',
      text: '<r>1</r>'
    })
    t.equal(responseTo(client, message(soap('<r>1</r>'), 'text/xml', { read: false })).text, soap('<r>1</r>'))
  }
  const theirs = soap('<s:Fault><faultcode>s:Server</faultcode><faultstring>a &lt; b</faultstring></s:Fault>')
  t.same(responseTo(pox, message(theirs, 'text/xml', { status: 500 })), {
    status: 500,
    type: 'application/xml; charset=UTF-8',
    text: '<Exception>a &lt; b</Exception>'
  })
  const detailed = (detail: string): string =>
    soap(`<s:Fault><faultcode>s:Server</faultcode><faultstring>a</faultstring><detail>${detail}</detail></s:Fault>`)
  const exception = (detail: string): string =>
    responseTo(pox, message(detailed(detail), 'text/xml', { status: 500 })).text ?? ''
  t.equal(exception('<d>1</d>'), '<Exception>a</Exception>', 'elements are no text')
  t.equal(exception('more'), '<Exception>more</Exception>')
  t.same(
    responseTo(pox, message(soap(''), 'text/xml')),
    { status: 200, type: undefined, text: '' },
    'an empty Body carries nothing'
  )
})

t.test('a SOAP client gets an envelope where the response is read', async t => {
  t.same(responseTo(soapRequest('<x/>', '1.2'), message('<r>1</r>', 'application/xml')).type, 'application/soap+xml')
  t.match(responseTo(soapRequest(), message('<r>1</r>', 'application/xml')).text, /Body><r>1<\/r></)
  t.equal(responseTo(soapRequest(), message('<r>1</r>', 'application/xml', { read: false })).text, '<r>1</r>')
  t.equal(responseTo(soapRequest(), message('{}', 'application/json')).text, '{}')
  t.equal(responseTo(soapRequest(), message('<p>busy</p>', 'text/html', { status: 503 })).text, '<p>busy</p>')
})

t.test('messageType application/xml takes the envelope off', async t => {
  t.same(
    responseTo(
      soapRequest(),
      message(soap('<r>1</r>'), 'text/xml; charset=UTF-8', { axis2: { messageType: 'application/xml' } })
    ),
    { status: 200, type: 'application/xml; charset=UTF-8', text: '<r>1</r>' }
  )
})

t.test('a response that is too large to be buffered passes unchanged', async t => {
  const body = { kind: 'stream', head: Buffer.from(soap('<r/>').slice(0, 60)), rest: { discard () {} } } as const
  t.equal(clientResponse(soapRequest('<x/>', '1.2'), message('', 'text/xml', { body, read: false }), uuid).body, body)
})

t.test('an addressed client gets MessageID, Action and RelatesTo', async t => {
  const client = soapRequest(
    '<x/>',
    '1.1',
    `<w:To xmlns:w="${W}">http://to</w:To><w:Action xmlns:w="${W}">urn:act</w:Action><w:MessageID xmlns:w="${W}">urn:client:1</w:MessageID>`
  )
  const read = (made: Message) => envelopeOf(made)!.addressing!
  const plain = read(clientResponse(client, message(soap('<r/>')), uuid))
  t.same(plain.addressing, { messageId: 'urn:uuid:new', action: 'urn:mediateResponse', relatesTo: 'urn:client:1' })
  const theirs = message(
    soap(
      '<r/>',
      '1.1',
      `<w:Action xmlns:w="${W}">urn:theirs</w:Action><w:To xmlns:w="${W}">http://me</w:To><o:o xmlns:o="urn:o"/>`
    ),
    'text/xml',
    { addressing: { action: 'urn:theirs' } }
  )
  const made = clientResponse(client, theirs, uuid)
  t.same(read(made).addressing, { messageId: 'urn:uuid:new', action: 'urn:theirs', relatesTo: 'urn:client:1' })
  t.match(textOf(made), '<o:o xmlns:o="urn:o"/>')
  t.equal(
    read(clientResponse(client, faultMessage(client, fault('MEDIATION', 'r')), uuid)).addressing.action,
    'urn:act',
    'of a fault: that of the request'
  )
  t.equal(
    textOf(clientResponse(client, message(soap('<r/>'), 'text/xml', { read: false }), uuid)),
    soap('<r/>'),
    'a response that is not read stays'
  )
  t.notMatch(textOf(clientResponse(soapRequest(), theirs, uuid)), /addressing/, 'others get none')
  t.match(
    textOf(clientResponse(soapRequest(), { ...theirs, properties: { PRESERVE_WS_ADDRESSING: 'true' } }, uuid)),
    /urn:theirs/
  )
  const submission = (more = '') =>
    soapRequest(
      '<x/>',
      '1.1',
      `<w:Action xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing">a</w:Action>${more}`
    )
  t.equal(read(clientResponse(submission(), message(soap('<r/>')), uuid)).addressing.replyTo, `${W}/none`)
})

t.test('a request that becomes the response keeps no credentials and cookies of its client', async t => {
  const client = soapRequest('<x/>', '1.1', '', { headers: ['Authorization', 'Basic x', 'Cookie', 'c', 'X', '1'] })
  const back: Message = { ...client, headers: [...client.headers.slice(0, -2), 'X', '2', 'Y', '3'] }
  const made = clientResponse(client, back, uuid)
  t.same(
    ['Authorization', 'Cookie', 'X', 'Y', 'Content-Type'].map(name => header(made, name)),
    [undefined, undefined, '2', '3', 'text/xml; charset=UTF-8']
  )
  const zipped = soapRequest('<x/>', '1.1', '', { headers: ['Content-Encoding', 'gzip', 'Cookie', 'c'] })
  t.equal(
    header(clientResponse(zipped, zipped, uuid), 'Content-Encoding'),
    'gzip',
    'what describes the body stays with it'
  )
})

t.test('HTTP_SC, NO_ENTITY_BODY and ContentType determine the response', async t => {
  t.equal(responseTo(soapRequest(), message(soap('<r/>'), 'text/xml', { axis2: { HTTP_SC: '201' } })).status, 201)
  t.equal(responseTo(soapRequest(), message(soap('<r/>'), 'text/xml', { axis2: { HTTP_SC: 'x' } })).status, 200)
  t.same(responseTo(soapRequest(), message(soap('<r/>'), 'text/xml', { axis2: { NO_ENTITY_BODY: true } })), {
    status: 200,
    type: undefined,
    text: ''
  })
  t.equal(
    responseTo(soapRequest(), message('hello', '', { read: false, axis2: { ContentType: 'text/plain' } })).type,
    'text/plain'
  )
  t.equal(
    responseTo(soapRequest(), message('hello', 'text/html', { read: false, axis2: { ContentType: 'text/plain' } })).type,
    'text/html'
  )
})

t.test('a message without a response ends with 202', async t => {
  t.match(acceptedResponse(soapRequest()), { status: 202, headers: [], body: { kind: 'none' } })
})
