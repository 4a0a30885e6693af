import { readFileSync } from 'node:fs'
import t from 'tap'
import { Components } from '../../../lib/wsdl/components.js'
import { operationsOf } from '../../../lib/wsdl/operations.js'
import { sampleMessage } from '../../../lib/wsdl/sample-message.js'
import { readPositionedTree } from '../../../lib/xml/positioned-tree.js'

const of = (types: string, parts: string, style = 'document'): Components =>
  new Components([
    Buffer.from(`
<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:s2="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t"
  targetNamespace="urn:t">
  <w:types><x:schema targetNamespace="urn:t" elementFormDefault="qualified">${types}</x:schema></w:types>
  <w:message name="in">${parts}</w:message>
  <w:portType name="P"><w:operation name="op"><w:input message="t:in"/></w:operation></w:portType>
  <w:binding name="B" type="t:P"><s:binding style="${style}"/>
    <w:operation name="op"><s:operation soapAction="urn:op"/>
      <w:input><s:body use="literal" namespace="urn:rpc"/></w:input></w:operation></w:binding>
  <w:binding name="B2" type="t:P"><s2:binding/>
    <w:operation name="op"><s2:operation soapAction="urn:op2"/></w:operation></w:binding>
</w:definitions>`)
  ])
const ELEMENT = '<w:part name="p" element="t:order"/>'

/** The sample of the only operation. */
function sample (components: Components, version: '1.1' | '1.2' = '1.1'): string {
  const { headers, body } = sampleMessage(components, { version, operation: operationsOf(components)[0] })
  t.notOk('kind' in readPositionedTree(Buffer.from(body)), 'it is well-formed')
  return `${Object.values(headers).join(' ')}\n${body}`
}

t.test('a sample has optional elements, values by type, and the first of alternatives', async t => {
  const text = sample(
    of(
      `<x:element name="order"><x:complexType><x:sequence>
      <x:element name="price" type="x:double" minOccurs="0"/>
      <x:element name="at" type="x:dateTime"/>
      <x:element name="kind" type="t:kind"/>
      <x:choice><x:element name="card" type="x:string"/><x:element name="cash" type="x:boolean"/></x:choice>
      <x:element name="never" type="x:string" maxOccurs="0"/>
      <x:element name="given" type="x:string" default="a &amp; b"/>
      <x:any/>
    </x:sequence><x:attribute name="id" type="x:int" use="required"/><x:attribute name="not"/></x:complexType></x:element>
    <x:simpleType name="kind"><x:restriction base="x:string"><x:enumeration value="big"/></x:restriction></x:simpleType>`,
      ELEMENT
    )
  )
  t.equal(
    text,
    `text/xml; charset=utf-8 "urn:op"
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m0="urn:t">
  <soapenv:Body>
    <m0:order id="0">
      <m0:price>0</m0:price>
      <m0:at>2026-01-01T00:00:00Z</m0:at>
      <m0:kind>big</m0:kind>
      <m0:card>string</m0:card>
      <m0:given>a &amp; b</m0:given>
      <!-- any element -->
    </m0:order>
  </soapenv:Body>
</soapenv:Envelope>`
  )
})

t.test('a sample of SOAP 1.2 has the action in its media type', async t => {
  t.match(
    sample(of('<x:element name="order" type="x:int"/>', ELEMENT), '1.2'),
    /^application\/soap\+xml; charset=utf-8; action="urn:op2"\n.*2003\/05\/soap-envelope[^]*<m0:order>0<\/m0:order>/
  )
})

t.test('an extension begins with the elements of its base', async t => {
  const text = sample(
    of(
      `<x:element name="order" type="t:special"/>
    <x:complexType name="plain"><x:sequence><x:element name="a" type="x:int"/></x:sequence></x:complexType>
    <x:complexType name="special"><x:complexContent><x:extension base="t:plain"><x:sequence>
      <x:element name="b" type="x:int"/></x:sequence></x:extension></x:complexContent></x:complexType>`,
      ELEMENT
    )
  )
  t.match(text, /<m0:order>\s+<m0:a>0<\/m0:a>\s+<m0:b>0<\/m0:b>\s+<\/m0:order>/)
})

t.test('the wrapper of rpc has the name of the operation; its parts are in no namespace', async t => {
  const text = sample(of('', '<w:part name="count" type="x:int"/>', 'rpc'))
  t.match(text, /<m0:op>\s+<count>0<\/count>\s+<\/m0:op>/)
  t.match(text, 'xmlns:m0="urn:rpc"')
})

t.test('types that contain themselves and huge schemas end', async t => {
  const recursive = of(
    `<x:element name="order" type="t:node"/><x:complexType name="node"><x:sequence>
    <x:element name="value" type="x:int"/><x:element name="next" type="t:node"/></x:sequence></x:complexType>`,
    ELEMENT
  )
  t.match(sample(recursive), /<m0:order>\s+<m0:value>0<\/m0:value>\s+<\/m0:order>/)
  // Each level has ten elements of the next one.
  const levels = Array.from(
    { length: 10 },
    (_, level) =>
      `<x:complexType name="l${level}"><x:sequence>${Array.from(
        { length: 10 },
        (_, at) => `<x:element name="e${at}" type="${level === 9 ? 'x:int' : `t:l${level + 1}`}"/>`
      ).join('')}</x:sequence></x:complexType>`
  )
  const text = sample(of(`<x:element name="order" type="t:l0"/>${levels.join('')}`, ELEMENT))
  t.ok(text.length < 100_000, `${text.length} characters`)
  // Each group has the next one twice.
  const groups = Array.from(
    { length: 40 },
    (_, at) =>
      `<x:group name="g${at}"><x:sequence>${`<x:group ref="t:g${at + 1}"/>`.repeat(2)}</x:sequence></x:group>`
  )
  const order = '<x:element name="order"><x:complexType><x:group ref="t:g0"/></x:complexType></x:element>'
  t.match(sample(of(order + groups.join(''), ELEMENT)), /<m0:order/)
})

t.test('a WSDL that refers to what is not there has a sample all the same', async t => {
  t.match(sample(of('', ELEMENT)), '<m0:order/>')
  t.match(sample(of('<x:element name="order" type="t:gone"/>', ELEMENT)), '<m0:order>string</m0:order>')
  t.match(sample(of('', '')), '<soapenv:Body/>')
})

t.test('the session id is a ClientID header block', async t => {
  const { body } = sampleMessage(undefined, { version: '1.1', clientId: 'a<b' })
  t.match(body, /<soapenv:Header>\s+<syn:ClientID xmlns:syn="http:\/\/ws.apache.org\/ns\/synapse">a&lt;b</)
})

t.test('the operations of a WSDL have their SOAP versions', async t => {
  const path = new URL('../../../../config/repository/samples/resources/proxy/sample_proxy_2.wsdl', import.meta.url)
  const operations = operationsOf(new Components([readFileSync(path)]))
  t.match(
    operations.map(({ name, bindings }) => [name, ...bindings.map(({ version }) => version)]),
    [
      ['sampleOperation', '1.1', '1.2'],
      ['sleepOperation', '1.1', '1.2']
    ]
  )
})
