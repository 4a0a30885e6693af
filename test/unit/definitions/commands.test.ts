import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { unsaid } from '../../../lib/cli/convert.js'
import { parse } from '../../../lib/definitions/load.js'
import { writeXml } from '../../../lib/definitions/write-xml.js'

/** The commands around configurations, as they are run. */
const CLI = fileURLToPath(new URL('../../../lib/cli.js', import.meta.url))
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const NS = 'http://ws.apache.org/ns/synapse'

function run (...words: string[]): { code: number | null, out: string, err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { cwd: ROOT, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

t.test('check tells everything in one run, and nothing that it cannot explain', async t => {
  const folder = t.testdir({
    'many.xml': `<definitions xmlns="${NS}">\n  <task/>\n  <sequence name="s"><log levle="full"/><unheard/></sequence>\n  <endpoint name="s"><address uri="nowhere"/></endpoint>\n</definitions>`,
    'broken.xml': '<a>\n  <b>',
    'broken.json': '{ "proxies": ',
    'doctype.xml': '<!DOCTYPE x><x/>',
    'bytes.xml': Buffer.from([0xff, 0xfe, 0, 60, 0]),
    'empty.json': '',
    none: {}
  })
  const check = (name: string): ReturnType<typeof run> => run('check', join(folder, name))
  const many = check('many.xml')
  t.equal(many.code, 1)
  t.match(many.err.split('\n').map(line => line.replace(folder, '')), [
    /^\/many\.xml:2:3 <task> is not supported/,
    /^\/many\.xml:3:41 unknown mediator <unheard>/,
    /^\/many\.xml:4:3 duplicate endpoint "s" \(the first is a sequence at .*many\.xml:3\)/,
    /problem/
  ])
  t.match(many.out, /many\.xml:3:22 hint: the attribute levle of <log> has no effect \(these have: .*level/)
  for (const [name, message] of [
    ['broken.xml', /^[^\n]*broken\.xml:2:6 the document ends inside of <a><b>\n1 problem\n$/],
    ['broken.json', /^[^\n]*broken\.json:1:14 malformed JSON: value expected\n1 problem\n$/],
    ['doctype.xml', /^[^\n]*doctype\.xml:1:1 a DOCTYPE is not accepted\n1 problem\n$/],
    ['bytes.xml', /^[^\n]*bytes\.xml:1:1 [^\n]*\n1 problem\n$/],
    ['empty.json', /^[^\n]*empty\.json:1:1 malformed JSON: value expected\n1 problem\n$/],
    ['none', /^[^\n]*none:1:1 the folder holds no configuration/],
    ['nothing', /nothing: no such file or folder\n$/]
  ] as const) {
    const { code, err } = check(name)
    t.equal(code, 1, name)
    t.match(err, message)
    t.notMatch(err, /\n {4}at /, 'no stack trace')
  }
  t.match(check('.').err, /many\.xml:2:3 [^]*broken\.xml|broken\.xml[^]*many\.xml:2:3/, 'a folder: all of its files')
})

t.test('check reads what proxies publish, as serve does', async t => {
  const proxy = (name: string, wsdl: string): string => `<proxy name="${name}"><target><inSequence><drop/></inSequence></target>\n  ${wsdl}</proxy>\n`
  const target = { in: [{ kind: 'drop' }] }
  const folder = t.testdir({
    'good.wsdl': '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>',
    'bad.xml': `<definitions xmlns="${NS}">\n${[
      proxy('Good', '<publishWSDL uri="file:good.wsdl"/>'), proxy('Generated', '<publishWSDL/>'), proxy('Missing', '<publishWSDL uri="file:none.wsdl"/>'),
      proxy('Keyless', '<publishWSDL key="nobody"/>'), proxy('Refused', '<publishWSDL uri="http://127.0.0.1:9/x.wsdl"/>'), proxy('Strange', '<publishWSDL uri="gopher://x"/>')
    ].join('')}</definitions>`,
    'bad.json': JSON.stringify({ proxies: { Inline: { ...target, wsdl: { inline: '<a>' } }, Same: { ...target, wsdl: { uri: 'file:good.wsdl' } }, Shapeless: { wsdl: 7 } }, localEntries: { e: 7 } })
  })
  const { code, err } = run('check', join(folder, 'bad.xml'))
  t.equal(code, 1)
  t.same(err.replaceAll(`${folder}/`, '').replaceAll(' (the proxy runs all the same, and ?wsdl answers 503)', '').split('\n'), [
    'bad.xml:7:3 the WSDL of Missing cannot be published: file:none.wsdl: there is no such file',
    'bad.xml:9:3 the WSDL of Keyless cannot be published: nobody: there is no such local entry',
    'bad.xml:11:3 the WSDL of Refused cannot be published: http://127.0.0.1:9/x.wsdl: the server cannot be asked (ECONNREFUSED)',
    'bad.xml:13:3 the WSDL of Strange cannot be published: gopher://x: addresses that begin with gopher: are not supported',
    '4 problems',
    ''
  ])
  t.match(run('check', join(folder, 'bad.json')), { code: 1, err: /bad\.json:1:53 the WSDL of Inline cannot be published: the inline WSDL: [^]*"wsdl" cannot be 7/ })
})

t.test('check says what is sound, and warns of nothing', async t => {
  for (const path of ['config/lb-proxy.xml', 'config/lb-proxy.json', 'config/stock-quote']) {
    t.match(run('check', path), { code: 0, err: '', out: `${path} is sound: 1 proxy, 1 sequence\n` })
  }
  t.match(run('check', 'config'), { code: 0, err: '', out: /hint: duplicate proxy "LBProxy", and says the same/ }, 'the same twice is no mistake')
})

t.test('convert goes there and back', async t => {
  const json = run('convert', 'config/lb-proxy.xml', '--to', 'json')
  t.equal(json.code, 0)
  t.equal(json.err, '')
  const folder = t.testdir({ 'a.json': json.out })
  const xml = run('convert', join(folder, 'a.json'), '--to', 'xml')
  t.equal(xml.code, 0)
  t.equal(xml.err, '')
  t.strictSame(parse(xml.out).definitions, JSON.parse(json.out))
  t.match(run('convert', 'config/lb-proxy.xml', '--to', 'yaml'), { code: 2, err: /--to expects json or xml/ })
  t.match(run('convert', join(t.testdir({ 'b.xml': '<a/>' }), 'b.xml'), '--to', 'json'), { code: 1, out: '', err: /b\.xml:1:1 <a> is in no namespace/ })
})

t.test('what XML cannot say is told', async t => {
  const definitions = {
    defaults: { timeout: 5 },
    sequences: { s: { mediators: [{ kind: 'property', name: 'a', value: 'b', expression: { xpath: '1' } }] } },
    endpoints: { e: { kind: 'address', uri: 'http://localhost/', description: ' spaces ' } },
    localEntries: { l: { text: "<a b='1'></a>" } }
  }
  t.strictSame([...unsaid(definitions, parse(writeXml(definitions)).definitions)], ['defaults.timeout', 'sequences.s.0.expression.xpath', 'endpoints.e.description'])
  t.match(run('convert', join(t.testdir({ 'c.json': JSON.stringify(definitions) }), 'c.json'), '--to', 'xml'), { code: 0, err: /^defaults\.timeout cannot be said in XML, and is left out\n/ })
})

t.test('schema and reference', async t => {
  t.match(JSON.parse(run('schema').out), { $schema: /json-schema/, $defs: { Endpoint: {}, Mediator: {} } })
  t.match(run('reference').out, /^# Reference\n/)
})
