import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import * as compiled from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { publishedPackage } from '../support/processes/published-package.js'

/** The package as an app imports it: the bundle of the plugin. */
const cwd = publishedPackage(t)
const node = async (...words: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, words, { cwd })).stdout.trim()
const asModule = async (script: string): Promise<string> => await node('--input-type=module', '--eval', script)

t.test('ESM and CommonJS load the same plugin', async t => {
  t.equal(compiled.proxyServices, compiled.default)
  t.equal(
    await asModule(
      "import proxyServices, { ConfigurationError } from 'fastify-proxy-services'; " +
        'console.log(typeof proxyServices, typeof ConfigurationError)'
    ),
    'function function'
  )
  t.equal(
    await node(
      '--eval',
      "const proxyServices = require('fastify-proxy-services'); " +
        "require('fastify')().register(proxyServices, { definitions: {} }).ready()" +
        '.then(app => { console.log(typeof app.endpointRegistry); return app.close() })'
    ),
    'object'
  )
})

t.test('the bundle exports what the compiled plugin exports', async t => {
  const exported = await asModule("console.log(JSON.stringify(Object.keys(await import('fastify-proxy-services'))))")
  t.same((JSON.parse(exported) as string[]).sort(), Object.keys(compiled).sort())
})

t.test('registration loads no package that only the admin API and the client undici use', async t => {
  const { uri } = await backend(t, 'one')
  const loaded = await node(
    '--eval',
    "const proxyServices = require('fastify-proxy-services'); " +
      `const definitions = { proxies: { P: { endpoint: { kind: 'address', uri: '${uri}' } } } }; ` +
      "require('fastify')().register(proxyServices, { definitions }).ready().then(async app => { " +
      "console.log((await app.inject('/services/P')).statusCode, Object.keys(require.cache).join()); " +
      'return app.close() })'
  )
  t.match(loaded, /^200 .*[/\\]node_modules[/\\]fastify[/\\]/)
  t.notMatch(loaded, /[/\\]node_modules[/\\](undici|prom-client|@fastify[/\\]swagger|@opentelemetry)[/\\]/)
})

t.test('the client undici and the admin API are loaded by the apps that use them', async t => {
  const { uri } = await backend(t, 'one')
  const statuses = await asModule(
    "import Fastify from 'fastify'; import proxyServices, { admin } from 'fastify-proxy-services'; " +
      `const definitions = { proxies: { P: { endpoint: { kind: 'address', uri: '${uri}' } } } }; ` +
      "const app = Fastify(); app.register(proxyServices, { definitions, upstreamClient: 'undici' }); " +
      "app.register(admin, { prefix: '/admin', console: true }); await app.ready(); " +
      "for (const url of ['/services/P', '/admin/metrics', '/admin/openapi.json', '/admin/gateway']) " +
      'console.log((await app.inject(url)).statusCode); await app.close()'
  )
  t.equal(statuses, '200\n200\n200\n200')
})

t.test('with source maps, stack traces name functions and lines of the source', async t => {
  const stack = await node(
    '--enable-source-maps',
    '--input-type=module',
    '--eval',
    "import Fastify from 'fastify'; import proxyServices from 'fastify-proxy-services'; " +
      'await Fastify().register(proxyServices, {}).ready().then(undefined, error => console.log(error.stack))'
  )
  t.match(stack, /at readConfiguration \(.*[/\\]plugins[/\\]gateway[/\\]configuration[/\\]load-configuration\.ts:\d+/)
})
