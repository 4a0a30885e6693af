import t from 'tap'
import { compileJsonPath } from '../../../lib/json/json-path.js'
import { jsonToXml } from '../../../lib/json/json-to-xml.js'
import { jsonText, parseJson } from '../../../lib/json/json-value.js'
import { keyOfName, nameOfKey } from '../../../lib/json/names.js'
import { xmlToJson } from '../../../lib/json/xml-to-json.js'
import { readTree } from '../../../lib/xpath/tree.js'
import { faultOf } from '../../support/flows/fault-of.js'
import { processorTime } from '../../support/timing/processor-time.js'

const asXml = (json: string): string => jsonToXml(parseJson(json).value)
const asJson = (xml: string): string => {
  const tree = readTree(Buffer.from(xml))
  if ('kind' in tree) throw new Error(tree.reason)
  return jsonText(xmlToJson(tree[1]!))
}
const select = (path: string, json: string): string | undefined => {
  const value = compileJsonPath(path).select(parseJson(json))
  return value === undefined ? undefined : jsonText(value)
}

t.test('numbers keep their digits, whatever a double can represent', async t => {
  const text = '{"id":12345678901234567890,"price":1.50,"big":1e400,"zero":-0,"exponent":1E5,"plain":42}'
  t.equal(jsonText(parseJson(text).value), text)
})

t.test('of duplicate keys the last one counts, and __proto__ is a key like any other', async t => {
  t.equal(jsonText(parseJson('{"a":1,"a":2}').value), '{"a":2}')
  const { value } = parseJson('{"__proto__":{"admin":true},"constructor":1}')
  t.equal(jsonText(value), '{"__proto__":{"admin":true},"constructor":1}')
  t.equal(({} as { admin?: boolean }).admin, undefined)
  t.equal(Object.getPrototypeOf(value), Object.prototype)
})

t.test('malformed, too deep and too large documents are refused with a reason', async t => {
  for (const text of ['', '{', '[1,]', '{"a"}', '{a:1}', "{'a':1}", '01', '1 2', 'NaN', '"\u0001"', '[1', 'nul']) {
    t.throws(() => parseJson(text), { name: 'SyntaxError' }, text)
  }
  t.throws(() => parseJson('['.repeat(100_000)), { message: 'it is nested deeper than 256' })
  t.throws(() => parseJson(`${'['.repeat(257)}${']'.repeat(257)}`), { message: 'it is nested deeper than 256' })
  t.equal(parseJson(`${'['.repeat(256)}${']'.repeat(256)}`).depth, 256)
  t.throws(() => parseJson(`[${'1,'.repeat(1_000_000)}1]`), { message: 'it has more than 1000000 values' })
})

t.test('JSON becomes XML by the rules of the engine', async t => {
  const cases: Record<string, string> = {
    '{"a":1,"b":"x & y","c":null,"d":true}': '<jsonObject><a>1</a><b>x &amp; y</b><c/><d>true</d></jsonObject>',
    '{"a":[1,2]}': '<jsonObject><a>1</a><a>2</a></jsonObject>',
    '{"a":{"@id":"7","$":"text"}}': '<jsonObject><a id="7">text</a></jsonObject>',
    '[1,{"a":2}]': '<jsonArray><jsonElement>1</jsonElement><jsonElement><a>2</a></jsonElement></jsonArray>',
    '"x"': '<jsonValue>x</jsonValue>',
    '{"1a":1,"$b":2,"c d":3}':
      '<jsonObject><_JsonReader_PD_1a>1</_JsonReader_PD_1a><_JsonReader_PS_b>2</_JsonReader_PS_b>' +
      '<c_JsonReader_32_d>3</c_JsonReader_32_d></jsonObject>'
  }
  for (const [json, xml] of Object.entries(cases)) t.equal(asXml(json), xml, json)
})

t.test('XML becomes JSON by the rules of the engine', async t => {
  const cases: Record<string, string> = {
    '<a><b>1</b><b>2</b></a>': '{"a":{"b":[1,2]}}',
    '<a x="7">t</a>': '{"a":{"@x":"7","$":"t"}}',
    '<a><b/><c> </c></a>': '{"a":{"b":null,"c":null}}',
    '<p:a xmlns:p="urn:p"><p:b p:c="1">true</p:b></p:a>': '{"a":{"b":{"@c":"1","$":true}}}',
    '<a><n>007</n><m>1.50</m><t>null</t></a>': '{"a":{"n":"007","m":1.50,"t":null}}',
    '<a><b>1</b><c>2</c><b>3</b></a>': '{"a":{"b":[1,3],"c":2}}',
    '<a><__proto__>1</__proto__></a>': '{"a":{"__proto__":1}}'
  }
  for (const [xml, json] of Object.entries(cases)) t.equal(asJson(xml), json, xml)
  t.match(
    faultOf(() => asJson('<a>text<b/></a>')),
    { reason: /mixed content in <a>/ }
  )
})

t.test('JSON survives the way to XML and back', async t => {
  const documents = [
    '{"a":{"b":[1,2,{"c":null}]},"d":false}',
    '[1]',
    '[]',
    '[[1,2],[3]]',
    '{"1 a":{"$x":1}}',
    '{"":1}',
    '{"a":[[1],[2,3]]}'
  ]
  for (const json of documents) t.equal(asJson(asXml(json)), json, json)
  for (const key of ['a', '1', '$', '-x', 'ä', '😀', 'a b', '_JsonReader_', '.']) {
    t.equal(keyOfName(nameOfKey(key)), key)
  }
})

t.test('JSONPath: definite paths give a value, others an array', async t => {
  const json = '{"s":{"b":[{"p":8,"t":"x"},{"p":12.50}]},"user-name":"u"}'
  const cases: Record<string, string | undefined> = {
    $: json,
    '$.': json,
    '$.s.b[0].p': '8',
    '$.s.b[1].p': '12.50',
    "$['s']['b'][0]['t']": '"x"',
    '$..p': '[8,12.50]',
    '$.s.b[?(@.p < 10)].t': '["x"]',
    '$.s.b[-1:]': '[{"p":12.50}]',
    '$.s.b.length()': '2',
    '$.user-name': '"u"',
    '$.nothing': undefined,
    '$..nothing': '[]',
    '$.s.b[5]': undefined,
    's.b[0].p': '8',
    "$.['s'].b.[1].p": '12.50',
    "['user-name']": '"u"',
    '$.s.b[?(@.t == ".[")]': '[]'
  }
  for (const [path, expected] of Object.entries(cases)) t.equal(select(path, json), expected, path)
})

t.test('JSONPath: scripts and malformed paths are refused when they are compiled', async t => {
  for (const path of [
    '',
    ' ',
    'a b',
    '$.a[',
    '$.a[(@.length-1)]',
    '$.a[?(@.b =~ /x/)]',
    '$.process.exit()',
    '$[',
    '$.a b'
  ]) {
    t.throws(() => compileJsonPath(path), { name: 'SyntaxError' }, path)
  }
  t.throws(() => compileJsonPath(`$${'.a'.repeat(3000)}`), { message: /longer than 4096/ })
})

t.test('JSONPath: what takes too long ends in a fault', async t => {
  const wide = parseJson(`[${'{"a":{"b":1}},'.repeat(50_000)}1]`)
  for (const path of ['$..a..b..c..d..e..f..g', '$[?(@.a == $[0].a)]', '$..[?($..b)]']) {
    t.match(
      faultOf(() => compileJsonPath(path).select(wide)),
      { reason: /takes too long/ },
      path
    )
  }
  t.ok(processorTime(() => t.type(compileJsonPath('$..b').select(wide), Array)) < 5_000)
})
