import t from 'tap'
import type { Message } from '../../../../lib/message/message.js'
import { envelopeOf } from '../../../../lib/soap/read.js'
import {
  answered,
  header,
  play,
  proxyOf,
  request,
  SEND,
  sentAfter,
  soapRequest,
  textOf,
  wrongWith
} from '../../../support/flows/drive-flow.js'

const M = 'xmlns:m="http://synapse.apache.org"'
const wrong = (mediator: string) => wrongWith(`<sequence name="s">${mediator}</sequence>`)
const blocks = (message: Message): string[] => envelopeOf(message)!.blocks.map(({ name, text }) => `${name}=${text}`)

t.test('header: valid names are accepted, others are refused', async t => {
  for (const name of ['To', 'Action', 'From', 'RelatesTo', 'ReplyTo', 'FaultTo']) {
    t.same(wrong(`<header name="${name}" value="v"/><header name="${name}" action="remove"/>`), [], name)
  }
  t.same(
    wrong(
      `<header name="m:MyHeader" value="v" ${M}/><header name="m:MyHeader" action="remove" scope="soap" ${M}/><header name="User-Agent" value="S" scope="transport"/><header name="User-Agent" action="remove" scope="transport"/>`
    ),
    []
  )
  t.match(wrong('<header name="MyHeader" value="v"/>'), [/unknown header "MyHeader" \(one of To,/])
  t.match(wrong('<header name="toString" value="v"/>'), [/unknown header "toString"/])
  t.match(wrong('<header name="m:MyHeader" action="remove"/>'), [
    /the prefix m of header "m:MyHeader" is not declared/
  ])
  t.match(wrong('<header name="To"/>'), [/needs a value/])
  t.match(wrong('<header value="v"/>'), [/needs a name/])
  t.match(wrong('<header name="A B" value="v" scope="transport"/>'), [/"A B" is not a valid name of an HTTP header/])
  t.match(wrong('<header name="X" value="v" scope="body"/>'), [/unknown scope "body"/])
})

t.test('header: blocks are added each time, and all of a name removed', async t => {
  const add = `<header name="m:simple" value="a &lt; b" ${M}/>`
  const complex = `<header><m:complex ${M}><property key="k1" value="v1"/><property key="k2" value="v2"/></m:complex></header>`
  t.same(blocks(sentAfter(add + add)), ['simple=a < b', 'simple=a < b'])
  t.same(blocks(sentAfter(add + complex, soapRequest('<x/>', '1.2', '<o:o xmlns:o="urn:o">O</o:o>'))), [
    'o=O',
    'simple=a < b',
    'complex='
  ])
  t.match(textOf(sentAfter(complex)), /<property (xmlns="[^"]*" )?key="k1" value="v1"/)
  t.same(blocks(sentAfter(`${add}${complex}<header name="m:complex" action="remove" ${M}/>`)), ['simple=a < b'])
  const twice = proxyOf({ in: complex + SEND })
  t.same(
    [1, 2].map(() => blocks(play(twice, soapRequest(), answered()).calls[0]!.message)),
    [['complex='], ['complex=']]
  )
  t.same(blocks(sentAfter(`<header name="m:t" expression="//x" ${M}/>`, soapRequest('<x>from the body</x>'))), [
    't=from the body'
  ])
  t.equal(textOf(sentAfter(add, request('<x/>', 'application/xml'))), '<x/>', 'plain XML has no place for it')
})

t.test('header: Action is SOAPAction', async t => {
  t.equal(header(sentAfter('<header name="Action" value="urn:placeOrder"/>'), 'SOAPAction'), '"urn:placeOrder"')
  t.equal(
    header(sentAfter('<header name="Action" value="urn:placeOrder"/>', soapRequest('<x/>', '1.2')), 'Content-Type'),
    'application/soap+xml; charset=UTF-8; action="urn:placeOrder"'
  )
  const had = soapRequest('<x/>', '1.1', '', {
    headers: ['SOAPAction', '"urn:old"'],
    addressing: { to: '/services/P', action: 'urn:old' }
  })
  t.equal(header(sentAfter('<header name="Action" action="remove"/>', had), 'SOAPAction'), undefined)
  t.equal(
    header(sentAfter('<header name="SOAPAction" value="urn:t" scope="transport"/>', had), 'SOAPAction'),
    'urn:t',
    'as it was written'
  )
})

t.test('HTTP headers: set, removed, never split', async t => {
  t.equal(
    header(sentAfter('<header name="User-Agent" value="SynapseUser" scope="transport"/>'), 'User-Agent'),
    'SynapseUser'
  )
  const had = soapRequest('<x/>', '1.1', '', { headers: ['User-Agent', 'a', 'user-agent', 'b'] })
  t.equal(header(sentAfter('<header name="user-agent" action="remove" scope="transport"/>', had), 'User-Agent'), undefined)
  for (const mediator of ['header', 'property']) {
    const split = play(
      proxyOf({ in: `<${mediator} name="X" expression="//x" scope="transport"/>${SEND}` }),
      soapRequest('<x>a&#13;&#10;Set-Cookie: b=c</x>')
    )
    t.match(
      { status: split.response.status, calls: split.calls.length, text: textOf(split.response) },
      { status: 500, calls: 0, text: /line break/ },
      mediator
    )
  }
  const latin = sentAfter('<header name="X" expression="//x" scope="transport"/>', soapRequest('<x>é€</x>'))
  t.equal(header(latin, 'X'), 'é?', 'what Latin-1 does not have cannot be in a header')
})
