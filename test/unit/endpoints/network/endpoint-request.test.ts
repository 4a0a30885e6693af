import t from 'tap'
import { endpointResponse } from '../../../../lib/endpoints/network/endpoint-response.js'
import type { Message } from '../../../../lib/message/message.js'
import { endpointRequest } from '../../../../lib/endpoints/network/endpoint-request.js'
import { envelopeOf } from '../../../../lib/soap/read.js'
import { answered, header, request, soap, soapRequest, textOf } from '../../../support/flows/drive-flow.js'

const W = 'http://www.w3.org/2005/08/addressing'
const URI = 'http://backend/s'
const uuid = () => 'new'
const sent = (message: Message, dress: Parameters<typeof endpointRequest>[2] = {}): Message =>
  endpointRequest(message, URI, dress, uuid)
const addressing = (message: Message) => envelopeOf(message)!.addressing ?? { addressing: {}, blocks: [] }
const addressed = soapRequest(
  '<x/>',
  '1.1',
  `<w:To xmlns:w="${W}">http://to</w:To><w:Action xmlns:w="${W}">urn:act</w:Action><w:MessageID xmlns:w="${W}">urn:client:1</w:MessageID><o:o xmlns:o="urn:o"/>`,
  { addressing: { to: 'http://to', action: 'urn:act', messageId: 'urn:client:1' } }
)

t.test('a message that no mediator reads is forwarded as the same message', async t => {
  const message = soapRequest('<x/>', '1.1', '<a xmlns="urn:a"/>', { read: false })
  t.equal(sent(message), message)
  t.equal(sent(message, { addressing: 'final' }), message)
})

t.test("the client's addressing ends here; the endpoint's own is new", async t => {
  t.same(addressing(sent(addressed)).blocks, [])
  t.match(textOf(sent(addressed)), '<o:o xmlns:o="urn:o"/>')
  t.same(addressing(sent(addressed, { addressing: 'final' })).addressing, {
    to: URI,
    messageId: 'urn:uuid:new',
    action: 'urn:act'
  })
  const submission = sent(addressed, { addressing: 'submission' })
  t.equal(addressing(submission).namespace, 'http://schemas.xmlsoap.org/ws/2004/08/addressing')
  t.match(addressing(submission).addressing, { replyTo: /role\/anonymous$/ })
})

t.test('a message without any Action is forwarded without one', async t => {
  const none = sent(soapRequest(), { addressing: 'final' })
  t.equal(addressing(none).addressing.action, 'urn:anonOutInOpResponse')
  t.equal(header(none, 'SOAPAction'), '"urn:anonOutInOpResponse"')
  t.equal(
    header(sent(soapRequest('<x/>', '1.2'), { addressing: 'final' }), 'Content-Type'),
    'application/soap+xml; charset=UTF-8; action="urn:anonOutInOpResponse"'
  )
})

t.test("PRESERVE_WS_ADDRESSING keeps the client's, and nothing is there twice", async t => {
  const kept = { ...addressed, properties: { PRESERVE_WS_ADDRESSING: 'true' } }
  t.equal(textOf(sent(kept)), textOf(addressed))
  const both = addressing(sent(kept, { addressing: 'final' }))
  t.equal(both.problem, undefined)
  t.same(both.addressing, { to: 'http://to', messageId: 'urn:client:1', action: 'urn:act' })
})

t.test('the Action in HTTP headers equals that of the message', async t => {
  const act = (message: Message, action: string | undefined) =>
    sent({ ...message, addressing: { ...message.addressing, action } })
  t.equal(header(act(soapRequest(), 'urn:a'), 'SOAPAction'), '"urn:a"')
  t.equal(
    header(act(soapRequest('<x/>', '1.2'), 'urn:"a'), 'Content-Type'),
    'application/soap+xml; charset=UTF-8; action="urn:\\"a"'
  )
  t.equal(
    header(act(soapRequest('<x/>', '1.1', '', { headers: ['SOAPAction', '"old"'] }), undefined), 'SOAPAction'),
    undefined
  )
  t.equal(
    header(act(soapRequest('<x/>', '1.1', '', { headers: ['SOAPAction', '""'] }), undefined), 'SOAPAction'),
    '""',
    'an empty one may stay'
  )
  t.equal(header(act(request('<x/>', 'application/xml'), 'urn:a'), 'SOAPAction'), undefined, 'plain XML has none')
  t.throws(() => act(soapRequest(), 'a\r\nX: y'), /line break/)
})

t.test('the format of an endpoint converts the message', async t => {
  const made = (message: Message, format: 'soap11' | 'soap12' | 'pox' | 'get' | 'rest') => {
    const out = sent(message, { format })
    return {
      method: out.method,
      type: header(out, 'Content-Type'),
      action: header(out, 'SOAPAction'),
      text: textOf(out)
    }
  }
  const plain = request('<x/>', 'application/xml', { method: 'PUT' })
  t.match(made(plain, 'soap11'), { method: 'POST', type: 'text/xml', text: /Body><x\/></ })
  t.match(made(plain, 'soap12'), { method: 'POST', type: 'application/soap+xml', text: /soap-envelope/ })
  t.same(made(soapRequest('<x/>', '1.2', '', { addressing: { action: 'urn:a' } }), 'soap11'), {
    method: 'POST',
    type: 'text/xml; charset=UTF-8',
    action: '"urn:a"',
    text: soap('<x/>')
  })
  t.same(
    made(
      soapRequest('<x/>', '1.1', '', { headers: ['SOAPAction', '"urn:a"'], addressing: { action: 'urn:a' } }),
      'soap12'
    ),
    {
      method: 'POST',
      type: 'application/soap+xml; charset=UTF-8; action="urn:a"',
      action: '"urn:a"',
      text: soap('<x/>', '1.2')
    }
  )
  t.same(
    made(
      soapRequest('<x/>', '1.1', '', { headers: ['SOAPAction', '"urn:a"'], addressing: { action: 'urn:a' } }),
      'pox'
    ),
    { method: 'POST', type: 'application/xml; charset=UTF-8', action: undefined, text: '<x/>' }
  )
  t.same(made(plain, 'rest'), { method: 'PUT', type: 'application/xml', action: undefined, text: '<x/>' })
  t.same(made(plain, 'get'), { method: 'GET', type: undefined, action: undefined, text: '' })
  t.same(
    made(request('', '', { method: 'GET' }), 'soap11'),
    { method: 'POST', type: 'text/xml; charset=UTF-8', action: undefined, text: '' },
    'a GET becomes a POST without a body'
  )
  t.throws(() => made(request('a', 'text/plain'), 'soap11'), /is not XML/)
  t.match(made(request('{"a":1}', 'application/json'), 'soap11').text, /<soapenv:Body><jsonObject><a>1<\/a>/)
})

t.test('messageType application/xml sends what a SOAP message carries', async t => {
  const out = sent(
    soapRequest('<x>1</x>', '1.1', '', { headers: ['SOAPAction', '"a"'], axis2: { messageType: 'application/xml' } })
  )
  t.match(
    { text: textOf(out), type: header(out, 'Content-Type'), action: header(out, 'SOAPAction') },
    { text: '<x>1</x>', type: 'application/xml; charset=UTF-8', action: undefined }
  )
})

t.test('Location: below the endpoint it leads below the proxy', async t => {
  const at = (location: string, { uri = URI, status = 201 } = {}) => {
    const outcome = answered('', '', { status, headers: ['Location', location], read: false })
    return outcome.kind === 'answered'
      ? header(endpointResponse(outcome.message, soapRequest(), uri), 'Location')
      : undefined
  }
  t.equal(at('http://backend/s/7?x=1#f'), '/services/P/7?x=1#f')
  t.equal(at('http://backend/s'), '/services/P')
  t.equal(at('/s/7'), '/services/P/7')
  t.equal(at('//backend/s/7'), '/services/P/7')
  t.equal(at('http://backend/deep/7', { uri: 'http://backend' }), '/services/P/deep/7')
  t.equal(at('http://backend/s/7', { uri: 'http://backend/s/?fixed=1' }), '/services/P/7')
  for (const kept of [
    'http://backend/sss',
    'http://backend:81/s/7',
    'https://backend/s/7',
    'http://other/s/7',
    '/other',
    '7',
    'http://[',
    ''
  ]) { t.equal(at(kept), kept) }
  t.equal(at('http://backend/s/7', { status: 302 }), 'http://backend/s/7')
})
