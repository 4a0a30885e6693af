import t from 'tap'
import { differences } from './compare.js'
import { meaning } from './meaning.js'
import { recording, type Exchange, type Seen, type Spoken } from './record.js'

const recorded = (topic: string, name: string, number: number): Exchange =>
  recording(topic).cases.find(each => each.name === name)!.exchanges[number - 1]!
const classes = (exchange: Exchange, seen: Seen): string[] => [
  ...new Set(differences(exchange, seen, {}).map(each => each.class))
]
const replaced = (message: Spoken, from: string | RegExp, to: string): Spoken => {
  const [before, after] = [JSON.stringify(message), JSON.stringify(message).replace(from, to)]
  t.not(after, before, `${from} occurs`)
  return JSON.parse(after)
}

t.test('a comparison of exchanges sees each class of differences, and none in a recording with itself', async t => {
  const fine = recorded('seeds', 'seed000-sessions', 1)
  const faulty = recorded('failures', 'fail-refused', 1)
  const inReply = (exchange: Exchange, from: string | RegExp, to: string): string[] =>
    classes(exchange, { ...exchange, reply: replaced(exchange.reply!, from, to) })
  const atBackend = (from: string | RegExp, to: string): string[] =>
    classes(fine, { ...fine, atBackends: fine.atBackends.map(each => ({ ...each, ...replaced(each, from, to) })) })
  t.same(classes(fine, fine), [])
  t.same(inReply(fine, '200 OK', '503 Busy'), ['status'])
  t.same(classes(fine, { ...fine, reply: null }), ['status'])
  t.same(classes(fine, { ...fine, reply: { ...fine.reply!, complete: false } }), ['status'])
  t.same(classes(fine, { ...fine, reply: { ...fine.reply!, extra: '0\r\n\r\n' } }), ['status'])
  t.same(inReply(fine, '>b1<', '>b2<'), ['body'])
  t.same(inReply(fine, '"Content-Type', '"X-More: 1","Content-Type'), ['header'])
  t.same(inReply(fine, 'charset=UTF-8', 'charset=UTF-16'), ['header'])
  t.same(inReply(faulty, '>failed<', '>broken<'), ['fault'])
  t.same(inReply(faulty, 't:Receiver', 't:Sender'), ['fault'])
  t.same(inReply(faulty, 'X-Code: 101503', 'X-Code: 101504'), ['header'])
  t.same(inReply(faulty, /X-Message: [^"]*/, 'X-Message: other words'), ['header'])
  t.same(inReply(faulty, /"SOAPAction[^,]*,/, ''), ['echo'])
  t.same(inReply(fine, '; charset=UTF-8', ''), ['artefact'])
  t.same(atBackend('POST /', 'POST /else/'), ['backend'])
  t.same(atBackend('ClientID', 'ClientId'), ['backend'])
  t.same(classes(fine, { ...fine, atBackends: [] }), ['attempts'])
  t.same(classes(fine, { ...fine, atBackends: [...fine.atBackends, ...fine.atBackends] }), ['attempts'])
  t.same(classes(fine, { ...fine, time: 'after 2 s' }), ['time'])
})

t.test('XML is compared by what it means', async t => {
  const xml = (body: string): string =>
    meaning({ head: ['HTTP/1.1 200 OK', 'Content-Type: text/xml'], framing: 'length', body })
  const envelope = (inner: string): string =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${inner}</s:Envelope>`
  const alike: Array<[string, string]> = [
    ['<a xmlns="u" x="1" y="2"/>', "<p:a y='2' x='1' xmlns:p='u'></p:a>"],
    ['<a>b&lt;c</a>', '<a><![CDATA[b<c]]></a>'],
    ['<a>\r\n</a>', '<a>\n</a>'],
    ['<q:a xmlns:q="u">q:b</q:a>', '<r:a xmlns:r="u">r:b</r:a>'],
    ['<?xml version="1.0"?><a/>', '<a/>'],
    [envelope('<s:Header/> <s:Body><a/></s:Body>'), envelope('<s:Body><a/></s:Body>')]
  ]
  for (const [one, other] of alike) t.equal(xml(one), xml(other), one)
  const different: Array<[string, string]> = [
    ['<a xmlns="u"/>', '<a xmlns="v"/>'],
    ['<a x="1"/>', '<a x="2"/>'],
    ['<a> </a>', '<a/>'],
    ['<a/>', '<!DOCTYPE a><a/>'],
    ['<a><!--c--></a>', '<a/>'],
    ['<a/>', '<a/>b'],
    ['<q:a xmlns:q="u">q:b</q:a>', '<r:a xmlns:r="u">s:b</r:a>'],
    [envelope('<s:Header><x/></s:Header><s:Body/>'), envelope('<s:Body/>')]
  ]
  for (const [one, other] of different) t.not(xml(one), xml(other), one)
})
