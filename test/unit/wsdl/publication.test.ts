import t from 'tap'
import { readDocument } from '../../../lib/wsdl/document.js'
import { generateWsdl } from '../../../lib/wsdl/generate.js'
import { requestedDocument, publicationOf, render, type LinkedDocument } from '../../../lib/wsdl/publication.js'
import { attributeOf, type PositionedElement } from '../../../lib/xml/positioned-tree.js'

const addresses = { http: 'http://proxy.example/services/Shop' }
const shop = (change = (text: string) => text) =>
  change(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:shop" targetNamespace="urn:shop">
<types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:shop"><xs:import namespace="urn:goods" schemaLocation="goods.xsd"/>
<xs:element name="order" type="t:text"/><xs:simpleType name="text"><xs:restriction base="xs:string"/></xs:simpleType><xs:element name="receipt" type="t:text"/></xs:schema></types>
<message name="Order"><part name="p" element="t:order"/></message><message name="Receipt"><part name="p" element="t:receipt"/></message><message name="Nothing"/>
<portType name="Shop"><operation name="buy"><input message="t:Order"/><output message="t:Receipt"/><fault name="closed" message="t:Nothing"/></operation><operation name="tell"><input message="t:Order"/></operation></portType>
<binding name="B" type="t:Shop"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/><operation name="buy"><soap:operation soapAction="urn:buy"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
<operation name="tell"><soap:operation/><input><soap:body use="literal"/></input></operation></binding>
<service name="ShopService"><port name="ShopPort" binding="t:B"><soap:address location="http://original.example/shop"/></port></service></definitions>`)

const links = new Map([['goods.xsd', 'xsd=goods.xsd']])
const publish = (text: string) => publicationOf(readDocument(text), links)
const rendered = (found: LinkedDocument | string | undefined) =>
  typeof found === 'object' ? render(found, addresses) : String(found)
/** The elements of a document, one a line, as what counts of them. */
const outline = (text: string): string[] => {
  const lines = (node: PositionedElement): string[] => [
    [
      node.name,
      ...['name', 'pattern', 'element', 'ref', 'address', 'schemaLocation'].flatMap(
        each => attributeOf(node, each)?.value ?? []
      )
    ].join(' '),
    ...node.children.flatMap(lines)
  ]
  return lines(readDocument(text).root)
}

t.test('queries are read in upper or lower case, in order of precedence', async t => {
  for (const [query, document] of [
    ['?wsdl', 'wsdl'],
    ['wsdl', 'wsdl'],
    ['?wsdl=', 'wsdl'],
    ['?a=1&wsdl&b=2', 'wsdl'],
    ['?wsdl=a/b%2Fc d.wsdl', 'wsdl=a/b/c%20d.wsdl'],
    ['?xsd=x&wsdl2&wsdl', 'wsdl'],
    ['?xsd&wsdl2', 'wsdl2'],
    ['?xsd=a&xsd=b', 'xsd=a'],
    ['?xsd=../../etc/passwd', 'xsd=../../etc/passwd'],
    ['?WSDL', 'wsdl'],
    ['?WsDl2', 'wsdl2'],
    ['?XSD=A/b.xsd', 'xsd=A/b.xsd'],
    ['?xsd=a&XSD=b', 'xsd=a'],
    ['?wsdl3', undefined],
    ['?policy', undefined],
    ['', undefined],
    ['?', undefined],
    ['?x=wsdl', undefined],
    ['?xsd=%', 'xsd=%25']
  ] as const) {
    t.equal(requestedDocument(query), document, query)
  }
})

t.test('a WSDL 1.1 is published as it is, its schema stands alone, and it is published as WSDL 2.0', async t => {
  const publication = publish(shop())
  t.equal(
    rendered(publication.get('wsdl')),
    shop(text =>
      text
        .replace('http://original.example/shop', addresses.http)
        .replace('goods.xsd', `${addresses.http}?xsd=goods.xsd`)
    )
  )
  const schema = rendered(publication.get('xsd'))
  t.match(schema, /^<xs:schema xmlns:t="urn:shop" xmlns:soap="[^"]+" xmlns="[^"]+" xmlns:xs="/)
  t.same(outline(schema), [
    'schema',
    `import ${addresses.http}?xsd=goods.xsd`,
    'element order',
    'simpleType text',
    'restriction',
    'element receipt'
  ])
  t.same(outline(rendered(publication.get('wsdl2'))), [
    'description',
    'types',
    ...outline(schema),
    'interface Shop',
    'fault closed #none',
    'operation buy http://www.w3.org/ns/wsdl/in-out',
    'input n0:order',
    'output n0:receipt',
    'outfault tns:closed',
    'operation tell http://www.w3.org/ns/wsdl/in-only',
    'input n0:order',
    'binding B',
    'operation tns:buy',
    'operation tns:tell',
    'service ShopService',
    `endpoint ShopPort ${addresses.http}`
  ])
})

t.test('what WSDL 2.0 cannot express is reported', async t => {
  for (const [change, why] of [
    [(text: string) => text.replace('style="document"', 'style="rpc"'), /style rpc/],
    [(text: string) => text.replace('use="literal"', 'use="encoded"'), /an encoding/],
    [
      (text: string) =>
        text.replace(
          '<soap:body use="literal"/></input>',
          '<soap:header message="t:Order" part="p" use="literal"/><soap:body use="literal"/></input>'
        ),
      /headers/
    ],
    [(text: string) => text.replace('element="t:order"', 'type="t:text"'), /message Order is not one element/],
    [(text: string) => text.replace('type="t:Shop"', 'type="t:Else"'), /portType Else is not in/],
    [
      (text: string) => text.replace('type="t:Shop"', 'type="x:Shop" xmlns:x="urn:x"'),
      /portType Shop is not in/
    ],
    [(text: string) => text.replace(' targetNamespace="urn:shop"', ''), /no targetNamespace/],
    [(text: string) => text.replace('<input message="t:Order"/>', ''), /begins with the service/]
  ] as const) {
    const publication = publish(shop(change))
    t.match(publication.get('wsdl2'), why)
    t.match(publication.get('wsdl2'), /^Only a WSDL 1\.1 is published, at \?wsdl\./)
    t.type(publication.get('wsdl'), 'object')
  }
})

t.test('long names of namespaces and elements do not multiply', async t => {
  const long = `xmlns:l="urn:${'l'.repeat(200_000)}"`
  const publication = publish(
    shop(text =>
      text
        .replace('<definitions', `<definitions ${long}`)
        .replace('</types>', '<schema xmlns="http://www.w3.org/2001/XMLSchema"/>'.repeat(1000) + '</types>')
    )
  )
  t.match(publication.get('wsdl2'), /too long/)
  const name = 'order' + 'r'.repeat(100_000)
  const operations = '<operation name="more"><input message="t:Order"/></operation>'.repeat(20_000)
  t.match(
    publish(
      shop(text => text.replaceAll('t:order', `t:${name}`).replace('</portType>', `${operations}</portType>`))
    ).get('wsdl2'),
    /a name is longer/
  )
})

t.test('a WSDL 2.0 is published at ?wsdl2 only', async t => {
  const publication = publish(
    '<d:description xmlns:d="http://www.w3.org/ns/wsdl"><d:service><d:endpoint address="http://a"/></d:service></d:description>'
  )
  t.match(rendered(publication.get('wsdl2')), `address="${addresses.http}"`)
  t.match(publication.get('wsdl'), /at \?wsdl2/)
  t.match(publication.get('xsd'), /no schema/)
})

t.test('a generated WSDL has a port for each version of SOAP at each address', async t => {
  const text = generateWsdl({
    service: 'LBProxy',
    addresses: { http: 'http://p/services/LBProxy', https: 'https://p/services/LBProxy?a=1&b="' }
  })
  const ports = readDocument(text).root.children.at(-1)!.children
  t.same(
    ports.map(each => attributeOf(each, 'name')?.value),
    [
      'LBProxyHttpSoap11Endpoint',
      'LBProxyHttpSoap12Endpoint',
      'LBProxyHttpsSoap11Endpoint',
      'LBProxyHttpsSoap12Endpoint'
    ]
  )
  t.same(
    ports.map(each => attributeOf(each.children[0]!, 'location')?.value),
    [
      'http://p/services/LBProxy',
      'http://p/services/LBProxy',
      'https://p/services/LBProxy?a=1&b="',
      'https://p/services/LBProxy?a=1&b="'
    ]
  )
  t.equal(readDocument(generateWsdl({ service: 'P', addresses })).places.length, 2)
})

t.test('the name of a proxy need not be an XML name', async t => {
  for (const [service, name] of [
    ['My Proxy', 'My_Proxy'],
    ['1st', '_1st'],
    ['a"><b', 'a___b'],
    ['-', '_-'],
    ['größe.2', 'größe.2']
  ] as const) {
    t.equal(
      attributeOf(readDocument(generateWsdl({ service, addresses })).root.children.at(-1)!, 'name')?.value,
      name
    )
  }
})
