import { join } from 'node:path'
import t from 'tap'
import { lossesOf } from '../../../lib/definitions/conversion-losses.js'
import { parse } from '../../../lib/definitions/load.js'
import type { Definitions } from '../../../lib/definitions/model/model.js'
import { writeXml } from '../../../lib/definitions/write-xml.js'
import { runMain, type RanMain } from '../../support/processes/run-main.js'

/** The commands that read configurations. */
const NS = 'http://ws.apache.org/ns/synapse'

/** Runs a command, in the root of the project. */
const run = (...words: string[]): Promise<RanMain> => runMain(t, words)

t.test('check reports all problems in one run, without stack traces', async t => {
  const folder = t.testdir({
    'many.xml': `<definitions xmlns="${NS}">\n  <task/>\n  <sequence name="s"><log levle="full"/><unheard/></sequence>\n  <endpoint name="s"><address uri="nowhere"/></endpoint>\n</definitions>`,
    'broken.xml': '<a>\n  <b>',
    'broken.json': '{ "proxies": ',
    'doctype.xml': '<!DOCTYPE x><x/>',
    'bytes.xml': Buffer.from([0xff, 0xfe, 0, 60, 0]),
    'empty.json': '',
    none: {}
  })
  const check = async (name: string): ReturnType<typeof run> => await run('check', join(folder, name))
  const many = await check('many.xml')
  t.equal(many.code, 1)
  t.match(
    many.err.split('\n').map(line => line.replace(folder, '')),
    [
      /^\/many\.xml:2:3 <task> is not supported/,
      /^\/many\.xml:3:41 unknown mediator <unheard>/,
      /^\/many\.xml:4:3 duplicate endpoint "s" \(the first is a sequence at .*many\.xml:3\)/,
      /problem/
    ]
  )
  t.match(many.out, /many\.xml:3:22 hint: the attribute levle of <log> has no effect \(did you mean "level"\?\)/)
  for (const [name, message] of [
    ['broken.xml', /^[^\n]*broken\.xml:2:6 the document ends inside of <a><b>\n1 problem\n$/],
    ['broken.json', /^[^\n]*broken\.json:1:14 malformed JSON: value expected\n1 problem\n$/],
    ['doctype.xml', /^[^\n]*doctype\.xml:1:1 it has a DOCTYPE, which is not accepted\n1 problem\n$/],
    ['bytes.xml', /^[^\n]*bytes\.xml:1:1 [^\n]*\n1 problem\n$/],
    ['empty.json', /^[^\n]*empty\.json:1:1 malformed JSON: value expected\n1 problem\n$/],
    ['none', /^[^\n]*none:1:1 the folder holds no configuration/],
    ['nothing', /nothing: no such file or folder\n$/]
  ] as const) {
    const { code, err } = await check(name)
    t.equal(code, 1, name)
    t.match(err, message)
    t.notMatch(err, /\n {4}at /, 'no stack trace')
  }
  t.match(
    (await check('.')).err,
    /many\.xml:2:3 [^]*broken\.xml|broken\.xml[^]*many\.xml:2:3/,
    'a folder: all of its files'
  )
})

t.test('check reads the WSDLs that proxies publish, as serve does', async t => {
  const proxy = (name: string, wsdl: string): string =>
    `<proxy name="${name}"><target><inSequence><drop/></inSequence></target>\n  ${wsdl}</proxy>\n`
  const target = { in: [{ kind: 'drop' }] }
  const folder = t.testdir({
    'good.wsdl': '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>',
    'bad.xml': `<definitions xmlns="${NS}">\n${[
      proxy('Good', '<publishWSDL uri="file:good.wsdl"/>'),
      proxy('Generated', '<publishWSDL/>'),
      proxy('Missing', '<publishWSDL uri="file:none.wsdl"/>'),
      proxy('Keyless', '<publishWSDL key="missing"/>'),
      proxy('Refused', '<publishWSDL uri="http://127.0.0.1:9/x.wsdl"/>'),
      proxy('Strange', '<publishWSDL uri="gopher://x"/>')
    ].join('')}</definitions>`,
    'bad.json': JSON.stringify({
      proxies: {
        Inline: { ...target, wsdl: { inline: '<a>' } },
        Same: { ...target, wsdl: { uri: 'file:good.wsdl' } },
        Shapeless: { wsdl: 7 }
      },
      localEntries: { e: 7 }
    })
  })
  const { code, err } = await run('check', join(folder, 'bad.xml'))
  t.equal(code, 1)
  t.same(
    err
      .replaceAll(`${folder}/`, '')
      .replaceAll(' (the proxy runs all the same, and ?wsdl answers 503)', '')
      .split('\n'),
    [
      'bad.xml:7:3 the WSDL of Missing cannot be published: file:none.wsdl: there is no such file',
      'bad.xml:9:3 the WSDL of Keyless cannot be published: missing: there is no such local entry',
      'bad.xml:11:3 the WSDL of Refused cannot be published: http://127.0.0.1:9/x.wsdl: the server cannot be reached (ECONNREFUSED)',
      'bad.xml:13:3 the WSDL of Strange cannot be published: gopher://x: addresses that begin with gopher: are not supported',
      '4 problems',
      ''
    ]
  )
  t.match(await run('check', join(folder, 'bad.json')), {
    code: 1,
    err: /bad\.json:1:53 the WSDL of Inline cannot be published: the inline WSDL: [^]*invalid value 7 for "wsdl"/
  })
})

t.test('check accepts the documented configurations', async t => {
  for (const path of ['config/lb-proxy.xml', 'config/lb-proxy.json', 'config/stock-quote']) {
    t.match(await run('check', path), { code: 0, err: '', out: `${path} is valid: 1 proxy, 1 sequence\n` })
  }
  t.match(
    await run('check', 'config'),
    { code: 0, err: '', out: /hint: duplicate proxy "LBProxy", equal to the first one/ },
    'an equal duplicate is a hint'
  )
})

t.test('check --json prints each problem with its code and place, and --strict lets warnings count', async t => {
  const folder = t.testdir({
    'warned.xml': `<sequence xmlns="${NS}" name="s">\n  <property name="a" expression="//m0:a"/>\n</sequence>`,
    'wrong.xml': `<definitions xmlns="${NS}">\n  <task/>\n</definitions>`,
    'sound.xml': `<sequence xmlns="${NS}" name="s"><drop/></sequence>`
  })
  const check = async (name: string, ...options: string[]) => {
    const { code, out, err } = await run('check', join(folder, name), '--json', ...options)
    t.equal(err, '')
    return { code, ...(JSON.parse(out) as { problems: Record<string, unknown>[] }) }
  }
  t.strictSame(await check('sound.xml'), { code: 0, problems: [] })
  t.strictSame(await check('wrong.xml'), {
    code: 1,
    problems: [
      {
        severity: 'error',
        code: 'unsupported-artefact',
        message: '<task> is not supported',
        hint: 'schedule it outside: let a cron job post the message to a proxy',
        file: join(folder, 'wrong.xml'),
        line: 2,
        column: 3
      }
    ]
  })
  t.match(await check('warned.xml'), { code: 0, problems: [{ severity: 'warning', code: 'message-failure', line: 2 }] })
  t.equal((await check('warned.xml', '--strict')).code, 1)
  t.match(await run('check', join(folder, 'warned.xml'), '--strict'), { code: 1, err: /warned\.xml:2:3 .*\n1 problem\n$/ })
})

t.test('the help of a command lists its options', async t => {
  const { code, out } = await run('check', '--help')
  t.equal(code, 0)
  for (const option of ['--json', '--strict']) t.match(out, option)
})

t.test('explain shows each resource of an API, or the one that handles the request of a file', async t => {
  const apis = 'test/fixtures/configurations/apis.xml'
  const { code, out } = await run('explain', apis, '--proxy', 'Shop')
  t.equal(code, 0)
  t.match(out, /^Shop {2}GET \/shop\/orders\/id\?currency=currency$/m)
  t.match(out, /sends GET http:\/\/localhost:9001\/api\/id/)
  t.match(out, /^Shop {2}GET \/shop\/lists$/m)
  t.match(out, /^Shop {2}DELETE \/shop$/m)
  const folder = t.testdir({ request: 'GET /shop/orders/7?currency=EUR HTTP/1.1\r\nAccept: */*\r\n\r\n' })
  const one = await run('explain', apis, '--request', join(folder, 'request'), '--json')
  const { proxies } = JSON.parse(one.out) as { proxies: { name: string; request: string; steps: object[] }[] }
  t.match(proxies, [{ name: 'Shop', request: 'GET /shop/orders/7?currency=EUR' }])
  t.match(proxies[0]!.steps[0], { kind: 'attempt', method: 'GET', url: /^http:\/\/localhost:9001\/api\/7/ })
  t.match((await run('explain', apis, '--proxy', 'Shopp')).err, /unknown proxy "Shopp": known are Labelled, ShopTwo, Shop/)
})

t.test('explain shows the resources of an API whose context is /', async t => {
  const resource = (attributes: string): string =>
    `<resource methods="GET"${attributes}><inSequence><send><endpoint><http uri-template="http://h/{uri.var.id}"/>` +
    '</endpoint></send></inSequence></resource>'
  const folder = t.testdir({
    'root.xml': `<api xmlns="${NS}" name="Root" context="/">${resource(' uri-template="/orders/{id}"')}${resource('')}</api>`
  })
  const { out } = await run('explain', join(folder, 'root.xml'))
  t.match(out, /^Root {2}GET \/orders\/id\n[^]*sends GET http:\/\/h\/id\/orders\/id$/m)
  t.match(out, /^Root {2}GET \/$/m)
})

t.test('convert translates XML to JSON and back', async t => {
  const json = await run('convert', 'config/lb-proxy.xml', '--to', 'json')
  t.equal(json.code, 0)
  t.equal(json.err, '')
  const folder = t.testdir({ 'a.json': json.out })
  const xml = await run('convert', join(folder, 'a.json'), '--to', 'xml')
  t.equal(xml.code, 0)
  t.equal(xml.err, '')
  t.strictSame(parse(xml.out).definitions, JSON.parse(json.out))
  t.match(await run('convert', 'config/lb-proxy.xml', '--to', 'yaml'), { code: 2, err: /--to expects json or xml/ })
  t.match(await run('convert', join(t.testdir({ 'b.xml': '<a/>' }), 'b.xml'), '--to', 'json'), {
    code: 1,
    out: '',
    err: /b\.xml:1:1 <a> is in no namespace/
  })
})

t.test('convert reports what XML cannot express', async t => {
  const definitions: Definitions = {
    defaults: { timeout: 5 },
    sequences: { s: { mediators: [{ kind: 'property', name: 'a', value: 'b', expression: { xpath: '1' } }] } },
    endpoints: { e: { kind: 'address', uri: 'http://localhost/', description: ' spaces ' } },
    localEntries: { l: { text: "<a b='1'></a>" } }
  }
  t.strictSame(
    [...lossesOf(definitions, parse(writeXml(definitions)).definitions)],
    ['defaults.timeout', 'sequences.s.0.expression.xpath', 'endpoints.e.description']
  )
  t.match(await run('convert', join(t.testdir({ 'c.json': JSON.stringify(definitions) }), 'c.json'), '--to', 'xml'), {
    code: 0,
    err: /^defaults\.timeout cannot be expressed in XML, and is left out\n/
  })
})

t.test('schema and reference print their documents', async t => {
  t.match(JSON.parse((await run('schema')).out), { $schema: /json-schema/, $defs: { Endpoint: {}, Mediator: {} } })
  const { out: reference } = await run('reference')
  t.match(reference, /^# Reference\n/)
  t.match(reference, /<requestBodyJson\|requestBodyXml\|requestBodyText>/, 'elements of every value')
  t.notMatch(reference, /<undefined/)
})
