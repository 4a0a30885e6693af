import t from 'tap'
import {
  answered,
  play,
  proxyOf,
  request,
  SEND,
  soap,
  soapRequest,
  wrongWith
} from '../../../support/flows/drive-flow.js'

const wrong = (mediator: string) => wrongWith(`<sequence name="s">${mediator}</sequence>`)

t.test('log: each level writes its fields', async t => {
  const line = (attributes: string, inside = '') =>
    play(
      proxyOf({ in: `<log ${attributes}>${inside}</log>` }),
      soapRequest('<x/>', '1.1', '<h:a xmlns:h="urn:h">A</h:a>', {
        addressing: { to: '/services/P', action: 'urn:act' }
      })
    ).logs[0]!
  t.match(line(''), {
    level: 'info',
    text: 'To: /services/P, WSAction: urn:act, SOAPAction: urn:act, Direction: request'
  })
  t.match(line('level="headers" separator=" | "', '<property name="p" value="v"/>'), { text: 'a: A | p = v' })
  t.match(line('level="full" category="ERROR"').text, /Direction: request, Envelope: <s:Envelope/)
  t.match(
    line(
      'level="custom" category=" warn "',
      '<property name="p" expression="//nothing"/><property name="q" value="a&#10;b"/>'
    ),
    { level: 'warn', text: 'p = , q = a\nb', fields: { q: 'a\nb' } }
  )
  t.equal(proxyOf({ in: '<log level="custom"/>' }).reads.request, 'nothing')
  t.same(wrong('<log level="loud"/>'), [], 'an unknown level is simple')
  t.not(wrong('<log category="LOUD"/>').length, 0)
  t.equal(
    play(proxyOf({ in: SEND, out: '<log/>' }), soapRequest(), answered(soap('<x/>'))).logs[0]!.text,
    'To: , Direction: response'
  )
})

t.test('log: a message with expressions; an unknown level is simple', async t => {
  const logged = (log: string): string =>
    play(proxyOf({ in: `${log}<respond/>` }), request('{"a":{"b":[1,2,3]}}', 'application/json'))
      .logs.map(({ text }) => text)
      .join()
  t.equal(
    logged('<log><message>b is ${payload.a.b[0]}, ${headers["Content-Type"]}</message></log>'),
    'b is 1, application/json'
  )
  t.equal(logged('<log category="WARN"><message>a</message><property name="p" value="1"/></log>'), 'a, p = 1')
  t.match(logged('<log level="full"/>'), /Payload: {"a":{"b":\[1,2,3\]}}$/)
  t.match(logged('<log level="loud"/>'), /^To: /)
})
