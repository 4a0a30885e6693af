import type { Check } from '../checks.js'
import type { EnvelopeRow } from '../row.js'
import {
  respondedWithin,
  deliveredToSession,
  neverBound,
  noSession,
  ownSessions,
  refusedWith,
  sameSession,
  soapFault
} from '../session-checks.js'

const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope'
const SYNAPSE = 'http://ws.apache.org/ns/synapse'
const TEXT_XML = 'text/xml; charset=UTF-8'

const block = (id: string): string => `<c:ClientID xmlns:c="${SYNAPSE}">${id}</c:ClientID>`
const envelope = (header: string, body = '<x/>', namespace = SOAP_11, before = ''): string =>
  `${before}<e:Envelope xmlns:e="${namespace}"><e:Header>${header}</e:Header><e:Body>${body}</e:Body></e:Envelope>`

type Written = string | Buffer | { readonly type?: string; readonly body: string | Buffer }

const rows: EnvelopeRow[] = []
const counts = new Map<string, number>()

/** Text is UTF-8 here. */
function add (
  group: string,
  what: string,
  messages: (id: string) => readonly Written[],
  checks: Check | readonly Check[],
  more: Pick<EnvelopeRow, 'service' | 'heavy'> = {}
): void {
  const count = (counts.get(group) ?? 0) + 1
  counts.set(group, count)
  const id = `envelopes-${group}-${String(count).padStart(3, '0')}`
  const written = messages(`id-${id}`).map(each => {
    const { type = TEXT_XML, body } = typeof each === 'string' || Buffer.isBuffer(each) ? { body: each } : each
    return { type, body: Buffer.from(body) }
  })
  rows.push({ id, kind: 'envelopes', what, messages: written, checks: [checks].flat(), ...more })
}

const bound = (id: string): string => envelope(block(id))
const utf16 = (text: string, big = false): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le')
  return big ? bytes.swap16() : bytes
}

// The same id, written in other ways: XML 1.0, Namespaces in XML 1.0, SOAP 1.1 and 1.2.
const SAME: readonly [string, (id: string) => Written][] = [
  ['SOAP 1.2', id => ({ type: 'application/soap+xml; charset=UTF-8', body: envelope(block(id), '<x/>', SOAP_12) })],
  ['another prefix', id => envelope(`<synapse-1:ClientID xmlns:synapse-1="${SYNAPSE}">${id}</synapse-1:ClientID>`)],
  ['the default namespace', id => envelope(`<ClientID xmlns="${SYNAPSE}">${id}</ClientID>`)],
  [
    'the prefix is declared on Header',
    id =>
      `<e:Envelope xmlns:e="${SOAP_11}"><e:Header xmlns:c="${SYNAPSE}"><c:ClientID>${id}</c:ClientID></e:Header><e:Body/></e:Envelope>`
  ],
  [
    'the prefix is declared on Envelope',
    id =>
      `<e:Envelope xmlns:c="${SYNAPSE}" xmlns:e="${SOAP_11}"><e:Header><c:ClientID>${id}</c:ClientID></e:Header><e:Body/></e:Envelope>`
  ],
  [
    'the prefix of the envelope means something else outside',
    id =>
      `<c:Envelope xmlns:c="${SOAP_11}"><c:Header><c:ClientID xmlns:c="${SYNAPSE}">${id}</c:ClientID></c:Header><c:Body/></c:Envelope>`
  ],
  ['space around the id', id => envelope(block(` \n\t${id}\r\n `))],
  ['CDATA', id => envelope(block(`<![CDATA[${id}]]>`))],
  ['CDATA in its middle', id => envelope(block(`${id.slice(0, 3)}<![CDATA[${id.slice(3, 5)}]]>${id.slice(5)}`))],
  ['references to characters', id => envelope(block([...id].map(each => `&#${each.charCodeAt(0)};`).join('')))],
  [
    'hexadecimal references',
    id => envelope(block([...id].map(each => `&#x${each.charCodeAt(0).toString(16)};`).join('')))
  ],
  ['references to space around it', id => envelope(block(`&#32;${id}&#9;`))],
  ['a comment inside', id => envelope(block(`${id.slice(0, 4)}<!-- c -->${id.slice(4)}`))],
  ['a processing instruction inside', id => envelope(block(`${id.slice(0, 4)}<?p i?>${id.slice(4)}`))],
  ['an XML declaration', id => envelope(block(id), '<x/>', SOAP_11, '<?xml version="1.0" encoding="UTF-8"?>')],
  [
    'standalone, single quotes',
    id => envelope(block(id), '<x/>', SOAP_11, "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n")
  ],
  ['a byte order mark', id => `\ufeff${bound(id)}`],
  ['a comment before the envelope', id => envelope(block(id), '<x/>', SOAP_11, '<!-- <e:Envelope/> -->')],
  [
    'a processing instruction before the envelope',
    id => envelope(block(id), '<x/>', SOAP_11, '<?xml-stylesheet href="x"?>')
  ],
  ['lines between all tags', id => bound(id).replace(/></g, '>\r\n<')],
  ['UTF-16, little end first', id => ({ type: 'text/xml', body: utf16(bound(id)) })],
  ['UTF-16, big end first', id => ({ type: 'text/xml; charset=utf-16', body: utf16(bound(id), true) })],
  [
    'ISO-8859-1',
    id => ({
      type: 'text/xml',
      body: Buffer.from(
        envelope(`<x>\xe4</x>${block(id)}`, '<x/>', SOAP_11, '<?xml version="1.0" encoding="ISO-8859-1"?>'),
        'latin1'
      )
    })
  ],
  ['the charset of the Content-Type in quotes', id => ({ type: 'text/xml; charset="utf-8"', body: bound(id) })],
  [
    'other blocks before and after',
    id => envelope(`<a:b xmlns:a="urn:a">x</a:b>${block(id)}<a:b xmlns:a="urn:a"/>`)
  ],
  ['500 blocks before', id => envelope(`${'<a xmlns="urn:a"/>'.repeat(500)}${block(id)}`)],
  [
    'attributes',
    id => envelope(`<c:ClientID e:mustUnderstand="1" e:actor="x" a="b&gt;" xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)
  ],
  [
    'a reference in the name of its namespace',
    id => envelope(`<c:ClientID xmlns:c="http:&#47;/ws.apache.org/ns/synapse">${id}</c:ClientID>`)
  ],
  ['space inside its tags', id => envelope(`<c:ClientID\n  xmlns:c\t=\r\n'${SYNAPSE}'\n>${id}</c:ClientID \n>`)],
  ['">" inside an attribute before it', id => envelope(`<a b="/>--&gt;" xmlns="urn:a"/>${block(id)}`)],
  ['a comment with a block before it', id => envelope(`<!--${block('other')}-->${block(id)}`)],
  ['CDATA with a block before it', id => envelope(`<a xmlns="urn:a"><![CDATA[${block('other')}]]></a>${block(id)}`)],
  [
    'a block of that name in another block before it',
    id => envelope(`<a xmlns="urn:a">${block('other')}</a>${block(id)}`)
  ],
  [
    'a block of that name in another namespace before it',
    id => envelope(`<c:ClientID xmlns:c="urn:c">other</c:ClientID>${block(id)}`)
  ],
  ['xml:space', id => envelope(`<c:ClientID xml:space="preserve" xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)],
  ['no Content-Type charset', id => ({ type: 'text/xml', body: bound(id) })],
  [
    'UTF-16 in the declaration, UTF-8 in the charset of the transport, which counts (RFC 7303, 3.2)',
    id => envelope(block(id), '', SOAP_11, '<?xml version="1.0" encoding="UTF-16"?>')
  ],
  [
    'UTF-8 in the declaration, UTF-16 by its byte order mark, which counts (RFC 7303, 3.2)',
    id => ({
      type: 'text/xml',
      body: utf16(envelope(block(id), '', SOAP_11, '<?xml version="1.0" encoding="UTF-8"?>'))
    })
  ],
  ['a Body full of other ids', id => envelope(block(id), block('other').repeat(10))],
  ['a header block named Body', id => envelope(`<e:Body>${block('other')}</e:Body>${block(id)}`)]
]
for (const [what, variant] of SAME) {
  add('same', `the same id: ${what}`, id => [bound(id), variant(id)], deliveredToSession)
}

// Shapes for which readers differ, or that no conforming parser reads.
const UNSURE: readonly [string, (id: string) => Written][] = [
  ['a session block inside the session block', id => envelope(block(`${id}${block('other')}`))],
  ['a session block inside the session block, before the id', id => envelope(block(`${block('other')}${id}`))],
  ['a session block inside a session block without text', id => envelope(block(block(id)))],
  ['an element around the id', id => envelope(block(`<x>${id}</x>`))],
  ['an element after the id', id => envelope(block(`${id}<x>other</x>`))],
  ['an empty element inside the id', id => envelope(block(`${id.slice(0, 4)}<x/>${id.slice(4)}`))],
  ['two session blocks', id => envelope(block(id) + block('other'))],
  ['two session blocks, the same', id => envelope(block(id) + block(id))],
  ['an empty session block first', id => envelope(block('') + block(id))],
  [
    'two Headers',
    id =>
      `<e:Envelope xmlns:e="${SOAP_11}"><e:Header>${block(id)}</e:Header><e:Header>${block('other')}</e:Header><e:Body/></e:Envelope>`
  ],
  [
    'a Header in the other namespace',
    id =>
      `<e:Envelope xmlns:e="${SOAP_11}"><f:Header xmlns:f="${SOAP_12}">${block(id)}</f:Header><e:Body/></e:Envelope>`
  ],
  [
    'Body before Header',
    id => `<e:Envelope xmlns:e="${SOAP_11}"><e:Body/><e:Header>${block(id)}</e:Header></e:Envelope>`
  ],
  ['the namespace of SOAP 1.2 with the type of SOAP 1.1', id => envelope(block(id), '<x/>', SOAP_12)]
]
for (const [what, variant] of UNSURE) {
  const first =
    what.startsWith('an empty') ||
    what === 'Body before Header' ||
    what.startsWith('a Header in') ||
    what === 'a session block inside a session block without text'
  add('unsure', what, id => [bound(id), variant(id)], first ? neverBound : sameSession)
}
add(
  'unsure',
  'an empty element inside the id: never another id',
  id => [bound(id), envelope(block(`${id.slice(0, 4)}<x>y</x>${id.slice(4)}`))],
  sameSession
)

// What is not an id.
const NONE: readonly [string, (id: string) => Written][] = [
  ['in the Body', id => envelope('', block(id))],
  ['in a comment', id => envelope(`<!--${block(id)}-->`)],
  ['in CDATA of another block', id => envelope(`<a xmlns="urn:a"><![CDATA[${block(id)}]]></a>`)],
  ['in another block', id => envelope(`<a xmlns="urn:a">${block(id)}</a>`)],
  ['in another namespace', id => envelope(`<c:ClientID xmlns:c="urn:c">${id}</c:ClientID>`)],
  ['in no namespace', id => envelope(`<ClientID xmlns="">${id}</ClientID>`)],
  ['in a namespace with a slash more', id => envelope(`<c:ClientID xmlns:c="${SYNAPSE}/">${id}</c:ClientID>`)],
  [
    'in a namespace with other letters',
    id => envelope(`<c:ClientID xmlns:c="${SYNAPSE.toUpperCase()}">${id}</c:ClientID>`)
  ],
  ['in a namespace with space around it', id => envelope(`<c:ClientID xmlns:c=" ${SYNAPSE} ">${id}</c:ClientID>`)],
  ['in other letters', id => envelope(`<c:clientid xmlns:c="${SYNAPSE}">${id}</c:clientid>`)],
  [
    'a prefix that is redeclared on the block',
    id =>
      `<e:Envelope xmlns:e="${SOAP_11}" xmlns:c="${SYNAPSE}"><e:Header><c:ClientID xmlns:c="urn:c">${id}</c:ClientID></e:Header><e:Body/></e:Envelope>`
  ],
  ['an attribute', id => envelope(`<c:a ClientID="${id}" xmlns:c="${SYNAPSE}"/>`)],
  ['empty', () => envelope(block(''))],
  ['space alone', () => envelope(block(' \t\r\n '))],
  ['no Header', () => `<e:Envelope xmlns:e="${SOAP_11}"><e:Body/></e:Envelope>`],
  ['an empty Header', () => `<e:Envelope xmlns:e="${SOAP_11}"><e:Header/><e:Body/></e:Envelope>`],
  ['an envelope inside the Body', id => envelope('', bound(id))],
  ['plain XML', id => `<ClientID xmlns="${SYNAPSE}">${id}</ClientID>`],
  ['JSON', id => ({ type: 'application/json', body: `{"ClientID":"${id}"}` })],
  ['a text that is not XML', id => ({ type: 'text/plain', body: bound(id) })]
]
for (const [what, variant] of NONE) add('none', `no id: ${what}`, id => [bound(id), variant(id)], noSession)

// Not well-formed before the end of the Header: never another reading, never a session.
const MALFORMED: readonly [string, (id: string) => Written][] = [
  ['a prefix that is not declared', id => envelope(`<c:ClientID>${id}</c:ClientID>`)],
  ['tags that do not match', id => envelope(`<c:ClientID xmlns:c="${SYNAPSE}">${id}</c:Other>`)],
  ['tags that cross', id => envelope(`<a xmlns="urn:a"><c:ClientID xmlns:c="${SYNAPSE}">${id}</a></c:ClientID>`)],
  ['an attribute twice', id => envelope(`<c:ClientID a="1" a="2" xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)],
  [
    'an attribute twice by namespace',
    id =>
      envelope(`<c:ClientID p:a="1" q:a="2" xmlns:p="urn:p" xmlns:q="urn:p" xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)
  ],
  ['an attribute without quotes', id => envelope(`<c:ClientID a=1 xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)],
  ['"<" in an attribute', id => envelope(`<c:ClientID a="<" xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)],
  ['a lone "&"', id => envelope(block(`${id}&`))],
  ['a reference that is not declared', id => envelope(block(`${id}&x;`))],
  ['a reference to NUL', id => envelope(block(`${id}&#0;`))],
  ['a reference to a surrogate', id => envelope(block(`${id}&#xd800;`))],
  ['a reference to U+FFFF', id => envelope(block(`${id}&#xffff;`))],
  ['a reference beyond Unicode', id => envelope(block(`${id}&#x110000;`))],
  ['a reference beyond 32 bits', id => envelope(block(`${id}&#x100000041;`))],
  ['NUL', id => envelope(block(`${id}\0`))],
  ['a control character', id => envelope(block(`${id}\x01`))],
  ['"]]>" in text', id => envelope(block(`${id}]]>`))],
  ['"--" in a comment', id => envelope(`<!-- -- -->${block(id)}`)],
  ['a comment without an end', id => envelope(`<!-- ${block(id)}`)],
  ['CDATA without an end', id => envelope(block(`<![CDATA[${id}`))],
  ['a second XML declaration', id => envelope(block(id), '', SOAP_11, '<?xml version="1.0"?><?xml version="1.0"?>')],
  ['space before the XML declaration', id => envelope(block(id), '', SOAP_11, ' <?xml version="1.0"?>')],
  ['XML 1.1', id => envelope(block(id), '', SOAP_11, '<?xml version="1.1"?>')],
  ['a target "XML" of a processing instruction', id => envelope(`<?XML x?>${block(id)}`)],
  ['text before the envelope', id => `x${bound(id)}`],
  ['xmlns:xmlns', id => envelope(`<c:ClientID xmlns:xmlns="urn:x" xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)],
  [
    'the prefix xml for another namespace',
    id => envelope(`<xml:ClientID xmlns:xml="${SYNAPSE}">${id}</xml:ClientID>`)
  ],
  ['a prefix that means nothing', id => envelope(`<c:ClientID xmlns:c="">${id}</c:ClientID>`)],
  ['two colons in a name', id => envelope(`<c:d:ClientID xmlns:c="${SYNAPSE}">${id}</c:d:ClientID>`)],
  ['a name that begins with a digit', id => envelope(`<c:1ClientID xmlns:c="${SYNAPSE}">${id}</c:1ClientID>`)],
  ['no space between attributes', id => envelope(`<c:ClientID a="1"b="2" xmlns:c="${SYNAPSE}">${id}</c:ClientID>`)],
  ['an envelope that ends inside its Header', id => bound(id).slice(0, bound(id).indexOf('</e:Header>'))],
  ['UTF-8 that is overlong', id => Buffer.from(envelope(block(`${id}\xc0\xaf`)), 'latin1')],
  ['UTF-8 that is cut', id => Buffer.from(envelope(block(`${id}\xe2\x82`)), 'latin1')],
  ['a surrogate as UTF-8', id => Buffer.from(envelope(block(`${id}\xed\xa0\x80`)), 'latin1')],
  ['U+FFFF as UTF-8', id => envelope(block(`${id}\uffff`))],
  ['ISO-8859-1 said to be UTF-8', id => Buffer.from(envelope(block(`${id}\xe4`)), 'latin1')],
  [
    'an encoding that is not known',
    id => ({ type: 'text/xml', body: envelope(block(id), '', SOAP_11, '<?xml version="1.0" encoding="x-user"?>') })
  ],
  [
    'UTF-7',
    id => ({ type: 'text/xml', body: envelope(block(id), '', SOAP_11, '<?xml version="1.0" encoding="UTF-7"?>') })
  ],
  [
    'UTF-32',
    id => ({
      type: 'text/xml',
      body: Buffer.concat([
        Buffer.from([0xff, 0xfe, 0, 0]),
        ...[...bound(id)].map(each => Buffer.from([each.charCodeAt(0), 0, 0, 0]))
      ])
    })
  ],
  ['half a character of UTF-16', id => ({ type: 'text/xml', body: utf16(bound(id)).subarray(0, -1) })]
]
for (const [what, variant] of MALFORMED) {
  add('malformed', `not well-formed: ${what}`, id => [bound(id), variant(id)], [neverBound, refusedWith(400, 500)])
}

// DOCTYPE (XML external entities, entity bombs): refused as the fault of its sender.
const bomb = Array.from({ length: 10 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('')
const DOCTYPES: readonly [string, string, string][] = [
  ['without anything', '<!DOCTYPE e:Envelope>', 'id'],
  ['an external entity', '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', '&f;'],
  ['an external subset', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">', 'id'],
  ['an entity of its own', '<!DOCTYPE x [<!ENTITY f "id">]>', '&f;'],
  ['a parameter entity', '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]>', 'id'],
  ['an entity bomb', `<!DOCTYPE x [<!ENTITY l0 "x">${bomb}]>`, '&l10;'],
  ['a public name', '<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x">', 'id'],
  ['a default attribute', '<!DOCTYPE x [<!ATTLIST x a CDATA "b">]>', 'id'],
  ['after a comment', '<!-- c --><!DOCTYPE x>', 'id'],
  ['after a declaration', '<?xml version="1.0"?>\n<!DOCTYPE x>', 'id'],
  ['without an end', '<!DOCTYPE x [', 'id'],
  ['one quadratic entity', `<!DOCTYPE x [<!ENTITY a "${'x'.repeat(20_000)}">]>`, '&a;'.repeat(2_000)]
]
const READERS = ['Envelopes', 'Logs', 'LogsAll', 'SetsHeader', 'Responds', 'Faults', 'SetsTo']
for (const [what, doctype, id] of DOCTYPES) {
  for (const service of READERS) {
    add(
      'doctype',
      `a DOCTYPE ${what}, to ${service}`,
      () => [envelope(block(id), '<value>v</value>', SOAP_11, doctype)],
      [refusedWith(400), soapFault, respondedWithin(1_500)],
      { service }
    )
  }
}
add(
  'doctype',
  'a DOCTYPE in UTF-16',
  () => [{ type: 'text/xml', body: utf16(envelope(block('id'), '', SOAP_11, '<!DOCTYPE x>')) }],
  [refusedWith(400), soapFault]
)
add(
  'doctype',
  'a DOCTYPE in lower case is no markup',
  () => [envelope(block('id'), '', SOAP_11, '<!doctype x>')],
  refusedWith(400, 500)
)

// Ids that differ.
const DIFFERENT: readonly [string, (id: string) => readonly [string, string]][] = [
  ['in case', id => [`${id}a`, `${id}A`]],
  ['in composition (NFC, NFD)', id => [`${id}\u00e4`, `${id}a\u0308`]],
  ['in a no-break space', id => [id, `${id}&#xa0;`]],
  ['in an ideographic space', id => [id, `${id}\u3000`]],
  ['in a line separator', id => [id, `${id}&#x2028;`]],
  ['in a byte order mark', id => [id, `\ufeff${id}`]],
  ['in a zero-width space', id => [id, `${id}\u200b`]],
  ['in space inside', id => [`${id} x`, `${id}  x`]],
  ['in a prefix of 8 characters', id => [`12345678${id}`, `12345679${id}`]],
  ['beyond the plane of 16 bits', id => [`${id}\u{1f600}`, `${id}\u{1f601}`]],
  ['in a reference whose ampersand is escaped', id => [`${id}&amp;lt;`, `${id}&lt;`]],
  ['from names that every object has', () => ['__proto__', 'constructor']],
  ['as numbers that are equal', id => [`1${id.length}`, `1${id.length}.0`]],
  ['in wide and narrow letters', id => [`${id}a`, `${id}\uff41`]],
  ['in U+0085', id => [id, `${id}&#x85;`]],
  ['in U+0100 and NUL of 8 bits', id => [`${id}\u0141`, `${id}A`]]
]
for (const [what, pair] of DIFFERENT) {
  add('different', `two ids that differ ${what}`, id => pair(id).map(bound), ownSessions)
}
for (const length of [
  100, 255, 256, 257, 1_000, 1_024, 4_096, 10_000, 32_768, 60_000, 65_000, 66_000, 130_000, 1_000_000
]) {
  add(
    'different',
    `two ids of ${length} characters that differ at their end`,
    id => [bound(`${id}${'x'.repeat(length)}a`), bound(`${id}${'x'.repeat(length)}b`)],
    [ownSessions, respondedWithin(2_000)]
  )
  add(
    'different',
    `two ids of ${length} characters that differ at their start`,
    id => [bound(`${id}a${'x'.repeat(length)}`), bound(`${id}b${'x'.repeat(length)}`)],
    [ownSessions, respondedWithin(2_000)]
  )
}

// Bombs without entities: bounded time, whatever the response is.
const BOMBS: readonly [string, string][] = [
  ['100,000 elements in one another in the Header', envelope('<a>'.repeat(100_000))],
  ['100,000 elements in one another in the Body', envelope('', '<a>'.repeat(100_000) + '</a>'.repeat(100_000))],
  ['200,000 blocks', envelope('<a/>'.repeat(200_000))],
  ['100,000 attributes', envelope(`<a ${Array.from({ length: 100_000 }, (_, at) => `a${at}="b"`).join(' ')}/>`)],
  [
    '50,000 prefixes',
    envelope(`<a ${Array.from({ length: 50_000 }, (_, at) => `xmlns:p${at}="urn:${at}"`).join(' ')}/>`)
  ],
  ['a name of 1 MB', envelope(`<${'a'.repeat(1 << 20)}/>`)],
  ['an attribute of 1 MB', envelope(`<a b="${'x'.repeat(1 << 20)}"/>`)],
  ['a comment of 1 MB', envelope(`<!--${'x'.repeat(1 << 20)}-->`)],
  ['1 MB of "<"', '<'.repeat(1 << 20)],
  ['1 MB of "&"', envelope('&'.repeat(1 << 20))],
  ['1 MB of space', `${' '.repeat(1 << 20)}${bound('x')}`],
  ['500,000 references', envelope('', `<value>${'&#65;'.repeat(500_000)}</value>`)],
  ['1 MB of CDATA sections', envelope('', `<value>${'<![CDATA[x]]>'.repeat(80_000)}</value>`)],
  ['100,000 comments', envelope('', `<value>${'<!---->'.repeat(100_000)}x</value>`)],
  ['200,000 values', envelope('', '<value>x</value>'.repeat(200_000))],
  ['10 MB of text', envelope('', `<value>${'x'.repeat(10_000_000)}</value>`)]
]
for (const [what, body] of BOMBS) {
  for (const service of ['Envelopes', 'Logs', 'SetsHeader']) {
    add('bomb', `${what}, to ${service}`, () => [body], respondedWithin(3_000), {
      service,
      heavy: body.length > 2_000_000
    })
  }
}

export const envelopes: readonly EnvelopeRow[] = rows
