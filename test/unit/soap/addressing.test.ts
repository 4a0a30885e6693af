import t from 'tap'
import { ADDRESSING, contradictionIn, readAddressing, writeAddressing } from '../../../lib/soap/addressing.js'
import { scan } from '../../../lib/soap/scan.js'
import type { Envelope } from '../../../lib/message/envelope.js'

const { final, submission } = ADDRESSING
const envelope = (header: string): Envelope => {
  const seen = scan(
    Buffer.from(
      `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${final}" xmlns:o="${submission}"><s:Header>${header}</s:Header><s:Body/></s:Envelope>`
    )
  )
  if (seen.kind !== 'envelope') throw new Error(JSON.stringify(seen))
  return seen
}
const read = (header: string) => readAddressing(envelope(header).blocks)!

t.test('a message without WS-Addressing has no fields', async t => {
  t.equal(readAddressing(envelope('<x:To xmlns:x="urn:x">y</x:To>').blocks), undefined)
})

t.test('all fields are read, trimmed', async t => {
  const { addressing, namespace, blocks, problem } = read(
    `<a:To> http://to </a:To><a:ReplyTo><a:Address>${final}/anonymous</a:Address></a:ReplyTo><a:From><a:Address>urn:from</a:Address></a:From>` +
      `<a:FaultTo><a:Address>${final}/none</a:Address></a:FaultTo><a:MessageID>urn:1</a:MessageID><a:Action>\n urn:act&amp;ion </a:Action><a:RelatesTo>urn:0</a:RelatesTo><a:RelatesTo>urn:other</a:RelatesTo><x xmlns="urn:x"/>`
  )
  t.same(addressing, {
    to: 'http://to',
    replyTo: `${final}/anonymous`,
    from: 'urn:from',
    faultTo: `${final}/none`,
    messageId: 'urn:1',
    action: 'urn:act&ion',
    relatesTo: 'urn:0'
  })
  t.equal(namespace, final)
  t.equal(blocks.length, 8)
  t.equal(problem, undefined)
})

t.test('of both namespaces, that of WS-Addressing 1.0 is read, and the blocks of both are named', async t => {
  const { addressing, namespace, blocks } = read(
    '<o:Action>urn:old</o:Action><o:ReplyTo><o:Address>http://elsewhere</o:Address></o:ReplyTo><a:Action>urn:new</a:Action>'
  )
  t.same(addressing, { action: 'urn:new' })
  t.equal(namespace, final)
  t.equal(blocks.length, 3)
})

t.test('the Submission of 2004 is read', async t => {
  const { addressing, namespace, problem, anonymousOnly } = read(
    `<o:To>urn:to</o:To><o:Action>urn:a</o:Action><o:MessageID>urn:1</o:MessageID><o:ReplyTo><o:Address>${submission}/role/anonymous</o:Address></o:ReplyTo>`
  )
  t.same(addressing, { to: 'urn:to', action: 'urn:a', messageId: 'urn:1', replyTo: `${submission}/role/anonymous` })
  t.equal(namespace, submission)
  t.equal(problem, undefined)
  t.equal(anonymousOnly, undefined)
})

t.test('other blocks in the namespace are no addressing, but belong to it', async t => {
  const { namespace, problem, blocks } = read('<a:FaultDetail>x</a:FaultDetail>')
  t.equal(namespace, undefined)
  t.equal(problem, undefined)
  t.equal(blocks.length, 1)
})

t.test('contradicting addressing is refused', async t => {
  const action = '<a:Action>urn:a</a:Action>'
  const cases: [string, string, RegExp, string?][] = [
    ['a header twice', `${action}<a:To>urn:1</a:To><a:To>urn:1</a:To>`, /wsa:To .* more than once/],
    ['two Actions', action + action, /wsa:Action .* more than once/],
    ['no Action', '<a:To>urn:1</a:To><a:MessageID>urn:m</a:MessageID>', /no wsa:Action/],
    ['an empty Action', '<a:Action> </a:Action>', /Action is empty/],
    ['another SOAPAction', action, /not the same/, 'urn:b'],
    ['ReplyTo without an address', `${action}<a:ReplyTo/>`, /wsa:ReplyTo needs one/],
    [
      'ReplyTo with two addresses',
      `${action}<a:ReplyTo><a:Address>${final}/anonymous</a:Address><a:Address>http://elsewhere</a:Address></a:ReplyTo>`,
      /wsa:ReplyTo needs one/
    ],
    [
      'an address in the other namespace',
      `${action}<a:FaultTo><o:Address>http://elsewhere</o:Address></a:FaultTo>`,
      /wsa:FaultTo needs one/
    ],
    ['Submission without To', '<o:Action>urn:a</o:Action>', /no wsa:To/],
    ['Submission without Action', '<o:To>urn:a</o:To>', /no wsa:Action/],
    [
      'Submission with ReplyTo, without MessageID',
      `<o:To>urn:t</o:To><o:Action>urn:a</o:Action><o:ReplyTo><o:Address>${submission}/role/anonymous</o:Address></o:ReplyTo>`,
      /no wsa:MessageID/
    ]
  ]
  for (const [name, header, problem, transport] of cases) {
    t.match(contradictionIn(read(header), transport), problem, name)
  }
  for (const transport of [undefined, '', 'urn:a']) {
    t.equal(contradictionIn(read(action), transport), undefined, `SOAPAction ${transport}`)
  }
})

t.test('responses go back on the connection of the request', async t => {
  const to = (header: string, address: string, prefix = 'a') =>
    read(
      `<${prefix}:Action>urn:a</${prefix}:Action><${prefix}:${header}><${prefix}:Address>${address}</${prefix}:Address></${prefix}:${header}>`
    ).anonymousOnly
  t.equal(to('ReplyTo', 'http://10.0.0.1/steal'), 'ReplyTo')
  t.equal(to('FaultTo', 'http://10.0.0.1/steal'), 'FaultTo')
  t.equal(to('From', 'http://10.0.0.1/me'), undefined)
  t.equal(to('ReplyTo', `${final}/anonymous`), undefined)
  t.equal(to('ReplyTo', ` ${final}/none `), undefined)
  t.equal(
    to('ReplyTo', `${submission}/role/anonymous`),
    'ReplyTo',
    'anonymous in the other version is an address like any other'
  )
  t.equal(to('ReplyTo', `${submission}/role/anonymous`, 'o'), undefined)
  t.equal(to('ReplyTo', 'http://x', 'o'), 'ReplyTo')
  t.equal(to('ReplyTo', `${final}/anonymous?x`), 'ReplyTo')
})

t.test('what is written is read back, in the recorded order', async t => {
  const all = {
    relatesTo: 'urn:"0"',
    action: 'urn:<a>',
    messageId: 'urn:uuid:1',
    faultTo: 'urn:f',
    from: 'urn:from]]>',
    replyTo: 'urn:r',
    to: 'http://to/?a&b'
  }
  for (const namespace of [final, submission]) {
    const seen = envelope(writeAddressing(all, namespace))
    t.same(seen.addressing?.addressing, all)
    t.equal(seen.addressing?.namespace, namespace)
    t.same(
      seen.blocks.map(({ name }) => name),
      ['To', 'ReplyTo', 'From', 'FaultTo', 'MessageID', 'Action', 'RelatesTo']
    )
  }
})

t.test('anonymous addresses are left out, except ReplyTo in the Submission', async t => {
  t.equal(
    writeAddressing({ to: `${final}/anonymous`, replyTo: `${final}/anonymous`, action: 'urn:a' }, final),
    `<wsa:Action xmlns:wsa="${final}">urn:a</wsa:Action>`
  )
  t.equal(
    writeAddressing({ action: 'urn:a' }, submission),
    `<wsa:ReplyTo xmlns:wsa="${submission}"><wsa:Address>${submission}/role/anonymous</wsa:Address></wsa:ReplyTo><wsa:Action xmlns:wsa="${submission}">urn:a</wsa:Action>`
  )
  t.equal(
    writeAddressing({ replyTo: `${final}/none` }),
    `<wsa:ReplyTo xmlns:wsa="${final}"><wsa:Address>${final}/none</wsa:Address></wsa:ReplyTo>`
  )
  t.equal(writeAddressing({}), '')
})
