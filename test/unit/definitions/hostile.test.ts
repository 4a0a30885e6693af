import t from 'tap'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { load, parse } from '../../../lib/definitions/load.js'
import { compile } from '../../../lib/compiler/compile.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

const NAMESPACE = 'http://ws.apache.org/ns/synapse'
const GOOD = '<proxy name="P"><target><inSequence><drop/></inSequence></target></proxy>'
const whole = (inside: string, before = ''): string =>
  `${before}<definitions xmlns="${NAMESPACE}">${inside}</definitions>`

const errorsOf = (text: string): string[] =>
  parse(text, 'c.xml')
    .problems.filter(({ severity }) => severity === 'error')
    .map(({ line, message }) => `${line}: ${message}`)

t.test('configuration XML is XML 1.0 with namespaces, strictly', async t => {
  const broken = [
    whole(`${GOOD}<sequence name="a<b"/>`),
    whole(`${GOOD}<localEntry key="a">\x01</localEntry>`),
    whole(`${GOOD}<localEntry key="a">\0</localEntry>`),
    whole(`${GOOD}<localEntry key="a">&#0;</localEntry>`),
    whole(`${GOOD}<localEntry key="a">]]></localEntry>`),
    whole(`${GOOD}<!-- a -- b -->`),
    whole(`${GOOD}<?XML x?>`),
    whole(GOOD, '<?xml version="1.1"?>'),
    whole(GOOD, '<?xml version="1.0"  standalone="maybe"?>'),
    whole(`${GOOD}<sequence name="a" x:y="z"/>`),
    whole(`${GOOD}<sequence name="a" xmlns:p="u" xmlns:q="u" p:a="1" q:a="2"/>`),
    `${whole(GOOD)}<![CDATA[x]]>`,
    whole(`${GOOD}<localEntry key="a">\ud800</localEntry>`),
    whole(`${GOOD}<localEntry key="a">\ufffe</localEntry>`)
  ]
  for (const text of broken) t.equal(errorsOf(text).length, 1, JSON.stringify(text.slice(-60)))
  t.match(errorsOf(`${whole(GOOD)}\n\n<second/>`), [/^3: /], 'two roots are reported at the second')
  t.match(errorsOf(whole(`${GOOD}\n<localEntry key="a">\n&#1;</localEntry>`)), [/^[23]: /], 'at its line')
  t.same(
    errorsOf(
      whole(
        `<!-- - -->${GOOD}<localEntry key="a"><![CDATA[<&]]]]><![CDATA[>]]>&#x42;</localEntry>`,
        '<?xml version="1.0" standalone="no"?>'
      )
    ),
    []
  )
})

t.test('the bytes of a file are in the encoding that it declares, or it is refused', async t => {
  const folder = t.testdir()
  const problemsIn = async (name: string, bytes: Buffer): Promise<string[]> => {
    writeFileSync(join(folder, name), bytes)
    return (await load(join(folder, name))).problems.map(({ message }) => message)
  }
  const latin = Buffer.from(
    whole(`${GOOD}<localEntry key="a">\xe4</localEntry>`, '<?xml version="1.0" encoding="ISO-8859-1"?>'),
    'latin1'
  )
  t.same(await problemsIn('latin.xml', latin), [])
  t.same(await problemsIn('utf16.xml', Buffer.from(`\ufeff${whole(GOOD)}`, 'utf16le')), [])
  t.match(
    await problemsIn('lie.xml', Buffer.from(latin.toString('latin1').replace('ISO-8859-1', 'UTF-8'), 'latin1')),
    [/not valid UTF-8/]
  )
  t.match(await problemsIn('unknown.xml', Buffer.from(whole(GOOD, '<?xml version="1.0" encoding="x-none"?>'))), [
    /unknown/
  ])
  t.match(await problemsIn('half.xml', Buffer.from(`\ufeff${whole(GOOD)}`, 'utf16le').subarray(0, -1)), [
    /not valid UTF-16/
  ])
  t.match(await problemsIn('c.json', Buffer.from('{"localEntries":{"a":{"text":"\xe2\x82"}}}', 'latin1')), [
    /not valid UTF-8/
  ])
})

t.test('an artefact that contains itself is a problem that names the cycle', async t => {
  const use = (name: string, ...keys: string[]): string =>
    `<sequence name="${name}">${keys.map(key => `<in><sequence key="${key}"/></in>`).join('')}</sequence>`
  t.match(errorsOf(whole(GOOD + use('a', 'a'))), [/"a" contains itself: a → a/])
  t.match(errorsOf(whole(GOOD + use('a', 'b') + use('b', 'd', 'c') + use('c', 'a') + use('d'))), [
    /"a" contains itself: a → b → c → a/
  ])
  t.match(
    errorsOf(
      whole(
        `${GOOD}<endpoint name="e"><loadbalance><endpoint key="f"/></loadbalance></endpoint><endpoint name="f" key="e"/>`
      )
    ),
    [/"e" contains itself: e → f → e/]
  )
  const calls = (name: string, target: string): string =>
    `<template name="${name}"><sequence><call-template target="${target}"/></sequence></template>`
  t.same(errorsOf(whole(GOOD + calls('T', 'T'))), ['1: the template "T" contains itself: T → T'])
  t.match(
    errorsOf(whole(`${GOOD}${calls('T', 's')}<sequence name="s"><call-template target="U"/></sequence>${calls('U', 'T')}`)),
    [/^1: the template "T" contains itself: T → s → U → T$/]
  )
  t.same(
    errorsOf(whole(
      `${GOOD}<template name="T"><sequence><filter xpath="$func:n"><then><call-template target="T"/></then></filter></sequence></template>`
    )),
    [],
    'a template that calls itself while a condition holds'
  )
  const template = (name: string, inside: string): string => `<template name="${name}">${inside}</template>`
  t.same(
    errorsOf(whole(GOOD + template('a', '<endpoint template="b"/>') + template('b', '<endpoint template="a"/>'))),
    ['1: the template "a" contains itself: a → b → a']
  )
  t.same(
    errorsOf(whole(
      GOOD + template('a', '<endpoint><loadbalance><endpoint template="a" uri="$uri"/></loadbalance></endpoint>')
    )),
    ['1: the template "a" contains itself: a → a']
  )
  t.same(
    errorsOf(whole(`${GOOD}
      <localEntry key="a"><sequence xmlns="${NAMESPACE}"><sequence key="b"/></sequence></localEntry>
      <localEntry key="b"><sequence xmlns="${NAMESPACE}"><sequence key="a"/></sequence></localEntry>
      <localEntry key="e"><endpoint xmlns="${NAMESPACE}"><failover><endpoint key="f"/></failover></endpoint></localEntry>
      <localEntry key="f"><endpoint xmlns="${NAMESPACE}" key="e"/></localEntry>`)),
    ['2: the sequence "a" contains itself: a → b → a', '4: the endpoint "e" contains itself: e → f → e']
  )
  t.same(
    errorsOf(whole(GOOD + use('a', 'c') + use('b', 'c', 'a') + use('c'))),
    [],
    'a sequence that is used twice is no circle'
  )
})

t.test('a chain of 2,000 sequences is built', async t => {
  const links = Array.from(
    { length: 2_000 },
    (_, at) => `<sequence name="s${at}">${at < 1_999 ? `<sequence key="s${at + 1}"/>` : '<drop/>'}</sequence>`
  )
  for (const chain of [links, links.toReversed()]) {
    const { definitions, locations, problems } = parse(
      whole(`<proxy name="P"><target inSequence="s0"/></proxy>${chain.join('')}`),
      'c.xml'
    )
    t.same(problems, [])
    t.equal(compile(definitions, FIXED_RUNTIME, { locations }).services.size, 1)
  }
})

t.test('values have ranges, names have an alphabet, addresses hold no line breaks', async t => {
  const endpoint = (inside: string): string =>
    whole(`<endpoint name="e"><address uri="http://h/">${inside}</address></endpoint>`)
  for (const value of ['100000000000000000000000', '1e3', '5.5', '']) {
    t.equal(
      errorsOf(endpoint(`<suspendOnFailure><initialDuration>${value}</initialDuration></suspendOnFailure>`)).length,
      1,
      value
    )
  }
  for (const value of ['-1', '0', '30000', '20000.0', '9223372036854775807']) {
    t.same(
      errorsOf(endpoint(`<suspendOnFailure><initialDuration>${value}</initialDuration></suspendOnFailure>`)),
      [],
      value
    )
  }
  const named = (name: string): string => whole(GOOD.replace('"P"', `"${name}"`))
  for (const name of ['../../x', '..', 'a/b', 'a&#10;b', 'a&#x2028;b', 'a?b', 'a'.repeat(256)]) {
    t.equal(errorsOf(named(name)).length, 1, name)
  }
  for (const name of ['a:b', 'a.b', 'ä', '日本', 'constructor']) t.same(errorsOf(named(name)), [], name)
  t.equal(errorsOf('{"proxies":{"P":{"in":[],"in":[]}}}').length, 1, 'a key twice in JSON')
  for (const uri of ['http://h/a&#10;b', 'http://h&#13;&#10;/', 'http:///x', 'http://h\\@evil/', 'http://h:0/']) {
    const { definitions, locations } = parse(whole(`<endpoint name="e"><address uri="${uri}"/></endpoint>`), 'c.xml')
    t.match(
      compile(definitions, FIXED_RUNTIME, { locations }).warnings.map(({ message }) => message),
      [/not an http or https address/],
      uri
    )
  }
})

t.test(
  'a pipe and a link to itself are refused at once, a folder with them is read no further',
  { skip: process.platform === 'win32' },
  async t => {
    const folder = t.testdir({ 'a.xml': whole(GOOD) })
    mkdirSync(join(folder, 'sequences'))
    execFileSync('mkfifo', [join(folder, 'sequences', 'pipe.xml')])
    symlinkSync(join(folder, 'b.xml'), join(folder, 'b.xml'))
    t.match(
      (await load(folder)).problems.map(({ message }) => message),
      [/cannot be read/, /not a file/]
    )
    t.match(
      (await load(join(folder, 'sequences', 'pipe.xml'))).problems.map(({ message }) => message),
      [/not a file/]
    )
  }
)
