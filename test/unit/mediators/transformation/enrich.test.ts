import t from 'tap'
import {
  header,
  play,
  proxyOf,
  request,
  soap,
  soapRequest,
  textOf,
  wrongWith
} from '../../../support/flows/drive-flow.js'

const JSON_TYPE = 'application/json'
const ORDER = '<o:order xmlns:o="urn:o"><o:id n="1">7</o:id><o:item>a</o:item><o:item>b</o:item></o:order>'
const O = 'xmlns:o="urn:o"'

const enriched = (source: string, target: string, message = request(ORDER, 'application/xml'), before = ''): string =>
  textOf(
    play(proxyOf({ in: `${before}<enrich><source ${source}<target ${target}/></enrich><respond/>` }), message).response
  )

t.test('enrich, XML: replace, child, sibling and remove', async t => {
  const inline = 'type="inline"><new xmlns="">x</new></source>'
  t.equal(
    enriched(inline, `action="replace" xpath="//o:id" ${O}`),
    ORDER.replace('<o:id n="1">7</o:id>', '<new>x</new>')
  )
  t.equal(enriched(inline, `action="child" xpath="//o:id" ${O}`), ORDER.replace('7</o:id>', '7<new>x</new></o:id>'))
  t.equal(
    enriched(inline, `action="sibling" xpath="//o:item[1]" ${O}`),
    ORDER.replace('a</o:item>', 'a</o:item><new>x</new>')
  )
  t.equal(
    enriched(inline, `action="remove" xpath="//o:item" ${O}`),
    ORDER.replace('<o:item>a</o:item><o:item>b</o:item>', '')
  )
  t.match(enriched(inline, `xpath="//o:nothing" ${O}`), /the target of enrich selects nothing/)
  t.equal(enriched(inline, `action="remove" xpath="//o:nothing" ${O}`), ORDER, 'nothing is removed')
})

t.test('enrich, XML: texts and attributes are replaced', async t => {
  t.equal(enriched(`xpath="//o:item[2]/text()" ${O}/>`, `xpath="//o:id" ${O}`), ORDER.replace('>7<', '>b<'))
  t.equal(
    enriched('type="inline">&lt;x&gt;</source>', `xpath="//o:id/@n" ${O}`),
    ORDER.replace('n="1"', 'n="&lt;x&gt;"')
  )
  t.equal(enriched('type="inline">y &amp; z</source>', `xpath="//o:id" ${O}`), ORDER.replace('>7<', '>y &amp; z<'))
})

t.test('enrich-removes: what the source selects is removed from the body or a property', async t => {
  const body = '{"a":{"b":1.50,"l":[1,2]},"c":"x","d":null}'
  const removed = (source: string, target = 'type="body"', text = body): string =>
    enriched(`xpath="json-eval(${source})"/>`, `action="remove" ${target}`, request(text, JSON_TYPE))
  t.equal(removed('$.a.b'), '{"a":{"l":[1,2]},"c":"x","d":null}')
  t.equal(removed('$.a,$.d'), '{"c":"x"}')
  t.equal(removed('$.a.l[0], $..b'), '{"a":{"l":[2]},"c":"x","d":null}')
  t.equal(removed('$.nothing'), body, 'what is missing is not missed')
  t.equal(removed('$'), '')
  const kept = '<enrich><source type="body"/><target type="property" property="p"/></enrich>'
  const back = '<enrich><source type="property" property="p"/><target type="body"/></enrich>'
  const enrich = (path: string): string => `<enrich><source xpath="json-eval(${path})"/><target action="remove" type="property" property="p"/></enrich>`
  const { response } = play(proxyOf({ in: `${kept}${enrich('$.a')}${back}<respond/>` }), request(body, JSON_TYPE))
  t.equal(textOf(response), '{"c":"x","d":null}')
  t.match(textOf(play(proxyOf({ in: `${enrich('$.a')}<respond/>` }), request(body, JSON_TYPE)).response), /the property \\"p\\", which is not set/)
  t.match(
    wrongWith('<sequence name="s"><enrich><source xpath="json-eval($.a,$[)"/><target type="body" action="remove"/></enrich></sequence>'),
    [/invalid JSONPath/]
  )
})

t.test('enrich: clone="false" moves what a source of the type custom selects', async t => {
  t.equal(
    enriched(`clone="false" xpath="//o:item[1]" ${O}/>`, `action="child" xpath="//o:id" ${O}`),
    '<o:order xmlns:o="urn:o"><o:id n="1">7<o:item xmlns:o="urn:o">a</o:item></o:id><o:item>b</o:item></o:order>'
  )
  t.equal(
    enriched('clone="false" xpath="json-eval($.a)"/>', 'xpath="json-eval($.c)"', request('{"a":1.50,"c":2}', JSON_TYPE)),
    '{"c":1.50}'
  )
  t.equal(enriched(`clone="false" xpath="//o:order" ${O}/>`, `action="child" xpath="//o:id" ${O}`).match(/<o:order/g)?.length, 2,
    'what a target is inside of stays')
})

t.test('enrich, SOAP: the Header stays, the envelope stays well-formed', async t => {
  const message = soapRequest('<x xmlns="urn:x"/>', '1.2', '<h:id xmlns:h="urn:h">7</h:id>')
  t.equal(
    enriched('type="inline"><new xmlns="">1</new></source>', 'type="body"', message),
    soap('<new xmlns="">1</new>', '1.2', '<h:id xmlns:h="urn:h">7</h:id>').replace(' xmlns=""', '')
  )
  t.equal(
    enriched('type="inline"><new xmlns="">1</new></source>', 'action="child" xpath="//p:x" xmlns:p="urn:x"', message),
    soap('<x xmlns="urn:x"><new xmlns="">1</new></x>', '1.2', '<h:id xmlns:h="urn:h">7</h:id>')
  )
})

t.test('enrich: the body goes into a property and comes back', async t => {
  const store =
    '<enrich><source type="body"/><target type="property" property="kept"/></enrich><payloadFactory><format><gone xmlns=""/></format><args/></payloadFactory>'
  t.equal(
    enriched('type="property" property="kept"/>', 'type="body"', request(ORDER, 'application/xml'), store),
    ORDER
  )
  t.equal(
    enriched('type="property" property="kept"/>', 'type="body"', request('{"a":1.50}', JSON_TYPE), store),
    '{"a":1.50}'
  )
})

t.test('enrich, JSON: replace, child, sibling, remove and key', async t => {
  const json = (source: string, target: string): string =>
    enriched(source, target, request('{"a":{"b":1.50,"l":[1,2]},"c":"x"}', JSON_TYPE))
  t.equal(json('xpath="json-eval($.c)"/>', 'xpath="json-eval($.a.b)"'), '{"a":{"b":"x","l":[1,2]},"c":"x"}')
  t.equal(
    json('type="inline">{"z":true}</source>', 'action="child" xpath="json-eval($.a)"'),
    '{"a":{"b":1.50,"l":[1,2],"z":true},"c":"x"}'
  )
  t.equal(
    json('type="inline">3</source>', 'action="child" xpath="json-eval($.a.l)"'),
    '{"a":{"b":1.50,"l":[1,2,3]},"c":"x"}'
  )
  t.equal(
    json('type="inline">{"z":true}</source>', 'action="sibling" xpath="json-eval($.a.b)"'),
    '{"a":{"b":1.50,"l":[1,2],"z":true},"c":"x"}'
  )
  t.equal(
    json('type="inline">x</source>', 'action="remove" xpath="json-eval($.a.l[*])"'),
    '{"a":{"b":1.50,"l":[]},"c":"x"}'
  )
  t.equal(
    json('type="inline">new</source>', 'type="key" xpath="json-eval($.a.b)"'),
    '{"a":{"new":1.50,"l":[1,2]},"c":"x"}'
  )
  t.equal(json('xpath="json-eval($.a.l)"/>', 'type="body"'), '[1,2]')
  t.equal(
    json('type="inline">{"__proto__":1}</source>', 'action="child" xpath="json-eval($.a)"'),
    '{"a":{"b":1.50,"l":[1,2],"__proto__":1},"c":"x"}'
  )
})

t.test('enrich: inline content by key, and configurations that are refused', async t => {
  const service = proxyOf({
    in: '<enrich><source type="inline" key="k"/><target type="body"/></enrich><respond/>',
    beside: '<localEntry key="k">{"a":1}</localEntry>'
  })
  const { response } = play(service, request(ORDER, 'application/xml'))
  t.same([textOf(response), header(response, 'Content-Type')], ['{"a":1}', 'application/json; charset=UTF-8'])
  const wrong = (inside: string): string[] => wrongWith(`<sequence name="s"><enrich>${inside}</enrich></sequence>`)
  t.match(wrong('<source type="body"/>'), [/needs a <target>/])
  t.match(wrong('<source/><target type="body"/>'), [/a source of the type custom needs an expression/])
  t.match(wrong('<source type="property"/><target type="body"/>'), [/needs the name of the property/])
  t.match(wrong('<source type="moon"/><target type="body"/>'), [/invalid value "moon"/])
})
