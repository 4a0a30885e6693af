import t, { type Test } from 'tap'
import { readDocument, rewriteWsdl } from '../../../lib/wsdl/document.js'

const addresses = { http: 'http://proxy.example:8280/services/Shop', https: 'https://proxy.example/services/Shop' }
const importUrl = (location: string) => location
const rewrite = (text: string, options = { addresses, importUrl } as Parameters<typeof rewriteWsdl>[1]) =>
  rewriteWsdl(readDocument(text), options)
const refuses = (t: Test, text: string, why: RegExp) =>
  t.throws(() => readDocument(text), { name: 'SyntaxError', message: why })

const SOAP = 'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"'
const wsdl = (content: string, more = '') =>
  `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" ${SOAP} ${more}>${content}</w:definitions>`
const port = (address: string) => wsdl(`<w:service name="S"><w:port name="P">${address}</w:port></w:service>`)

t.test('addresses of all three bindings become those of the proxy, and nothing else changes', async t => {
  const text = (soap: string, soap12: string, http: string) => `\uFEFF<?xml version='1.0'?>\r
<!-- <soap:address location="http://a"/> -->
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" ${SOAP}
   xmlns:s12 = 'http://schemas.xmlsoap.org/wsdl/soap12/' xmlns:h="http://schemas.xmlsoap.org/wsdl/http/" xmlns:x="urn:x">
  <documentation><soap:address location="http://a"/><![CDATA[<soap:address location="http://a"/>]]></documentation>
  <service name="S"><port name="a"><soap:address x:location="http://a" location\t=  ${soap}/></port>
    <port name="b"><s12:address location=${soap12}></s12:address><x:address location="http://a"/></port>
    <port name="c"><h:address location=${http} /></port></service>\t
</definitions>
<?end location="http://a"?>`
  t.equal(
    rewrite(text("'http://a:9000/é'", '"HTTPS://a/"', '"http://a"')),
    text(`'${addresses.http}'`, `"${addresses.https}"`, `"${addresses.http}"`)
  )
})

t.test('a scheme that is not known falls back to the other one', async t => {
  const text = port('<soap:address location="https://a/"/>')
  t.match(rewrite(text, { addresses: { http: 'http://p/S' }, importUrl }), 'location="http://p/S"')
  t.match(
    rewrite(port('<soap:address location="http://a/"/>'), { addresses: { https: 'https://p/S' }, importUrl }),
    'location="https://p/S"'
  )
})

t.test('an address is written as the value of an attribute, whatever it contains', async t => {
  const text = rewrite(port('<soap:address location="http://a/"/>'), {
    addresses: { http: 'http://p/"><x a=\'&' },
    importUrl
  })
  t.match(text, 'location="http://p/&quot;&gt;&lt;x a=&apos;&amp;"')
  t.equal(readDocument(text).places.length, 1)
})

t.test('imports, includes and redefinitions lead to the addresses of importUrl', async t => {
  const text = (a: string, b: string, c: string, d: string) =>
    wsdl(
      `<w:import namespace="urn:a" location="${a}"/>
<w:types><xs:schema><xs:import schemaLocation="${b}"/><xs:import namespace="urn:none"/><xs:include schemaLocation="${c}"/>
<xs:element name="import"><xs:annotation><xs:documentation><xs:include schemaLocation="b.xsd"/></xs:documentation></xs:annotation></xs:element></xs:schema>
<xs:schema><xs:redefine schemaLocation='${d}'/></xs:schema></w:types><w:import location=""/>`,
      'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    )
  t.equal(
    rewrite(text('a.wsdl', 'b.xsd', ' c&amp;d.xsd ', 'http://elsewhere/d.xsd'), {
      addresses,
      importUrl: location => (location.startsWith('http') ? location : `U?x=1&i=${location}`)
    }),
    text('U?x=1&amp;i=a.wsdl', 'U?x=1&amp;i=b.xsd', 'U?x=1&amp;i=c&amp;d.xsd', 'http://elsewhere/d.xsd')
  )
})

t.test('WSDL: the imports of a schema are found, too', async t => {
  const { kind, places } = readDocument(
    '<schema xmlns="http://www.w3.org/2001/XMLSchema"><include schemaLocation="a.xsd"/></schema>'
  )
  t.match({ kind, places }, { kind: 'xsd', places: [{ what: 'import', location: 'a.xsd' }] })
})

t.test('WSDL 2.0: endpoints, imports, includes, and imports directly in types', async t => {
  const text = (
    address: string,
    a: string,
    b: string
  ) => `<d:description xmlns:d="http://www.w3.org/ns/wsdl" xmlns:x="http://www.w3.org/2001/XMLSchema"><d:include location="${a}"/>
<d:types><x:import schemaLocation="${b}"/></d:types><d:service name="S"><d:endpoint name="E" address="${address}"/><d:endpoint name="F"/></d:service></d:description>`
  t.equal(
    rewrite(text('http://a', 'a.wsdl', 'b.xsd'), { addresses, importUrl: location => `?${location}` }),
    text(addresses.http, '?a.wsdl', '?b.xsd')
  )
})

t.test('a declared encoding becomes that of the response', async t => {
  const text = (encoding: string) => `<?xml version="1.0" encoding='${encoding}'?>${wsdl('')}`
  t.equal(rewrite(text('ISO-8859-1')), text('UTF-8'))
  t.equal(rewrite(text('utf-8')), text('utf-8'))
})

t.test('a DOCTYPE is refused, and with it entities of any kind', async t => {
  refuses(
    t,
    `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${wsdl('&b;')}`,
    /^line 1: it has a DOCTYPE/
  )
  refuses(
    t,
    `<?xml version="1.0"?>\n\n<!DOCTYPE d SYSTEM "file:///etc/passwd">${wsdl('')}`,
    /^line 3: it has a DOCTYPE/
  )
  refuses(t, wsdl('&xxe;'), /the reference "xxe" is not defined/)
  refuses(t, port('<soap:address location="&xxe;"/>'), /the reference "xxe" is not defined/)
})

t.test('a document that is not well-formed is refused', async t => {
  for (const [text, why] of [
    ['', /is empty/],
    ['hello', /there is text/],
    ['{}', /there is text/],
    ['<!-- -->', /ends too early/],
    ['<!-->', /ends too early/],
    ['<w:definitions/>', /the prefix "w" is not declared/],
    [wsdl('<a b="1" b="2"/>'), /two attributes "b" in one tag/],
    [wsdl('<a x:b="1" y:b="2" xmlns:x="urn:x" xmlns:y="urn:x"/>'), /two attributes "b" in one tag/],
    [wsdl('<a></b>'), /not the one of "a"/],
    [wsdl('<a>'), /not the one of "a"/],
    [wsdl('') + wsdl(''), /second root/],
    [wsdl('') + 'x', /there is text/],
    [wsdl('<a b=1/>'), /no quotation marks/],
    [wsdl('<a b="1"c="2"/>'), /no space before/],
    [wsdl('<a b="<"/>'), /"<" in the value/],
    [wsdl('< a/>'), /no name/],
    [wsdl('<a xmlns:x=""/>'), /cannot be declared/],
    [wsdl('\0'), /does not allow/],
    [wsdl('<!-- '), /ends too early/],
    [wsdl('<![CDATA['), /ends too early/],
    [wsdl('').slice(0, -1), /ends too early/],
    ['<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/">', /ends too early/]
  ] as const) { refuses(t, text, why) }
})

t.test('what is XML but neither a WSDL nor a schema is refused', async t => {
  refuses(t, '<not-a-wsdl/>', /neither a WSDL nor a schema: the root is <not-a-wsdl>/)
  refuses(t, '<definitions xmlns="http://ws.apache.org/ns/synapse"/>', /of http:\/\/ws\.apache\.org/)
})

t.test('hostile sizes end soon, with a clear error or a document', async t => {
  const many = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => part(index)).join('')
  refuses(t, wsdl('<a>'.repeat(1000)), /deeper than 256/)
  refuses(t, wsdl('<a/>'.repeat(100_001)), /more than 100000 elements/)
  refuses(t, wsdl(`<a${many(300, index => ` a${index}=""`)}/>`), /more than 256 attributes/)
  refuses(
    t,
    wsdl(many(200, index => `<a xmlns:a${index}="urn:a" xmlns:b${index}="urn:a">`)),
    /more than 256 prefixes/
  )
  const size = 4 * 1024 * 1024
  const started = process.cpuUsage()
  for (const text of [
    `<${'a'.repeat(size)}`,
    `<a ${' '.repeat(size)}`,
    `<a b="${'a'.repeat(size)}`,
    `<a${' a'.repeat(size / 2)}`,
    wsdl('&'.repeat(size)),
    '<!--'.repeat(size / 4),
    wsdl('</'.repeat(size / 2)),
    wsdl('<![CDATA['.repeat(size / 9))
  ]) {
    t.throws(() => readDocument(text), { name: 'SyntaxError' })
  }
  readDocument(wsdl(`<w:service>${'<w:port><soap:address location=""/></w:port>'.repeat(49_000)}</w:service>`))
  readDocument(
    wsdl(`${many(120, index => `<a xmlns:p${index}="urn:p">`)}${'<w:b/>'.repeat(90_000)}${'</a>'.repeat(120)}`)
  )
  t.ok(process.cpuUsage(started).user < 8_000_000, 'in seconds, not in minutes')
})
