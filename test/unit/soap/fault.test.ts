import { DOMParser } from '@xmldom/xmldom'
import t from 'tap'
import { headersOf, readFault, writeException, writeFault, type SoapFault } from '../../../lib/soap/fault.js'
import { scan } from '../../../lib/soap/scan.js'
import type { Envelope } from '../../../lib/message/envelope.js'
import { SOAP_NAMESPACE, type Version } from '../../../lib/message/soap-version.js'
import { escapeText } from '../../../lib/xml/escape.js'
import { processorTime } from '../../support/timing/processor-time.js'

const S11 = SOAP_NAMESPACE['1.1']
const S12 = SOAP_NAMESPACE['1.2']
const parse = (xml: string) =>
  new DOMParser({
    onError: (_, message) => {
      throw new Error(message)
    }
  }).parseFromString(xml, 'text/xml').documentElement!
const envelopeOf = (bytes: Buffer): Envelope => {
  const seen = scan(bytes)
  if (seen.kind !== 'envelope') throw new Error(JSON.stringify(seen))
  return seen
}
const inside = (body: string, version: Version = '1.1', more = ''): Buffer =>
  Buffer.from(`<s:Envelope xmlns:s="${SOAP_NAMESPACE[version]}"${more}><s:Body>${body}</s:Body></s:Envelope>`)
const written = (fault: SoapFault) => readFault(Buffer.from(writeFault(fault)))
const defined = (fault: object | undefined) => fault && JSON.parse(JSON.stringify(fault))

t.test('a fault is written as Apache Synapse writes it', async t => {
  const start = (namespace: string) =>
    `<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv="${namespace}"><soapenv:Header/><soapenv:Body><soapenv:Fault>`
  const end = '</soapenv:Fault></soapenv:Body></soapenv:Envelope>'
  const code = { prefix: 't', namespace: S12, name: 'Receiver' }
  const reason = "It's <broken> & gone"
  t.equal(
    writeFault({ version: '1.1', code, reason }),
    `${start(S11)}<faultcode xmlns:t="${S12}">t:Receiver</faultcode><faultstring>It's &lt;broken> &amp; gone</faultstring>${end}`
  )
  t.equal(
    writeFault({ version: '1.2', code, reason }),
    `${start(S12)}<soapenv:Code><soapenv:Value xmlns:t="${S12}">t:Receiver</soapenv:Value></soapenv:Code><soapenv:Reason><soapenv:Text xml:lang="en">It's &lt;broken> &amp; gone</soapenv:Text></soapenv:Reason>${end}`
  )
  t.equal(
    writeFault({
      version: '1.1',
      code: { prefix: 'n', namespace: 'urn:codes', name: 'Odd' },
      reason: 'eleven',
      role: 'http://actor.example',
      detail: 'some text'
    }),
    `${start(S11)}<faultcode xmlns:n="urn:codes">n:Odd</faultcode><faultstring>eleven</faultstring><faultactor>http://actor.example</faultactor><detail>some text</detail>${end}`
  )
  t.equal(
    writeFault({
      version: '1.2',
      code: { ...code, name: 'Sender' },
      reason: 'twelve',
      node: 'http://node.example',
      role: 'http://role.example',
      detail: '<d:one xmlns:d="urn:d">1</d:one>'
    }),
    `${start(S12)}<soapenv:Code><soapenv:Value xmlns:t="${S12}">t:Sender</soapenv:Value></soapenv:Code><soapenv:Reason><soapenv:Text xml:lang="en">twelve</soapenv:Text></soapenv:Reason>` +
      `<soapenv:Node>http://node.example</soapenv:Node><soapenv:Role>http://role.example</soapenv:Role><soapenv:Detail><d:one xmlns:d="urn:d">1</d:one></soapenv:Detail>${end}`
  )
  t.equal(
    writeFault({
      version: '1.1',
      code: { prefix: 'soapenv', namespace: S11, name: 'Server' },
      reason: '',
      detail: ''
    }),
    `${start(S11)}<faultcode>soapenv:Server</faultcode><faultstring/><detail/>${end}`
  )
})

t.test('header blocks are carried over', async t => {
  const xml = writeFault({
    version: '1.1',
    code: { namespace: S11, name: 'Server' },
    reason: 'r',
    headers: '<h:keep xmlns:h="urn:h">k</h:keep>'
  })
  t.match(xml, '<soapenv:Header><h:keep xmlns:h="urn:h">k</h:keep></soapenv:Header><soapenv:Body>')
})

t.test('a code keeps its namespace, whatever its prefix is', async t => {
  for (const version of ['1.1', '1.2'] as const) {
    for (const prefix of [undefined, 'soapenv', 'a', 'code', 'xml', 'xmlns', 'a b', '"', '']) {
      for (const namespace of [S11, S12, 'urn:"<&x', '']) {
        const fault = { version, code: { prefix, namespace, name: 'Odd.One' }, reason: 'r' }
        t.match(written(fault)?.code, { namespace, name: 'Odd.One' }, JSON.stringify(fault))
      }
    }
  }
})

t.test('hostile values of a fault are escaped', async t => {
  for (const value of ['</soapenv:Fault>', ']]>', '"><x>', "'", '&amp;', '&nbsp;', 'Grüße €', '\r\n', '<![CDATA[']) {
    const xml = writeFault({
      version: '1.2',
      code: { namespace: S12, name: value },
      reason: value,
      node: value,
      role: value,
      detail: escapeText(value)
    })
    t.equal(parse(xml).getElementsByTagNameNS(S12, 'Text')[0]!.textContent, value)
    t.equal(parse(xml).getElementsByTagNameNS(S12, 'Detail')[0]!.textContent, value)
    t.equal(readFault(Buffer.from(xml))?.reason, value)
  }
  t.equal(
    written({ version: '1.1', code: { namespace: S11, name: 'Server' }, reason: '\0\x1b[31m' })?.reason,
    '\ufffd\ufffd[31m'
  )
})

t.test('a detail that is not XML is written as text', async t => {
  const fault = { version: '1.1', code: { namespace: S11, name: 'Server' }, reason: 'r' } as const
  t.equal(written({ ...fault, detail: 'a < b & c' })?.detail, 'a &lt; b &amp; c')
  t.equal(written({ ...fault, detail: '</detail><x>' })?.detail, '&lt;/detail>&lt;x>')
})

t.test("FaultMediatorTest: a SOAP 1.1 fault of one's own", async t => {
  const fault: SoapFault = {
    version: '1.1',
    code: { namespace: 'http://namespace', name: 'somefaultcode' },
    reason: 'Some fault string',
    role: 'http://actor',
    detail: 'Some detail text'
  }
  t.match(written(fault), fault)
  t.equal(written({ ...fault, detail: '<test>some text</test>' })?.detail, '<test>some text</test>')
})

t.test('clients of plain XML get an element Exception', async t => {
  t.equal(writeException('twelve'), '<Exception>twelve</Exception>')
  t.equal(writeException(''), '<Exception/>')
  t.equal(writeException('<a>1</a> &amp; more'), '<Exception><a>1</a> &amp; more</Exception>')
  t.equal(writeException('1 < 2 & 3'), '<Exception>1 &lt; 2 &amp; 3</Exception>')
})

t.test('faults of both versions of SOAP are read', async t => {
  t.test('a fault of SOAP 1.1 is read', async t => {
    const body =
      '<s:Fault><faultcode>s:Client.Auth</faultcode><faultstring xml:lang="de">Zu &amp; <![CDATA[<&amp;>]]><!-- no --> </faultstring><faultactor> urn:a </faultactor><detail><d xmlns="urn:d"/>t</detail></s:Fault>'
    t.same(defined(readFault(inside(body))), {
      version: '1.1',
      code: { prefix: 's', namespace: S11, name: 'Client.Auth' },
      reason: 'Zu & <&amp;> ',
      role: 'urn:a',
      detail: '<d xmlns="urn:d"/>t',
      hasDetailText: true
    })
  })
  t.test('a fault of SOAP 1.2 is read', async t => {
    const body =
      '<s:Fault><s:Code><s:Value> s:Sender\n</s:Value><s:Subcode><s:Value xmlns:m="urn:m">m:Odd</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">r</s:Text><s:Text xml:lang="de">g</s:Text></s:Reason>' +
      '<s:Node>urn:n</s:Node><s:Role>urn:r</s:Role><s:Detail/></s:Fault>'
    t.same(defined(readFault(inside(body, '1.2'))), {
      version: '1.2',
      code: { prefix: 's', namespace: S12, name: 'Sender' },
      subcode: { prefix: 'm', namespace: 'urn:m', name: 'Odd' },
      reason: 'r',
      node: 'urn:n',
      role: 'urn:r',
      detail: ''
    })
  })
  t.test('a fault with qualified parts, or in the default namespace, is read', async t => {
    t.match(
      readFault(inside('<s:Fault><s:faultcode>s:Server</s:faultcode><s:faultstring>r</s:faultstring></s:Fault>')),
      { code: { namespace: S11, name: 'Server' }, reason: 'r' }
    )
    t.match(
      readFault(
        Buffer.from(
          `<Envelope xmlns="${S11}"><Body><Fault><faultcode>Server</faultcode><faultstring>r</faultstring></Fault></Body></Envelope>`
        )
      ),
      { code: { namespace: S11, name: 'Server' }, reason: 'r' }
    )
  })
  t.test('an empty fault is read', async t => {
    t.same(defined(readFault(inside('<s:Fault/>'))), {
      version: '1.1',
      code: { namespace: '', name: '' },
      reason: ''
    })
  })
  t.test('the detail of a fault declares the prefixes that it uses, and no others', async t => {
    const fault = readFault(
      inside(
        '<s:Fault xmlns:f="urn:f"><faultstring/><detail xmlns:d="urn:d" xmlns:u="urn:u">a <d:x f:y="1"><z xsi:type="e:q"/></d:x> b <d:w xmlns:d="urn:own"/></detail></s:Fault>',
        '1.1',
        ' xmlns:e="urn:\'e" xmlns:xsi="urn:xsi"'
      )
    )
    t.equal(
      fault?.detail,
      'a <d:x xmlns:d="urn:d" xmlns:f="urn:f" xmlns:xsi="urn:xsi" xmlns:e="urn:\'e" f:y="1"><z xsi:type="e:q"/></d:x> b <d:w xmlns:d="urn:own"/>'
    )
  })
  t.test('a fault is read in the encoding of its message', async t => {
    const text = `<s:Envelope xmlns:s="${S11}"><s:Body><s:Fault><faultcode xmlns:m="urn:ü">m:Ä</faultcode><faultstring>Größe &#8364;</faultstring><detail>ß</detail></s:Fault></s:Body></s:Envelope>`
    const expected = { code: { prefix: 'm', namespace: 'urn:ü', name: 'Ä' }, reason: 'Größe €', detail: 'ß' }
    t.match(readFault(Buffer.from(text)), expected)
    t.match(readFault(Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, 'latin1')), expected)
    t.match(readFault(Buffer.from(text, 'latin1'), undefined, { charset: 'latin1' }), expected)
  })
})

t.test('a message that is not a fault is not read as one', async t => {
  t.equal(readFault(inside('<m:Fault xmlns:m="urn:m"/>')), undefined)
  t.equal(readFault(inside(`<f:Fault xmlns:f="${S12}"/>`)), undefined, 'of the other version')
  t.equal(readFault(inside('<m:x xmlns:m="urn:m"/><s:Fault/>')), undefined, 'not the first child')
  t.equal(readFault(inside('<m:x xmlns:m="urn:m"><s:Fault/></m:x>')), undefined, 'not a child')
  t.equal(readFault(inside('')), undefined)
  t.equal(readFault(Buffer.from(`<s:Envelope xmlns:s="${S11}"><s:Body/></s:Envelope>`)), undefined)
  t.equal(readFault(inside('<!-- <s:Fault> -->')), undefined)
})

t.test('a truncated fault cannot be read', async t => {
  const bytes = inside('<s:Fault><faultcode>s:Server</faultcode><faultstring>r</faultstring></s:Fault>')
  for (let length = bytes.indexOf('<s:Body') + 1; length < bytes.indexOf('</s:Body'); length++) {
    t.equal(readFault(bytes.subarray(0, length), envelopeOf(bytes)), undefined, `${length}`)
  }
  t.throws(() => readFault(Buffer.from('no XML')), /cannot be read/)
})

t.test('a long message that is not a fault is not read to its end', async t => {
  const long = Buffer.concat([
    inside('<m:x xmlns:m="urn:m">').subarray(0, -'</s:Body></s:Envelope>'.length),
    Buffer.alloc(50_000_000, '<not XML>')
  ])
  const envelope = envelopeOf(long)
  const time = processorTime(() => {
    for (let times = 0; times < 100; times++) readFault(long, envelope)
  })
  t.ok(time < 1_000, 'one hundred times in less than a second')
})

t.test('a Fault far from the start of the Body is not found', async t => {
  t.equal(readFault(inside(`<!--${' '.repeat(100_000)}--><s:Fault/>`)), undefined)
})

t.test('header blocks are extracted with the declarations that they need', async t => {
  const bytes = (header: string) =>
    Buffer.from(
      `<s:Envelope xmlns:s="${S11}" xmlns:a="urn:&quot;a" xmlns:b='urn:b"'><s:Header xmlns:h='urn:h'>${header}</s:Header><s:Body/></s:Envelope>`
    )
  const carried = (header: string, except?: (block: { name: string }) => boolean) =>
    headersOf(bytes(header), envelopeOf(bytes(header)), except)
  t.equal(
    carried('<a:x/> <b:y s:mustUnderstand="1">1</b:y>'),
    `<a:x xmlns:a="urn:&quot;a"/><b:y xmlns:b="urn:b&quot;" xmlns:s="${S11}" s:mustUnderstand="1">1</b:y>`
  )
  t.equal(carried('<h:x xmlns:h="urn:own">h:y</h:x><h:z/>'), '<h:x xmlns:h="urn:own">h:y</h:x><h:z xmlns:h="urn:h"/>')
  t.equal(carried('<x xmlns="urn:x" t="a:q"/>'), '<x xmlns:a="urn:&quot;a" xmlns="urn:x" t="a:q"/>')
  t.equal(
    carried('<a:x/><a:y/>', block => block.name === 'x'),
    '<a:y xmlns:a="urn:&quot;a"/>'
  )
  t.equal(carried(''), '')
  t.equal(
    carried('<a:x/>', () => true),
    ''
  )
  const plain = Buffer.from(`<s:Envelope xmlns:s="${S11}"><s:Body/></s:Envelope>`)
  t.equal(headersOf(plain, envelopeOf(plain)), '')
})

t.test('header blocks are extracted from a default namespace', async t => {
  const bytes = Buffer.from(
    `<Envelope xmlns="${S11}"><Header><x/><p:y xmlns:p="urn:p"/><q:z xmlns:q="urn:q"><w/></q:z></Header><Body/></Envelope>`
  )
  t.equal(
    headersOf(bytes, envelopeOf(bytes)),
    `<x xmlns="${S11}"/><p:y xmlns:p="urn:p"/><q:z xmlns="${S11}" xmlns:q="urn:q"><w/></q:z>`
  )
})

t.test('header blocks are decoded', async t => {
  const bytes = Buffer.from(
    `<?xml version="1.0" encoding="ISO-8859-1"?><s:Envelope xmlns:s="${S11}" xmlns:u="urn:ü"><s:Header><u:x>é</u:x></s:Header><s:Body/></s:Envelope>`,
    'latin1'
  )
  t.equal(headersOf(bytes, envelopeOf(bytes)), '<u:x xmlns:u="urn:ü">é</u:x>')
})

t.test('a Header whose blocks would grow out of proportion is dropped', async t => {
  const bytes = Buffer.from(
    `<s:Envelope xmlns:s="${S11}" xmlns:a="${'x'.repeat(40_000)}"><s:Header>${'<a:b/>'.repeat(1000)}</s:Header><s:Body/></s:Envelope>`
  )
  t.equal(headersOf(bytes, envelopeOf(bytes)), '')
})
