import t from 'tap'
import { appendBlocks, removeBlocks, applyEdits } from '../../../lib/soap/edit.js'
import { scan } from '../../../lib/soap/scan.js'
import type { Envelope } from '../../../lib/message/envelope.js'

const NS = 'http://schemas.xmlsoap.org/soap/envelope/'
const BLOCK = '<m:h xmlns:m="urn:m">1</m:h>'
const envelopeOf = (bytes: Buffer): Envelope => {
  const seen = scan(bytes)
  if (seen.kind !== 'envelope') throw new Error(JSON.stringify(seen))
  return seen
}
const add = (text: string, xml = BLOCK): string => {
  const bytes = Buffer.from(text)
  return String(applyEdits(bytes, [appendBlocks(envelopeOf(bytes), xml)]))
}

t.test('edits of a message are made in place, in any order', async t => {
  t.equal(
    String(
      applyEdits(Buffer.from('0123456789'), [
        { start: 8, end: 10, text: '' },
        { start: 2, end: 4, text: 'ab' },
        { start: 4, end: 4, text: '|' }
      ])
    ),
    '01ab|4567'
  )
  t.equal(String(applyEdits(Buffer.from('01'), [])), '01')
  t.equal(
    String(
      applyEdits(Buffer.from('01'), [
        { start: 1, end: 1, text: 'a' },
        { start: 1, end: 1, text: 'b' },
        { start: 1, end: 2, text: 'c' }
      ])
    ),
    '0abc'
  )
})

t.test('edits that overlap, or reach beyond, are refused', async t => {
  t.throws(
    () =>
      applyEdits(Buffer.from('0123'), [
        { start: 0, end: 2, text: '' },
        { start: 1, end: 3, text: '' }
      ]),
    RangeError
  )
  t.throws(() => applyEdits(Buffer.from('0123'), [{ start: 2, end: 5, text: '' }]), RangeError)
  t.throws(() => applyEdits(Buffer.from('0123'), [{ start: 2, end: 1, text: '' }]), RangeError)
})

t.test('what is inserted is ASCII, whatever the message is in', async t => {
  const bytes = Buffer.from(
    `<?xml version="1.0" encoding="ISO-8859-1"?><s:Envelope xmlns:s="${NS}"><s:Header/><s:Body><t>Größe</t></s:Body></s:Envelope>`,
    'latin1'
  )
  const made = applyEdits(bytes, [appendBlocks(envelopeOf(bytes), '<m:h xmlns:m="urn:ü">€ ü 😀<![CDATA[ä]]></m:h>')])
  t.match(made.toString('latin1'), /<m:h xmlns:m="urn:&#252;">&#8364; &#252; &#128512;&#228;<\/m:h>/)
  t.match(made.toString('latin1'), /<t>Größe<\/t>/)
  const seen = scan(made)
  t.match(seen, { kind: 'envelope', blocks: [{ namespace: 'urn:ü', text: '€ ü 😀ä' }] })
})

t.test('header blocks are added', async t => {
  t.test('blocks are added at the end of Header', async t => {
    t.equal(
      add(`<s:Envelope xmlns:s="${NS}"><s:Header><a:b xmlns:a="u"/> </s:Header><s:Body/></s:Envelope>`),
      `<s:Envelope xmlns:s="${NS}"><s:Header><a:b xmlns:a="u"/> ${BLOCK}</s:Header><s:Body/></s:Envelope>`
    )
  })
  t.test('header blocks are added to an empty Header, which keeps its attributes', async t => {
    t.equal(
      add(`<s:Envelope xmlns:s="${NS}"><s:Header id='1' /><s:Body/></s:Envelope>`),
      `<s:Envelope xmlns:s="${NS}"><s:Header id='1' >${BLOCK}</s:Header><s:Body/></s:Envelope>`
    )
    t.equal(
      add(`<s:Envelope xmlns:s="${NS}"><x:Header xmlns:x="${NS}"/><s:Body/></s:Envelope>`),
      `<s:Envelope xmlns:s="${NS}"><x:Header xmlns:x="${NS}">${BLOCK}</x:Header><s:Body/></s:Envelope>`
    )
  })
  t.test('a Header is added where none exists', async t => {
    t.equal(
      add(`<s:Envelope xmlns:s="${NS}"> <s:Body/></s:Envelope>`),
      `<s:Envelope xmlns:s="${NS}"> <s:Header>${BLOCK}</s:Header><s:Body/></s:Envelope>`
    )
    t.equal(
      add(`<Envelope xmlns="${NS}"><Body/></Envelope>`),
      `<Envelope xmlns="${NS}"><Header><m:h xmlns="" xmlns:m="urn:m">1</m:h></Header><Body/></Envelope>`
    )
  })
  t.test('header blocks stay outside of the default namespace of the Envelope', async t => {
    const text = `<Envelope xmlns="${NS}"><Header/><Body/></Envelope>`
    t.equal(
      add(text, '<m:h xmlns:m="urn:m"><plain/></m:h><h xmlns="urn:own"/><m:i xmlns:m="urn:m"/>'),
      text.replace(
        '<Header/>',
        '<Header><m:h xmlns="" xmlns:m="urn:m"><plain/></m:h><h xmlns="urn:own"/><m:i xmlns="" xmlns:m="urn:m"/></Header>'
      )
    )
  })
  t.test('header blocks are added to the start of a message that streams', async t => {
    t.equal(
      add(`<s:Envelope xmlns:s="${NS}"><s:Header></s:Header><s:Bo`),
      `<s:Envelope xmlns:s="${NS}"><s:Header>${BLOCK}</s:Header><s:Bo`
    )
  })
})

t.test('blocks are removed, and a Header without any stays', async t => {
  const bytes = Buffer.from(
    `<s:Envelope xmlns:s="${NS}"><s:Header><a xmlns="u">1</a><b xmlns="u"><c/></b></s:Header><s:Body/></s:Envelope>`
  )
  const envelope = envelopeOf(bytes)
  t.equal(
    String(applyEdits(bytes, removeBlocks(envelope, envelope.blocks.slice(1)))),
    String(bytes).replace('<b xmlns="u"><c/></b>', '')
  )
  const none = applyEdits(bytes, removeBlocks(envelope, envelope.blocks))
  t.equal(String(none), `<s:Envelope xmlns:s="${NS}"><s:Header></s:Header><s:Body/></s:Envelope>`)
  t.equal(
    String(applyEdits(bytes, [...removeBlocks(envelope, envelope.blocks), appendBlocks(envelope, BLOCK)])),
    `<s:Envelope xmlns:s="${NS}"><s:Header>${BLOCK}</s:Header><s:Body/></s:Envelope>`
  )
})
