import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { ConfigurationError } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { capture } from '../support/operation/captured-log.js'
import { serve } from '../support/processes/serve-process.js'

const definitions = (...parts: readonly string[]): string =>
  `<definitions xmlns="http://ws.apache.org/ns/synapse">\n${parts.join('\n')}\n</definitions>`
const proxy = (name: string, inside: string): string =>
  `<proxy name="${name}"><target><inSequence>${inside}</inSequence></target></proxy>`
const send = (uri: string): string => `<send><endpoint><address uri="${uri}"/></endpoint></send>`

/** Which of these proxies are there, and what was said about the others. */
async function left (
  t: Test,
  options: { config: string } | { definitions: string }
): Promise<{ proxies: string[], said: string[] }> {
  const { app, lines } = capture(t, 'warn')
  await app.register(proxyServices, { ...options, failSafe: true })
  await app.ready()
  return {
    proxies: [...app.proxyServices].flatMap(({ configuration: program }) => [...program.services.keys()]),
    said: lines.map(({ msg }) => msg)
  }
}

t.test('what cannot be read, is not allowed or cannot be built is left out, and the rest runs', async t => {
  const up = await backend(t, 'up')
  const { proxies, said } = await left(t, {
    definitions: definitions(
      proxy('Unreadable', '<makefoult/>'),
      proxy('Good', send(up.uri)),
      '<task name="every minute"/>',
      proxy('Unbuildable', '<property name="x" expression="((("/>'),
      '<proxy name="NoTarget"/>',
      proxy('Other', '<sequence key="sound"/>'),
      `<sequence name="sound">${send(up.uri)}</sequence>`
    )
  })
  t.same(proxies, ['Good', 'Other'])
  t.equal(said.length, said.filter(line => line.startsWith('left out: (configuration):')).length)
  for (const [line, about] of [
    [2, 'makefoult'],
    [4, 'task'],
    [5, ''],
    [6, 'target']
  ] as const) {
    t.ok(
      said.some(each => each.includes(`:${line}:`) && each.includes(about)),
      `line ${line}`
    )
  }
})

t.test('what refers to something that is left out runs as far as it can, and this is reported', async t => {
  const up = await backend(t, 'up')
  const { proxies, said } = await left(t, {
    definitions: definitions(
      '<sequence name="broken"><makefoult/></sequence>',
      proxy('NeedsIt', '<sequence key="broken"/>'),
      proxy('Good', send(up.uri))
    )
  })
  t.same(proxies, ['NeedsIt', 'Good'])
  t.ok(said.some(line => line.includes(':3:') && line.includes('"broken"')), said.join('\n'))
})

t.test('failSafe: of two artefacts with one name the first stays', async t => {
  const [one, two] = [await backend(t, 'one'), await backend(t, 'two')]
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, {
    failSafe: true,
    definitions: definitions(proxy('A', send(one.uri)), proxy('A', send(two.uri)))
  })
  t.match((await app.inject('/services/A')).body, '<from>one</from>')
})

t.test('a file that cannot be read is left out of its folder', async t => {
  const up = await backend(t, 'up')
  const config = t.testdir({
    'a.xml': definitions(proxy('A', send(up.uri))),
    'b.xml': '<definitions',
    'c.json': '{',
    'd.xml': '<html/>'
  })
  const { proxies, said } = await left(t, { config })
  t.same(proxies, ['A'])
  for (const file of ['b.xml', 'c.json', 'd.xml']) t.ok(said.some(line => line.includes(join(config, file))), file)
})

t.test('failSafe: where nothing would run, nothing starts', async t => {
  for (const text of [
    '<definitions',
    '<html/>',
    '{',
    definitions(proxy('A', '<makefoult/>')),
    definitions('<nonsense/>')
  ]) {
    await t.rejects(left(t, { definitions: text }), ConfigurationError, text)
  }
  t.same((await left(t, { definitions: definitions() })).proxies, [], 'an empty configuration is not wrong')
})

t.test('--fail-safe leaves invalid parts out and runs the rest', async t => {
  const up = await backend(t, 'up')
  const config = join(
    t.testdir({ 'p.xml': definitions(proxy('A', '<makefoult/>'), proxy('B', send(up.uri))) }),
    'p.xml'
  )
  const strict = serve(t, config)
  t.equal(await strict.exited, 1)
  t.match(strict.text, /p\.xml:2:\d+ unknown mediator <makefoult>/)
  const safe = serve(t, config, ['--fail-safe'])
  const port = await safe.port('Server')
  t.equal((await fetch(`http://127.0.0.1:${port}/services/B`)).status, 200)
  t.hasStrict(await safe.line(/left out/), {
    level: 40,
    file: config,
    line: 2,
    artefact: { category: 'proxies', name: 'A' }
  })
})
