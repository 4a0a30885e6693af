import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import createError from '@fastify/error'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices, { admin, ConfigurationError } from '../../plugins/index.js'
import type { OptionProblem } from '../../plugins/errors.js'
import type { Problem } from '../../lib/definitions/model/problem.js'
import { capture } from '../support/operation/captured-log.js'

interface Failure extends Error {
  readonly code: string
  readonly statusCode: number
  readonly problems: readonly (OptionProblem & Problem)[]
}

/** The error of a registration with these options. */
async function failure (options: object): Promise<Failure> {
  const app = Fastify()
  try {
    await app.register(proxyServices, options).ready()
  } catch (error) {
    return error as Failure
  } finally {
    await app.close()
  }
  throw new Error('the registration succeeded')
}

const definitions = { proxies: { P: { endpoint: { kind: 'address', uri: 'http://127.0.0.1:9/' } } } }

/** Options that are wrong, and what their error says. */
const WRONG: readonly (readonly [options: object, message: string])[] = [
  [{ limts: {} }, 'unknown option "limts" (did you mean "limits"?)'],
  [{ acessLog: true }, 'unknown option "acessLog" (did you mean "accessLog"?)'],
  [{ accessLog: 'yes' }, 'the option "accessLog" expects true or false, not "yes"'],
  [{ mainSequence: 'everything' }, 'the option "mainSequence" expects "services" or "all", not "everything"'],
  [{ main: 'all' }, 'unknown option "main" (known: '],
  [{ limits: { connections: 'many' } }, 'unknown option "limits.connections" (known: '],
  [{ limits: { conectTimeout: 5 } }, 'unknown option "limits.conectTimeout" (did you mean "connectTimeout"?)'],
  [{ limits: { connectTimeout: -1 } }, 'the option "limits.connectTimeout" expects a whole number from 0 on, not -1'],
  [{ limits: { maxRequestsPerOrigin: 'many' } }, 'the option "limits.maxRequestsPerOrigin" expects'],
  [{ limits: [] }, 'the option "limits" expects an object, not a list'],
  [{ publicUrl: 'ftp://a' }, 'the option "publicUrl" expects an http or https address, not "ftp://a"'],
  [{ bodyLimit: 1.5 }, 'the option "bodyLimit" expects a whole number from 0 on, not 1.5'],
  [{ bodyLimit: null }, 'the option "bodyLimit" expects a whole number from 0 on, not null'],
  [{ upstreamClient: 'axios' }, 'expects "own", "undici" or a dispatcher of undici, not "axios"'],
  [{ upstreamClient: {} }, 'expects "own", "undici" or a dispatcher of undici, not an object'],
  [{ endpointDefaults: { timout: 5 } }, 'unknown option "endpointDefaults.timout" (did you mean "timeout"?)'],
  [{ dnsServers: '10.0.0.1' }, 'the option "dnsServers" expects a list of addresses, not "10.0.0.1"'],
  [{ sessionStore: { lookup () {} } }, 'the option "sessionStore" expects redisSessions(…), or an object with lookup'],
  [{ extensions: { mediator: [] } }, 'unknown option "extensions.mediator" (did you mean "mediators"?)'],
  [{ extensions: { mediators: [{ name: 'a' }] } }, 'the option "extensions.mediators" expects a list of kinds'],
  [{ proxies: { P: { onRequst: () => {} } } }, 'unknown option "proxies.P.onRequst" (did you mean "onRequest"?)'],
  [{ proxies: { P: { onRequest: 'auth' } } }, 'the option "proxies.P.onRequest" expects a hook, or a list of hooks'],
  [{ proxies: () => ({ bodyLimt: 5 }) }, 'unknown option "proxies(P).bodyLimt" (did you mean "bodyLimit"?)'],
  [{ proxies: 5 }, 'the option "proxies" expects an object, or a function, not 5'],
  [{ config: 'a.xml' }, 'the options "config" and "definitions" exclude each other (leave one of them out)'],
  [{ config: new URL('http://a/b.xml') }, 'the option "config" expects a path, or a file: URL, not an object'],
  [{ definitions: 5 }, 'the option "definitions" expects definitions, a text or a function, not 5']
]

for (const [options, message] of WRONG) {
  t.test(`options: ${message}`, async t => {
    const error = await failure({ definitions, ...options })
    t.equal(error.code, 'PROXY_SERVICES_INVALID_OPTION')
    t.equal(error.statusCode, 500)
    t.ok(error instanceof TypeError)
    t.ok(error.message.includes(message), error.message)
  })
}

t.test('options: all problems are reported at once, and undefined counts as absent', async t => {
  const error = await failure({ definitions, limts: {}, accessLog: 1, prefix: undefined, limits: { maxOrigins: '1' } })
  t.same(error.problems.map(({ path }) => path), ['limts', 'accessLog', 'limits.maxOrigins'])
  t.equal(error.message.split('\n').length, 3)
})

t.test('options: the options of Fastify for plugins are accepted', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { definitions, prefix: '/a', logLevel: 'warn', logSerializers: {} } as never)
  t.ok(app.hasRoute({ method: 'GET', url: '/a/services/P' }))
})

t.test('options: a name in "proxies" without a proxy is logged with the name that may be meant', async t => {
  const { app, lines } = capture(t)
  await app.register(proxyServices, { definitions, proxies: { Q: {}, Other: {} } } as never)
  t.match(lines.filter(({ level }) => level === 40), [
    { proxy: 'Q', msg: 'the option "proxies" names "Q", which is not a proxy of the configuration (did you mean "P"?)' },
    { proxy: 'Other', msg: 'the option "proxies" names "Other", which is not a proxy of the configuration' }
  ])
})

t.test('config: a file URL is read; a missing file is an error with its cause', async t => {
  const folder = t.testdir({ 'a b.json': JSON.stringify(definitions) })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { config: pathToFileURL(join(folder, 'a b.json')) })
  t.ok(app.hasRoute({ method: 'GET', url: '/services/P' }))
  const error = await failure({ config: join(folder, 'none.xml') })
  t.match(error, { code: 'PROXY_SERVICES_UNREADABLE_CONFIGURATION', statusCode: 500, cause: { code: 'ENOENT' } })
  t.equal(error.message, `the configuration ${join(folder, 'none.xml')} cannot be read: there is no such file or folder`)
})

/** Definitions that are wrong, and where and what their first problem is. */
const MISTAKES: readonly (readonly [definitions: object, path: string, message: string])[] = [
  [{ proxies: { A: { endpoint: { kind: 'adress', uri: 'http://a' } } } }, 'proxies.A.endpoint',
    'unknown kind "adress" (did you mean "address"?)'],
  [{ proxies: { A: { endpoint: { kind: 'address', uri: 'http://a', timeOut: 5 } } } }, 'proxies.A.endpoint',
    'unknown property "timeOut" (did you mean "timeout"?)'],
  [{ proxies: { A: { in: [{ kind: 'drop' }, { kind: 'sendd' }] } } }, 'proxies.A.in[1]',
    'unknown kind "sendd" (did you mean "send"?)'],
  [{ proxies: { A: { in: [{ kind: 'filter', source: { xpath: '((' }, regex: 'a', then: [] }] } } }, 'proxies.A.in[0]', ''],
  [{ proxys: {} }, 'proxys', 'unknown property "proxys" (did you mean "proxies"?)'],
  [{ proxies: { A: { in: [{ kind: 'log', level: () => 'full' }] } } }, 'proxies.A.in[0].level',
    'a function cannot be part of definitions'],
  [{ proxies: { A: { endpoint: { kind: 'address', uri: new URL('http://a') } } } }, 'proxies.A.endpoint.uri',
    'an instance of URL cannot be part of definitions'],
  [{ defaults: { timeout: 5n } }, 'defaults.timeout', 'a bigint cannot be part of definitions'],
  [{ defaults: { timeout: Infinity } }, 'defaults.timeout', 'Infinity cannot be part of definitions']
]

for (const [wrong, path, message] of MISTAKES) {
  t.test(`definitions that are an object are reported by path: definitions.${path} ${message}`, async t => {
    const error = await failure({ definitions: wrong })
    t.ok(error instanceof ConfigurationError)
    t.ok(error instanceof createError.FastifyError)
    t.match(error, { code: 'PROXY_SERVICES_CONFIGURATION', statusCode: 500, name: 'ConfigurationError' })
    t.equal(error.problems[0]!.path, path)
    t.ok(error.message.startsWith(`definitions.${path} ${message}`), error.message)
  })
}

t.test('definitions with a cycle are an error', async t => {
  const cycle: { in: unknown[] } = { in: [] }
  cycle.in.push(cycle)
  t.match((await failure({ definitions: { proxies: { A: cycle } } })).message, /nested more than 200 deep, or a cycle/)
})

t.test('definitions that are a text are reported by line', async t => {
  const error = await failure({ definitions: '{\n  "proxies": { "A": {\n    "endpoint": { "kind": "adress" } } }\n}' })
  t.match(error.message, /^\(configuration\):3:17 unknown kind "adress" at proxies\.A\.endpoint/)
  t.equal(error.problems[0]!.path, undefined)
})

t.test('the admin API without the plugin fails at the start', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => await app.register(admin).ready(), {
    code: 'PROXY_SERVICES_ADMIN_WITHOUT_PLUGIN',
    message: 'the admin API needs the plugin: register it in the same app before, or pass the option "registry"'
  })
})
