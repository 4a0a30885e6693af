import { readdirSync, readFileSync } from 'node:fs'
import Fastify from 'fastify'
import t from 'tap'
import { reference } from '../../../lib/cli/configuration/reference.js'
import { load, parse } from '../../../lib/definitions/load.js'
import { jsonSchema } from '../../../lib/definitions/schema.js'

const ROOT = new URL('../../../../', import.meta.url)
const text = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const GOLDEN =
  readdirSync(new URL('test/fixtures/golden/', ROOT)).map(file =>
    text(`test/fixtures/golden/${file}`).split('\n----------\n'))

t.test('config/lb-proxy.json is what config/lb-proxy.xml is', async t => {
  const [xml, json] = [await load('config/lb-proxy.xml'), await load('config/lb-proxy.json')]
  t.strictSame(json.problems, [])
  t.strictSame(json.definitions, xml.definitions)
})

t.test('docs/definitions.schema.json is up to date: npm run docs', async t => {
  t.strictSame(JSON.parse(text('docs/definitions.schema.json')), jsonSchema())
})

t.test('docs/reference.md is up to date: npm run docs', async t => {
  t.equal(text('docs/reference.md'), reference())
})

t.test('an independent validator with the JSON Schema accepts and refuses the same configurations as check', async t => {
  const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } } })
  t.teardown(() => app.close())
  app.post('/', { schema: { body: jsonSchema() } }, async () => 'valid')
  const verdict = async (body: object): Promise<string> => (await app.inject({ method: 'POST', url: '/', body })).body
  const sound =
    ['config/lb-proxy.json', ...GOLDEN.map(([, output = '']) => output)].map(each =>
      each.endsWith('.json') ? text(each) : each)
      .filter(each => each.startsWith('{'))
  t.ok(sound.length > 20)
  for (const json of sound) t.equal(await verdict(JSON.parse(json) as object), 'valid')
  for (const wrong of [
    { proxy: {} },
    { proxies: { p: { in: [{ kind: 'unheard' }] } } },
    { proxies: { p: { in: [{ kind: 'property' }] } } },
    { sequences: { s: [{ kind: 'send', endpoint: { kind: 'address', uri: 'http://a', timeout: { duration: -1 } } }] } },
    { endpoints: { e: { kind: 'loadbalance', members: [] } } },
    {
      endpoints: { e: { kind: 'loadbalance', members: [{ kind: 'reference', key: 'a' }], session: { kind: 'sticky' } } }
    }
  ]) {
    t.not(await verdict(wrong), 'valid', JSON.stringify(wrong))
    t.not(parse(JSON.stringify(wrong)).problems.length, 0)
  }
})
