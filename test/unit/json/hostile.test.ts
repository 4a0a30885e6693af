import t from 'tap'
import { XmlDocument } from 'libxml2-wasm'
import { editEach } from '../../../lib/json/edit.js'
import { compileJsonPath } from '../../../lib/json/json-path.js'
import { jsonToXml } from '../../../lib/json/json-to-xml.js'
import { jsonText, parseJson } from '../../../lib/json/json-value.js'
import { keyOfName, nameOfKey } from '../../../lib/json/names.js'
import { faultOf } from '../../support/flows/fault-of.js'
import { processorTime } from '../../support/timing/processor-time.js'

/** Milliseconds that what is linear may take on a busy machine; what is not takes minutes. */
const TIME_LIMIT = 10_000

t.test('hostile JSON: texts with very many escapes, or without an end, are read in linear time', async t => {
  for (const text of ['"' + '\\"'.repeat(1_000_000), '"\\'.repeat(500_000), '"a":'.repeat(500_000)]) {
    t.ok(processorTime(() => t.throws(() => parseJson(text), { name: 'SyntaxError' })) < TIME_LIMIT)
  }
  t.equal(parseJson(`"${'a'.repeat(10_000_000)}"`).size, 1, 'a text of ten megabytes')
  t.equal(parseJson(`["${'\\\\'.repeat(1_000_000)}",{"]":"["}]`).depth, 2, 'brackets in texts are no structure')
})

t.test('hostile JSON: a thousand duplicate keys are one member', async t => {
  const text = `{${Array.from({ length: 1000 }, (_, at) => `"a":{"b":[${at}]}`).join(',')}}`
  t.equal(jsonText(parseJson(text).value), '{"a":{"b":[999]}}')
})

t.test('json-limits: numbers beyond IEEE 754 keep their digits in JSON and in XML', async t => {
  const numbers = [
    '1e400',
    '-1e-400',
    '123456789012345678901234567890',
    '0.1000',
    `1${'0'.repeat(10_000)}`,
    '-0',
    '1E+2'
  ]
  for (const number of numbers) {
    t.equal(jsonText(parseJson(`{"n":[${number}]}`).value), `{"n":[${number}]}`)
    t.equal(jsonToXml(parseJson(`{"n":${number}}`).value), `<jsonObject><n>${number}</n></jsonObject>`)
  }
})

t.test(
  'json-names: every key becomes the name of an element that every parser of XML accepts, and comes back',
  async t => {
    const keys = [
      'µ',
      'ª',
      'º',
      '²',
      '¼',
      '٣',
      '\u0301a',
      'a\u0301',
      '·',
      '\ud800',
      'a\udc00',
      '\0',
      '\n',
      ':',
      'a:b',
      'xmlns',
      '__proto__',
      'constructor',
      'toString',
      ' ',
      '<',
      '&',
      '"',
      '\u{1F600}',
      '_JsonReader_PD_1',
      '_JsonReader_EMPTY',
      '$_JsonReader_65_',
      '-',
      '.',
      '0',
      '',
      '$',
      '@',
      '@@a'
    ]
    for (const key of keys) {
      const name = nameOfKey(key)
      t.equal(keyOfName(name), key, JSON.stringify(key))
      const xml = jsonToXml(parseJson(`{"x":{${JSON.stringify(key)}:[1]}}`).value)
      t.doesNotThrow(() => XmlDocument.fromString(xml).dispose(), xml)
    }
  }
)

t.test('hostile JSONPath: what multiplies values is bounded', async t => {
  const nested = parseJson(`${'['.repeat(60)}${']'.repeat(60)}`)
  const wide = parseJson(`[${'{"a":{"b":[1,2,3]}},'.repeat(150_000)}1]`)
  const slow = [
    [`$${'[0,0]'.repeat(60)}`, nested],
    [`$${'[*,*]'.repeat(60)}`, nested],
    [`$..[${'0,'.repeat(2000)}0]`, wide],
    ['$..[?@ == @ && @ == @ && @ == @]', wide],
    ['$[?@.a == $[0].a]', wide]
  ] as const
  for (const [path, document] of slow) {
    t.match(
      faultOf(() => compileJsonPath(path).select(document)),
      { reason: /takes too long/ },
      path.slice(0, 40)
    )
  }
  t.same(compileJsonPath('$[0,1]').select(parseJson('[1,2,3]')), [1, 2])
  t.ok(processorTime(() => compileJsonPath('$[?@.a && @.a.b].a').select(wide)) < TIME_LIMIT)
})

t.test('hostile JSONPath: regular expressions are refused, deep nesting is no stack overflow', async t => {
  const paths = [
    "$[?match(@.a, '(a+)+$')]",
    '$[?search(@.a, @.b)]',
    `$${'['.repeat(4000)}`,
    `$[?${'!'.repeat(4000)}@.a]`
  ]
  for (const path of paths) t.throws(() => compileJsonPath(path), { name: 'SyntaxError' }, path.slice(0, 40))
  const one = parseJson('[{"a":1}]')
  t.same(compileJsonPath(`$[?${'('.repeat(1500)}@.a${')'.repeat(1500)}].a`).select(one), [1])
  t.equal(compileJsonPath(`$${'.a'.repeat(2000)}`).select(one), undefined)
  const wide = parseJson(`[[${'0,'.repeat(300_000)}0]]`)
  t.equal(jsonText(compileJsonPath('$[0][*]').select(wide)!).length, 600_003, 'an array of any length is selected')
  t.match(
    faultOf(() => compileJsonPath('$[?@[*]]').select(wide)),
    { reason: /takes too long/ }
  )
})

t.test('a JSON document is edited at any number of places in linear time', async t => {
  const { value } = parseJson(`{"l":[${'{"a":1},'.repeat(200_000)}0]}`)
  const places = compileJsonPath('$.l[*].a').locations(parseJson(jsonText(value)))
  t.equal(places.length, 200_000)
  t.ok(processorTime(() => editEach(value, places, () => 2)) < TIME_LIMIT)
  t.equal(
    jsonText(
      editEach(
        { l: [1, { a: 2 }, 3] },
        [
          ['l', 0],
          ['l', 1, 'a'],
          ['l', 2]
        ],
        () => undefined
      )!
    ),
    '{"l":[{}]}'
  )
  t.equal(
    editEach([1], [[]], () => undefined),
    undefined,
    'the root is removed'
  )
})
