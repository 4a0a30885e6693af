import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import { definitionsOf, header, play, proxyOf, soapRequest, wrongWith } from '../../../support/flows/drive-flow.js'

const taken = (conditions: readonly string[], more: { attributes?: string, routes?: string } = {}): string => {
  const routes = conditions.map((condition, index) =>
    `<conditionalRoute ${more.routes ?? ''}><condition>${condition}</condition><target><sequence>` +
    `<property name="X-R" expression="concat(get-property('transport', 'X-R'), '${index}')" scope="transport"/>` +
    '</sequence></target></conditionalRoute>').join('')
  const service = proxyOf({
    in: `<property name="region" value="EU"/><property name="X-Kind" value="Gold" scope="transport"/>
      <header name="To" value="http://h:8/shop?lang=de%20at&amp;empty="/>
      <conditionalRouter ${more.attributes ?? 'continueAfter="true"'}>${routes}</conditionalRouter><respond/>`
  })
  return header(play(service, soapRequest()).response, 'X-R') ?? ''
}
const IS = { header: '<equal source="x-kind" value="gold"/>', no: '<equal source="X-None" value=""/>' }

t.test('conditionalRouter: conditions on headers, parameters, the address, properties and the message', async t => {
  const met = [
    IS.header,
    '<equal type="header" source="X-Kind" value="GOLD"/>',
    '<match type="header" source="X-Kind" regex="G.*"/>',
    '<equal type="param" source="lang" value="de at"/>',
    '<match type="url" regex="http://h:8/.*"/>',
    '<equal type="url" source="host" value="h"/>',
    '<equal type="url" source="port" value="8"/>',
    '<equal type="url" source="path" value="/shop"/>',
    '<equal type="property" source="region" value="eu"/>',
    '<match type="soap" source="//x" regex="&lt;x.*"/>',
    `<and>${IS.header}<not>${IS.no}</not></and>`,
    `<or>${IS.no}${IS.header}</or>`
  ]
  for (const each of met) t.equal(taken([each]), '0', each)
  const unmet = [
    IS.no,
    '<match type="header" source="X-Kind" regex="G"/>',
    '<equal type="param" source="empty" value=""/>',
    '<equal type="param" source="none" value="x"/>',
    '<equal type="property" source="toString" value=""/>',
    `<and>${IS.header}${IS.no}</and>`,
    `<or>${IS.no}${IS.no}</or>`,
    `<not>${IS.header}</not>`
  ]
  for (const each of unmet) t.equal(taken([each]), '', each)
})

t.test('conditionalRouter: the first route that is met ends the search, unless breakRoute is false', async t => {
  t.equal(taken([IS.no, IS.header, IS.header]), '1')
  t.equal(taken([IS.no, IS.header, IS.header], { routes: 'breakRoute="false"' }), '12')
})

t.test('conditionalRouter: without continueAfter a message ends there, and a target that responds still does', async t => {
  const route = `<conditionalRoute><condition>${IS.no}</condition><target><sequence><respond/></sequence></target></conditionalRoute>`
  const ended = play(proxyOf({
    in: `<conditionalRouter>${route}</conditionalRouter><property name="X-Behind" value="1" scope="transport"/><respond/>`
  }), soapRequest())
  t.equal(header(ended.response, 'X-Behind'), undefined)
  const responding = play(proxyOf({
    in: `<property name="X-None" value="" scope="transport"/><conditionalRouter>${route}</conditionalRouter><drop/>`
  }), soapRequest())
  t.equal(responding.response.status ?? 200, 200)
})

t.test('conditionalRouter: with continueAfter a message continues that a target has dropped', async t => {
  const dropping = `<conditionalRoute><condition>${IS.header}</condition><target><sequence><drop/></sequence></target></conditionalRoute>`
  const { response } = play(proxyOf({
    in: '<property name="X-Kind" value="Gold" scope="transport"/><conditionalRouter continueAfter="true">' +
      `${dropping}</conditionalRouter><property name="X-Behind" value="1" scope="transport"/><respond/>`
  }), soapRequest())
  t.equal(header(response, 'X-Behind'), '1')
})

t.test('conditionalRouter is the same after JSON, and what is wrong is reported', async t => {
  const xml = definitionsOf(`<sequence name="s"><conditionalRouter continueAfter="true">
    <conditionalRoute breakRoute="false"><condition><and>${IS.header}<not>${IS.no}</not></and></condition>
    <target endpoint="e"/></conditionalRoute></conditionalRouter></sequence><endpoint name="e"><default/></endpoint>`)
  const { definitions, problems } = parse(xml)
  t.strictSame(problems, [])
  t.strictSame(parse(writeXml(definitions)).definitions, definitions)
  t.strictSame(parse(JSON.stringify(definitions)).problems, [])
  t.match(wrongWith('<sequence name="s"><conditionalRouter><conditionalRoute/></conditionalRouter></sequence>'),
    [/needs a <condition>/, /needs a <target>/])
})
