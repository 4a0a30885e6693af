import t, { type Test } from 'tap'
import { EnvelopeScanner, scan, transcode, type ScanOptions } from '../../../lib/soap/scan.js'
import type { Envelope, ScanResult } from '../../../lib/message/envelope.js'
import { MediationError } from '../../../lib/message/fault.js'

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope'
const SYN = 'http://ws.apache.org/ns/synapse'

const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text)

function inPieces (bytes: Buffer, cuts: readonly number[], options?: ScanOptions): ScanResult {
  const scanner = new EnvelopeScanner(options)
  let from = 0
  for (const cut of [...cuts, bytes.length]) {
    if (scanner.push(Buffer.from(bytes.subarray(from, cut)))) break
    from = cut
  }
  return scanner.finish()
}

/** The outcome, which must be the same however the message is cut. */
function read (t: Test, text: string | Buffer, options?: ScanOptions): ScanResult {
  const bytes = bytesOf(text)
  const whole = scan(bytes, options)
  t.same(inPieces(bytes, Array.from(bytes.keys()), options), whole, 'byte by byte')
  for (let cut = 0; cut <= bytes.length; cut++) {
    const cuts = [cut, Math.min(cut + 3, bytes.length)]
    const outcome = inPieces(bytes, cuts, options)
    if (JSON.stringify(outcome) !== JSON.stringify(whole)) t.same(outcome, whole, `cut at ${cuts.join(' and ')}`)
  }
  return whole
}

function envelopeOf (t: Test, text: string | Buffer, options?: ScanOptions): Envelope {
  const outcome = read(t, text, options)
  if (outcome.kind !== 'envelope') throw new Error(JSON.stringify(outcome))
  return outcome
}

const soap = (blocks: string, body = '<s:Body/>'): string =>
  `<s:Envelope xmlns:s="${SOAP11}"><s:Header>${blocks}</s:Header>${body}</s:Envelope>`
const soapOf = (content: string): string => `<s:Envelope xmlns:s="${SOAP11}">${content}</s:Envelope>`
const client = (text: string): string => soap(`<c:ClientID xmlns:c="${SYN}">${text}</c:ClientID>`)
const keyOf = (t: Test, text: string | Buffer, options?: ScanOptions): string | undefined =>
  envelopeOf(t, text, options).blocks.find(each => each.namespace === SYN && each.name === 'ClientID')?.text

function refused (t: Test, text: string | Buffer, cause: string, why: RegExp, options?: ScanOptions): void {
  const outcome = read(t, text, options)
  t.match(outcome, { kind: 'unreadable', cause, reason: why }, bytesOf(text).toString('latin1').slice(0, 120))
}

t.test('the positions of an envelope with one block are found', async t => {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<e:Envelope xmlns:e="${SOAP12}" xmlns:x="urn:x">\n <e:Header>\n  <syn:ClientID xmlns:syn="${SYN}"> c1 </syn:ClientID>\n </e:Header>\n <e:Body/>\n</e:Envelope>`
  const outcome = envelopeOf(t, text)
  const at = (part: string): number => text.indexOf(part)
  t.same(outcome, {
    kind: 'envelope',
    version: '1.2',
    prefix: 'e',
    header: {
      start: at('<e:Header>'),
      end: at('</e:Header>') + 11,
      open: at('<e:Header>') + 10,
      close: at('</e:Header>'),
      prefix: 'e'
    },
    blocks: [
      {
        namespace: SYN,
        name: 'ClientID',
        prefix: 'syn',
        text: ' c1 ',
        children: [],
        start: at('<syn:'),
        end: at('</syn:ClientID>') + 15
      }
    ],
    rest: at('</e:Header>') + 11,
    scope: { e: SOAP12, x: 'urn:x' }
  })
})

t.test('without a Header, the rest begins with the Body', async t => {
  const text = `<Envelope xmlns="${SOAP11}" xmlns:a="urn:a">  <Body xmlns:b="urn:b"><x/></Body></Envelope>`
  t.same(envelopeOf(t, text), {
    kind: 'envelope',
    version: '1.1',
    prefix: '',
    header: undefined,
    blocks: [],
    rest: text.indexOf('<Body'),
    scope: { '': SOAP11, a: 'urn:a' }
  })
})

t.test('an empty Header has no content', async t => {
  const text = soapOf('<s:Header xmlns:a="urn:a" /><s:Body/>')
  const { header, rest, scope } = envelopeOf(t, text)
  t.same(header, {
    start: text.indexOf('<s:Header'),
    end: text.indexOf('<s:Body'),
    open: undefined,
    close: undefined,
    prefix: 's'
  })
  t.equal(rest, text.indexOf('<s:Body'))
  t.same(scope, { s: SOAP11, a: 'urn:a' })
  const { header: other } = envelopeOf(t, soapOf('<s:Header></s:Header><s:Body/>'))
  t.equal(other?.open, other?.close)
})

t.test('bytes after the Header are not read', async t => {
  t.equal(keyOf(t, client('a').replace(/<s:Body.*/, '<<<&\0 and no end')), 'a')
  t.equal(keyOf(t, client('a').replace(/<s:Body.*/, soap('<x/>'))), 'a', 'a second Header is not the Header')
  const scanner = new EnvelopeScanner()
  t.equal(scanner.push(Buffer.from(soap('').slice(0, -22))), true, 'no more bytes are wanted')
  t.equal(scanner.push(Buffer.from('<')), true, 'and none change the outcome')
  t.equal(scanner.finish().kind, 'envelope')
})

t.test('the scope handles overridden and removed prefixes, and has no prototype', async t => {
  const { scope } = envelopeOf(
    t,
    `<s:Envelope xmlns="urn:d" xmlns:s="${SOAP11}" xmlns:__proto__="urn:p" xmlns:a="urn:1"><s:Header xmlns="" xmlns:a="urn:2"><x xmlns:b="urn:b"/></s:Header></s:Envelope>`
  )
  t.same(Object.entries(scope), [
    ['s', SOAP11],
    ['__proto__', 'urn:p'],
    ['a', 'urn:2']
  ])
  t.equal(scope.toString, undefined)
})

t.test('blocks inside of blocks are not header blocks', async t => {
  const { blocks } = envelopeOf(t, soap('<a>1<b xmlns="urn:b">2<c/>3</b>4<d>5</d></a><e/>'))
  t.same(
    blocks.map(each => [
      each.name,
      each.text,
      each.children.map(child => [
        child.namespace,
        child.name,
        child.text,
        child.children.map(its => [its.namespace, its.name])
      ])
    ]),
    [
      [
        'a',
        '12345',
        [
          ['urn:b', 'b', '23', [['urn:b', 'c']]],
          ['', 'd', '5', []]
        ]
      ],
      ['e', '', []]
    ]
  )
})

t.test('the text of a block is what a parser reads', async t => {
  t.equal(keyOf(t, client('a&amp;b&#65;&#x42;&lt;&gt;&quot;&apos;')), 'a&bAB<>"\'')
  t.equal(keyOf(t, client('a<![CDATA[<b>&amp;]]]]>c')), 'a<b>&amp;]]c')
  t.equal(keyOf(t, client('a<!-- x -->b<?p q?>c')), 'abc')
  t.equal(keyOf(t, client('1\r\n2\r3\n4<![CDATA[5\r\n6\r]]>\n&#13;&#xD;\n')), '1\n2\n3\n45\n6\n\n\r\r\n')
  t.equal(keyOf(t, client('a]]b]>c]&#93;>')), 'a]]b]>c]]>')
  t.equal(keyOf(t, client('ü€😀&#x1F600;')), 'ü€😀😀')
  t.equal(keyOf(t, client('&amp;amp;&#38;lt;')), '&amp;&lt;', 'references are resolved once')
})

t.test('a root that is not an envelope is plain', async t => {
  t.same(read(t, '<a/>'), { kind: 'plain', namespace: '', name: 'a' })
  t.same(read(t, '<?xml version="1.0"?><!-- x --><?p?>\n<p:a xmlns:p="urn:p" b="c">'), {
    kind: 'plain',
    namespace: 'urn:p',
    name: 'a'
  })
  t.same(read(t, '<Envelope><Header>'), { kind: 'plain', namespace: '', name: 'Envelope' })
  t.same(read(t, '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope">'), {
    kind: 'plain',
    namespace: 'http://schemas.xmlsoap.org/soap/envelope',
    name: 'Envelope'
  })
  t.same(read(t, `<e:envelope xmlns:e="${SOAP11}">`), { kind: 'plain', namespace: SOAP11, name: 'envelope' })
})

t.test('a message of no bytes is empty', async t => {
  for (const text of ['', ' ', '\r\n\t ', '\uFEFF', '\uFEFF\n']) refused(t, text, 'empty', /empty/)
  refused(t, '<?xml version="1.0"?>', 'malformed', /too early/)
  refused(t, '<!-- -->', 'malformed', /too early/)
})

t.test('a message that ends too early is malformed', async t => {
  const text = `<?xml version="1.0"?>${client('a&amp;<!-- --><![CDATA[b]]>')}`
  for (let end = 1; end < text.indexOf('<s:Body'); end++) {
    t.match(scan(Buffer.from(text.slice(0, end))), { cause: 'malformed', reason: /too early/ })
  }
})

t.test('a DOCTYPE is refused', async t => {
  refused(t, `<!DOCTYPE x [<!ENTITY a "b">]>${client('&a;')}`, 'doctype', /DOCTYPE/)
  refused(t, '<?xml version="1.0"?>\n<!-- -->\n<!DOCTYPE html>', 'doctype', /DOCTYPE/)
  refused(t, '<!doctype html>', 'malformed', /without a meaning/)
  refused(t, client('<!DOCTYPE x>'), 'doctype', /DOCTYPE/)
})

t.test('no second reading of a message gives another session id', async t => {
  const id = `<c:ClientID xmlns:c="${SYN}">evil</c:ClientID>`
  const good = `<c:ClientID xmlns:c="${SYN}">good</c:ClientID>`
  t.equal(keyOf(t, soap(`<!-- ${id} -->${good}`)), 'good', 'in a comment')
  t.equal(keyOf(t, soap(`<?x ${id} ?>${good}`)), 'good', 'in a processing instruction')
  t.equal(keyOf(t, soap(`<x><![CDATA[${id}]]></x>${good}`)), 'good', 'in CDATA')
  t.equal(keyOf(t, soap(`<x a='${id.replaceAll('<', '&lt;')}'/>${good}`)), 'good', 'in an attribute')
  t.equal(
    keyOf(t, soap(`<x a='>' b=">" c='"/>' d="'>">${id}</x>${good}`)),
    'good',
    'in another block, after quotation marks'
  )
  t.equal(keyOf(t, `<!-- <s:Envelope><s:Header>${id} -->${soap(good)}`), 'good', 'before the root')
  t.equal(keyOf(t, soap(`<ClientID>evil</ClientID>${good}`)), 'good', 'without a namespace')
  t.equal(keyOf(t, soap(`<c:ClientID xmlns:c="${SYN}/">evil</c:ClientID>${good}`)), 'good', 'in another namespace')
  t.equal(keyOf(t, soap(`<c:clientID xmlns:c="${SYN}">evil</c:clientID>${good}`)), 'good', 'in another case')
  t.equal(
    keyOf(t, soap(`<x xmlns="${SYN}" xmlns:d="urn:d"><ClientID>evil</ClientID></x>${good}`)),
    'good',
    'a level too deep'
  )
  t.equal(
    keyOf(t, soap(`<x xmlns="${SYN}"/><ClientID>evil</ClientID>${good}`)),
    'good',
    'by a declaration that is over'
  )
  t.equal(keyOf(t, soap(`<c:x xmlns:c="${SYN}"><c:y xmlns:c="urn:c"/></c:x>${good}`)), 'good')
  t.equal(
    keyOf(t, soap(`<c:ClientID a="xmlns:c='${SYN}'" xmlns:c="urn:c">evil</c:ClientID>${good}`)),
    'good',
    'by something that looks like a declaration'
  )
  t.equal(keyOf(t, soap(`${good}${id}`)), 'good', 'twice: in order')
  t.same(
    envelopeOf(t, soap(`${good}${id}`)).blocks.map(each => each.text),
    ['good', 'evil']
  )
  t.equal(keyOf(t, soap(`<ClientID xmlns="${SYN}">a<b>c</b></ClientID>`)), 'ac', 'with elements inside')
  t.equal(
    keyOf(t, soap('<q:ClientID xmlns:q="http://ws.apache.org/ns/s&#121;napse">a</q:ClientID>')),
    'a',
    'a namespace may have references'
  )
  t.equal(keyOf(t, soapOf(`<s:Body>${id}</s:Body>`)), undefined, 'in the Body')
  t.equal(keyOf(t, soapOf(`<s:Body/><s:Header>${id}</s:Header>`)), undefined, 'in a Header after the Body')
})

t.test('the Envelope has a Header or a Body first, of its own version', async t => {
  refused(t, soapOf('<x/><s:Header/>'), 'malformed', /neither its Header nor its Body/)
  refused(t, soapOf(`<e:Header xmlns:e="${SOAP12}"/>`), 'malformed', /neither/)
  refused(t, soapOf('<Header/>'), 'malformed', /neither/)
  refused(t, soapOf(''), 'malformed', /neither a Header nor a Body/)
  refused(t, `<Envelope xmlns="${SOAP11}"/>`, 'malformed', /neither a Header nor a Body/)
  refused(t, soapOf('x<s:Body/>'), 'malformed', /text/)
  refused(t, soapOf('&#32;<s:Body/>'), 'malformed', /text/)
  refused(t, soapOf('<![CDATA[ ]]><s:Body/>'), 'malformed', /text/)
  refused(t, soap('x'), 'malformed', /text/)
  refused(t, soap('<x/>y'), 'malformed', /text/)
  t.equal(keyOf(t, client('a').replace('<s:Header>', '<!-- a --> <?b?>\n<s:Header><!-- c -->')), 'a')
})

t.test('a message that is not well-formed is refused', async t => {
  const wrong: [string, RegExp][] = [
    ['x<a/>', /text/],
    ['\0', /text/],
    ['\r\n x<a/>', /text .*\(byte 3\)/],
    ['{"a": 1}', /text/],
    ['&amp;<a/>', /text/],
    ['</a>', /without a start tag/],
    ['< a/>', /no name/],
    ['<1/>', /no name/],
    ['<-a/>', /no name/],
    ['<a b/>', /without a value/],
    ['<a b=c/>', /quotation/],
    ['<a b="c"d="e"/>', /no space/],
    ['<a b="<"/>', /"<" in the value/],
    ['<a b="\x01"/>', /character/],
    ['<a b="&c;"/>', /"c" is not defined/],
    ['<a b="&"/>', /not begin a reference/],
    ['<a / >', /"\/" inside/],
    ['<a b="" b=""/>', /two attributes "b"/],
    ['<a xmlns:p="u" xmlns:q="u" p:b="" q:b=""/>', /two attributes "b"/],
    ['<a xmlns:p="u" xmlns:p="v"/>', /"p" is declared twice/],
    ['<a xmlns="u" xmlns="v"/>', /"" is declared twice/],
    ['<a xml:b="" xml:b=""/>', /two attributes "b"/],
    ['<a b="" xmlns:p="u" xmlns="u" b=""/>', /two attributes "b"/],
    ['<p:a/>', /"p" is not declared/],
    ['<a p:b=""/>', /"p" is not declared/],
    ['<a p:b="" c=""/>', /"p" is not declared/],
    ['<xmlns:a/>', /"xmlns" is not declared/],
    ['<a xmlns:p=""/>', /"p" cannot be declared without a namespace/],
    ['<a xmlns:xmlns="u"/>', /cannot be declared/],
    ['<a xmlns:p="http://www.w3.org/2000/xmlns/"/>', /cannot be declared/],
    ['<a xmlns="http://www.w3.org/2000/xmlns/"/>', /cannot be declared/],
    ['<a xmlns:xml="u"/>', /belong together/],
    ['<a xmlns:p="http://www.w3.org/XML/1998/namespace"/>', /belong together/],
    ['<a xmlns="http://www.w3.org/XML/1998/namespace"/>', /belong together/],
    ['<a:b:c xmlns:a="u"/>', /two colons/],
    ['<:a/>', /no name/],
    ['<a:/>', /no name/],
    ['<a xmlns:="u"/>', /no name/],
    ['<a:1 xmlns:a="u"/>', /no name/],
    ['<!-- -- --><a/>', /"--"/],
    ['<!-- --->', /"--"/],
    ['<!-- \x0B --><a/>', /character/],
    ['<!-x', /without a meaning/],
    ['<!ELEMENT a>', /without a meaning/],
    ['<![CDATA[x]]><a/>', /text/],
    ['<?xml version="1.0"?><?xml version="1.0"?><a/>', /not at the start/],
    [' <?xml version="1.0"?><a/>', /not at the start/],
    ['<?XML version="1.0"?><a/>', /declaration is malformed/],
    ['<?xml?><a/>', /declaration is malformed/],
    ['<?xml encoding="UTF-8"?><a/>', /declaration is malformed/],
    ['<?xml version="1.0" standalone="maybe"?><a/>', /declaration is malformed/],
    ['<?xml version="1.0"encoding="UTF-8"?><a/>', /declaration is malformed/],
    ['<?xml version="1.1"?><a/>', /only XML version 1\.0/],
    ['<?a:b?><a/>', /colon/],
    ['<? a?><a/>', /no name/],
    ['<?a!?><a/>', /proper name/],
    ['<?a?b?><a/>', /proper name/],
    ['<a\u00D7/>', /names may not have/],
    ['<\u00B7a/>', /names may not have/],
    ['<a b\u2028=""/>', /names may not have/],
    ['<!-- \uFFFE --><a/>', /character/]
  ]
  for (const [text, why] of wrong) refused(t, text, 'malformed', why)
  for (const [text, why] of [
    ['<x></y>', /not the one of "x"/],
    ['<x></xy>', /not the one of "x"/],
    ['<xy></x>', /not the one of "xy"/],
    ['<x xmlns:p="u"><p:y></y></x>', /not the one of "p:y"/],
    ['<x></x y="z">', /more than a name/],
    ['<x></ x>', /no name/],
    ['</s:Envelope>', /not the one of "s:Header"/],
    ['<x>]]></x>', /"\]\]>"/],
    ['<x>\x08</x>', /character/],
    ['<x>\x7F\x00</x>', /character/],
    ['<x>&#0;</x>', /"#0" is not defined/],
    ['<x>&#xD800;</x>', /is not defined/],
    ['<x>&#xFFFE;</x>', /is not defined/],
    ['<x>&#x110000;</x>', /is not defined/],
    ['<x>&#99999999999999999999;</x>', /is not defined/],
    ['<x>&#X41;</x>', /is not defined/],
    ['<x>&#;</x>', /is not defined/],
    ['<x>&;</x>', /is not defined/],
    ['<x>&nbsp;</x>', /"nbsp" is not defined/],
    ['<x>&constructor;</x>', /is not defined/],
    ['<x>&amp</x>', /not begin a reference/],
    ['<x>& </x>', /not begin a reference/],
    ['<x>\uFFFF</x>', /character/],
    ['<x><![CDATA[\x02]]></x>', /character/],
    ['<x><![cdata[a]]></x>', /without a meaning/],
    ['<x><?xml version="1.0"?></x>', /not at the start/]
  ] as [string, RegExp][]) {
    refused(t, soap(text), 'malformed', why)
  }
})

t.test('an unusual but well-formed message is read', async t => {
  for (const text of [
    "<?xml\tversion = '1.0'\nencoding\r= \"utf-8\" standalone='no' ?><a/>",
    '<a b="\'" c=\'"\' d=">"/>',
    '<a\n\tb\r=\n"c"\n/>',
    '<xml:a/>',
    '<a xml:lang="de"/>',
    '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
    '<a xmlns=""/>',
    '<a xmlns:p="u" p:b="" b=""/>',
    '<a xmlns:p="u" xmlns:q="v" p:b="" q:b=""/>',
    '<!----><a/>',
    '<!-- - -><a/> --><a/>',
    '<?p ??><a/>',
    '<?xml-stylesheet a?><a/>',
    '<a b="]]>"/>',
    '<é:ü-1 xmlns:é="u"/>',
    '<_a.b-c/>',
    '<a b="&#10;&lt;"/>'
  ]) {
    t.equal(read(t, text).kind, 'plain', text)
  }
  t.equal(keyOf(t, soap(`<c:ClientID\txmlns:c = '${SYN}' >a</c:ClientID\n>`)), 'a')
  t.same(read(t, '<é:ü xmlns:é="urn:ß&amp;\n&#9;">'), { kind: 'plain', namespace: 'urn:ß& \t', name: 'ü' })
})

t.test('depth, attributes and children of a message are bounded', async t => {
  const deep = (levels: number): string => soap('<a>'.repeat(levels - 2) + '</a>'.repeat(levels - 2))
  t.equal(scan(Buffer.from(deep(64))).kind, 'envelope')
  refused(t, deep(65), 'limit', /deeper than 64/)
  const attributes = (count: number): string =>
    `<a ${Array.from({ length: count }, (_, at) => `a${at}=""`).join(' ')}/>`
  t.equal(scan(Buffer.from(attributes(256))).kind, 'plain')
  t.match(scan(Buffer.from(attributes(257))), { cause: 'limit', reason: /256 attributes/ })
  t.equal(scan(Buffer.from(soap('<a/>'.repeat(1024)))).kind, 'envelope')
  t.match(scan(Buffer.from(soap('<a/>'.repeat(1025)))), { cause: 'limit', reason: /1024 children/ })
  const prefixes = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, at) => `xmlns:p${from + at}="u"`).join(' ')
  t.match(scan(Buffer.from(soap(`<a ${prefixes(0, 200)}><b ${prefixes(200, 256)}/></a>`))), {
    cause: 'limit',
    reason: /256 prefixes/
  })
})

t.test('the limit counts what comes before the end of the Header', async t => {
  const text = client('a')
  const end = text.indexOf('<s:Body')
  t.equal(keyOf(t, text, { limit: end }), 'a')
  refused(t, text, 'limit', new RegExp(`longer than ${end - 1} bytes`), { limit: end - 1 })
  for (let limit = 0; limit < end; limit++) {
    t.match(scan(Buffer.from(text), { limit }), { cause: 'limit' }, `${limit}`)
  }
  t.match(scan(Buffer.from(`<a b="${'x'.repeat(1_100_000)}"/>`)), { cause: 'limit', reason: /1048576/ })
  refused(t, '<a b="<" and so on', 'malformed', /"<"/, { limit: 10 })
  refused(t, soapOf('<s:Body a="long enough"/>'), 'limit', /longer/, { limit: 80 })
})

t.test('errors quote no more than a name, and only the start of a long one', async t => {
  const outcome = scan(Buffer.from(soap(`<${'x'.repeat(200)}>secret</y>`)))
  t.match(outcome, { reason: /^an end tag is not the one of "x{60}…", which is open \(byte \d+\)$/ })
  t.match(scan(Buffer.from('<a>secret')), { kind: 'plain' })
})

t.test('UTF-8 is read with and without a byte order mark', async t => {
  t.equal(keyOf(t, `\uFEFF${client('ä')}`), 'ä')
  t.equal(keyOf(t, `\uFEFF<?xml version="1.0" encoding="utf-8"?>${client('ä')}`), 'ä')
  t.equal(
    envelopeOf(t, `\uFEFF${client('ä')}`).header?.start,
    client('').indexOf('<s:Header') + 3,
    'offsets count the mark'
  )
  refused(t, Buffer.from(client('\xE4'), 'latin1'), 'malformed', /valid UTF-8/)
  refused(t, Buffer.from(client('\xC0\xBC'), 'latin1'), 'malformed', /valid UTF-8/)
  refused(t, Buffer.from(client('\xED\xA0\x80'), 'latin1'), 'malformed', /valid UTF-8/)
  refused(t, Buffer.from('<!-- \xFF --><a/>', 'latin1'), 'malformed', /valid UTF-8/)
  refused(t, Buffer.from('<a b="\xC3"/>', 'latin1'), 'malformed', /valid UTF-8/)
  refused(t, Buffer.from('<\xC3/>', 'latin1'), 'malformed', /./)
  refused(t, '\uFEFF\uFEFF<a/>', 'malformed', /text/)
  t.equal(
    keyOf(t, Buffer.from(soap(`<c:ClientID xmlns:c="${SYN}">a</c:ClientID>`, '<s:Body>\xFF'), 'latin1')),
    'a',
    'the Body is not looked at'
  )
})

t.test('encodings of one byte are read by declaration or charset', async t => {
  const latin = (declared: string, text: string): Buffer =>
    Buffer.from(`<?xml version="1.0" encoding="${declared}"?>${client(text)}`, 'latin1')
  t.equal(keyOf(t, latin('ISO-8859-1', 'gr\xFC\xDFe \x80\xA4')), 'grüße \x80¤')
  t.equal(keyOf(t, latin('iso-8859-15', '\xA4\xBD\xE4\xA5')), '€œä¥')
  t.equal(keyOf(t, latin('Windows-1252', '\x80\x99\x9F\xE4')), '€™Ÿä')
  refused(t, latin('Windows-1252', '\x81'), 'malformed', /windows-1252/)
  refused(t, latin('US-ASCII', '\xE4'), 'malformed', /US-ASCII/)
  t.equal(keyOf(t, latin('US-ASCII', 'a')), 'a')
  t.equal(keyOf(t, Buffer.from(client('\xE4<![CDATA[\xE4]]>'), 'latin1'), { charset: 'ISO-8859-1' }), 'ää')
  t.same(read(t, Buffer.from('<\xE4/>', 'latin1'), { charset: 'latin1' }), {
    kind: 'plain',
    namespace: '',
    name: 'ä'
  })
  refused(t, Buffer.from('<a\xD7/>', 'latin1'), 'malformed', /names may not have/, { charset: 'latin1' })
  t.equal(
    keyOf(t, Buffer.concat([Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>'), Buffer.from(client('ä'))]), {
      charset: 'utf-8'
    }),
    'ä',
    'the charset counts more than the declaration'
  )
  t.equal(keyOf(t, `\uFEFF${client('ä')}`, { charset: 'ISO-8859-1' }), 'ä', 'the mark goes before the charset')
})

t.test('of contradicting encodings one takes precedence, and unknown ones are refused', async t => {
  const declared = (name: string, text = client('a')): string => `<?xml version="1.0" encoding="${name}"?>${text}`
  t.equal(
    keyOf(t, `\uFEFF${declared('ISO-8859-1', client('ä'))}`),
    'ä',
    'a byte order mark counts more than the declaration'
  )
  t.equal(keyOf(t, declared('UTF-16', client('ä'))), 'ä', 'a declaration that cannot be true does not count')
  refused(t, client('a'), 'malformed', /not in the encoding "utf-16"/, { charset: 'utf-16' })
  for (const name of ['UTF-7', 'IBM037', 'x-user-defined', 'x'.repeat(100), 'constructor']) {
    refused(t, declared(name), 'malformed', /encoding "[\w-]{1,60}…?" is unknown/)
  }
  refused(t, declared('utf-8'), 'malformed', /"UTF-7" is unknown/, { charset: 'UTF-7' })
  refused(t, declared('-8'), 'malformed', /declaration is malformed/)
  refused(t, Buffer.of(0x4c, 0x6f, 0xa7, 0x94, 0x93), 'malformed', /text/)
})

t.test('charsets: every encoding of the WHATWG standard is read, by its labels', async t => {
  // One byte for each character, or several: these bytes are the same text, in each of them.
  const samples: Record<string, [labels: string[], bytes: number[], text: string]> = {
    'iso-8859-2': [['ISO-8859-2', 'latin2', 'l2', 'csisolatin2'], [0xb1, 0xe6], 'ąć'],
    'iso-8859-5': [['ISO-8859-5', 'cyrillic'], [0xd0, 0xe0], 'ар'],
    'iso-8859-7': [['ISO-8859-7', 'greek'], [0xe1, 0xe2], 'αβ'],
    'iso-8859-8': [['ISO-8859-8', 'hebrew'], [0xe0, 0xe1], 'אב'],
    'iso-8859-15': [['ISO-8859-15', 'latin-9', 'l9', 'latin9'], [0xa4, 0xbd], '€œ'],
    'windows-1250': [['windows-1250', 'cp1250', 'x-cp1250'], [0xb9, 0xe6], 'ąć'],
    'windows-1251': [['windows-1251', 'cp1251'], [0xe0, 0xe1], 'аб'],
    'windows-1252': [['windows-1252', 'cp1252', 'x-cp1252'], [0x80, 0xfc], '€ü'],
    'windows-1254': [['windows-1254', 'iso-8859-9', 'latin5'], [0xfe, 0xf0], 'şğ'],
    'windows-874': [['windows-874', 'tis-620', 'iso-8859-11'], [0xa1, 0xa2], 'กข'],
    'koi8-r': [['KOI8-R', 'koi8'], [0xc1, 0xc2], 'аб'],
    'koi8-u': [['KOI8-U'], [0xa4, 0xc1], 'єа'],
    ibm866: [['IBM866', 'cp866', 'csibm866'], [0xa0, 0xa1], 'аб'],
    macintosh: [['macintosh', 'mac', 'x-mac-roman'], [0x8a, 0x9f], 'äü'],
    shift_jis: [['Shift_JIS', 'sjis', 'ms932', 'windows-31j'], [0x83, 0x5c, 0x83, 0x5d], 'ソゾ'],
    'euc-jp': [['EUC-JP', 'x-euc-jp'], [0xa5, 0xbd], 'ソ'],
    'iso-2022-jp': [['ISO-2022-JP'], [0x1b, 0x24, 0x42, 0x25, 0x3d, 0x1b, 0x28, 0x42], 'ソ'],
    gbk: [['GBK', 'gb2312', 'chinese', 'csgb2312'], [0x81, 0x5c, 0xc4, 0xe3], '乗你'],
    gb18030: [['GB18030'], [0x81, 0x30, 0x81, 0x30], '\u0080'],
    big5: [['Big5', 'big5-hkscs', 'cn-big5'], [0xa5, 0x5c], '功'],
    'euc-kr': [['EUC-KR', 'ks_c_5601-1987', 'windows-949'], [0xb0, 0xa1], '가']
  }
  for (const [encoding, [labels, bytes, text]] of Object.entries(samples)) {
    const document = (start: string): Buffer => {
      const [before = '', after = ''] = client('|').split('|')
      return Buffer.concat([Buffer.from(start + before), Buffer.from(bytes), Buffer.from(after)])
    }
    for (const label of labels) {
      for (const [start, options] of [
        [`<?xml version="1.0" encoding="${label}"?>`, {}],
        ['', { charset: label }]
      ] as const) {
        const seen = scan(document(start), options)
        const readable =
          seen.kind === 'unreadable' && seen.cause === 'transcode'
            ? scan(transcode(document(start), seen.encoding))
            : seen
        t.match(
          readable,
          { kind: 'envelope', blocks: [{ text }] },
          `${encoding} as ${label} ${start === '' ? 'by charset' : 'declared'}`
        )
      }
    }
  }
})

t.test('UTF-16 is reported, and becomes UTF-8', async t => {
  const text = `<?xml version='1.0' encoding='UTF-16' standalone="yes"?>\n${client('ä😀')}`
  const little = (from: string): Buffer => Buffer.from(from, 'utf16le')
  const big = (from: string): Buffer => Buffer.from(from, 'utf16le').swap16()
  for (const bytes of [little(text), big(text), little(`\uFEFF${text}`), big(`\uFEFF${text}`)]) {
    refused(t, bytes, 'transcode', /UTF-16/)
    const before = Buffer.from(bytes)
    t.equal(transcode(bytes).toString(), text.replace('UTF-16', 'UTF-8'))
    t.same(bytes, before, 'the original stays as it is')
    t.equal(keyOf(t, transcode(bytes)), 'ä😀')
  }
  t.equal(transcode(little('<a encoding="UTF-16"/>')).toString(), '<a encoding="UTF-16"/>')
  t.equal(
    transcode(big('<?xml version="1.0" encoding="utf-16be"?><a/>')).toString(),
    '<?xml version="1.0" encoding="UTF-8"?><a/>'
  )
  t.equal(transcode(big('\uFEFF<?xml version="1.0"?><a/>')).toString(), '<?xml version="1.0"?><a/>')
  t.equal(transcode(little('\uFEFF')).toString(), '')
  for (const name of ['UTF-8', 'UTF-16BE', 'klingon']) {
    const text = (label: string): string => `<?xml version="1.0" encoding="${label}"?><a/>`
    t.equal(transcode(little(text(name))).toString(), text('UTF-8'), `a declaration of ${name} does not count`)
  }
})

t.test('what is not UTF-16 is not transcoded', async t => {
  const little = (from: string): Buffer => Buffer.from(from, 'utf16le')
  for (const [bytes, why] of [
    [Buffer.from('<a/>'), /not UTF-16/],
    [Buffer.alloc(0), /not UTF-16/],
    [little('<a/>').subarray(0, -1), /not valid UTF-16/],
    [little('<a>\uD800</a>'), /not valid UTF-16/],
    [little('\uFEFF\uFEFF<a/>'), /character/],
    [little('\uFEFF\0<a/>'), /character/]
  ] as [Buffer, RegExp][]) {
    t.throws(() => transcode(bytes), MediationError)
    t.throws(() => transcode(bytes), { message: why })
  }
})

t.test('pieces that are empty or many change nothing', async t => {
  const scanner = new EnvelopeScanner()
  for (const piece of ['', '<a', '', ' b=">', '"', '']) t.equal(scanner.push(Buffer.from(piece)), false)
  t.equal(scanner.push(Buffer.from('/>')), true)
  t.same(scanner.finish(), { kind: 'plain', namespace: '', name: 'a' })
  t.same(scanner.finish(), { kind: 'plain', namespace: '', name: 'a' })
  t.match(new EnvelopeScanner().finish(), { cause: 'empty' })
  const other = new EnvelopeScanner()
  t.equal(other.push(Buffer.from(' \n ')), false)
  t.equal(other.push(Buffer.from('{"this": "is not XML"}')), true, 'what is wrong shows at once')
})
