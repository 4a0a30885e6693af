import t from 'tap'
import { COMMANDS } from '../../../../lib/cli/commands.js'
import { effectiveConfiguration } from '../../../../lib/cli/serve/effective-configuration.js'
import { flagOfLimit, LIMIT_SETTINGS, SERVE_SETTINGS } from '../../../../lib/cli/serve/serve-settings.js'
import { readSettings } from '../../../../lib/cli/command-line/setting.js'
import { UsageError } from '../../../../lib/cli/command-line/usage.js'
import type { EndpointDefaults } from '../../../../lib/contracts/build-context.js'
import { LIMIT_DESCRIPTIONS } from '../../../../plugins/http/message/limits.js'
import type { ProxyServicesOptions } from '../../../../plugins/index.js'

const FLAGS_OF_ENDPOINTS: Readonly<Record<keyof EndpointDefaults, readonly string[]>> = {
  timeout: ['endpoint-timeout'],
  suspendDuration: ['suspend-duration'],
  progressionFactor: ['progression-factor'],
  maxRequests: ['endpoint-max-requests'],
  maxQueued: ['endpoint-max-queued'],
  queueTimeout: ['endpoint-queue-timeout'],
  tls: ['endpoint-ca', 'endpoint-cert', 'endpoint-key']
}

/** The flags that set an option of the plugin, or why there is none. A new option does not compile without a row. */
const FLAGS_OF_OPTIONS: Readonly<Record<keyof ProxyServicesOptions, readonly string[] | string>> = {
  config: 'the argument of serve',
  definitions: 'code',
  baseDir: 'belongs to definitions',
  prefix: ['prefix'],
  publicUrl: ['public-url'],
  mainSequence: ['main-sequence'],
  forwarded: ['forwarded', 'forwarded-client-cert'],
  failSafe: ['fail-safe'],
  accessLog: ['access-log', 'access-log-format', 'access-log-sample'],
  tracing: 'OTEL_SDK_DISABLED=true leaves the SDK off',
  proxies: 'code: hooks and schemas of routes',
  apis: 'code: hooks and schemas of routes',
  bodyLimit: ['body-limit'],
  limits: Object.keys(LIMIT_SETTINGS),
  upstreamClient: ['upstream-client'],
  endpointDefaults: Object.values(FLAGS_OF_ENDPOINTS).flat(),
  dnsServers: ['dns-servers'],
  stateFile: ['state'],
  sessionStore: [
    'session-store',
    'session-store-prefix',
    'session-store-timeout',
    'session-cache-ttl',
    'session-store-ca',
    'session-store-cert',
    'session-store-key'
  ],
  extensions: 'code'
}

t.test('every option of the plugin is a flag of serve, unless it is code', async t => {
  const flags = Object.keys(COMMANDS['serve']!.options)
  for (const [option, names] of Object.entries(FLAGS_OF_OPTIONS)) {
    if (typeof names === 'string') continue
    t.ok(names.length > 0, option)
    for (const name of names) t.ok(flags.includes(name), `${option}: --${name}`)
  }
})

t.test('every limit of the plugin is a flag with the default of the plugin', async t => {
  for (const [name, { unit, default: value }] of Object.entries(LIMIT_DESCRIPTIONS)) {
    const flag = flagOfLimit(name)
    t.equal(LIMIT_SETTINGS[flag]?.parse('7', flag), 7, flag)
    t.equal(LIMIT_SETTINGS[flag]?.parse(String(value ?? 'none'), flag), value, `default of ${flag}`)
    t.equal(unit === 'bytes', LIMIT_SETTINGS[flag]?.value === 'BYTES', `unit of ${flag}`)
  }
})

t.test('a flag takes precedence over its variable, and an empty variable counts as missing', async t => {
  const environment = {
    PROXY_SERVICES_PORT: '1',
    PROXY_SERVICES_HOST: 'a',
    PROXY_SERVICES_PREFIX: '',
    PROXY_SERVICES_WATCH: 'yes'
  }
  const { values, sourceOf } = readSettings(SERVE_SETTINGS, { port: '2' }, environment)
  t.strictSame(values, { port: 2, host: 'a', watch: true })
  t.strictSame(['port', 'host', 'prefix'].map(sourceOf), ['flag', 'environment', 'default'])
})

t.test('variables that Kubernetes makes for a Service called proxy-services count as missing', async t => {
  const environment = {
    PROXY_SERVICES_PORT: 'tcp://10.0.0.7:8290',
    PROXY_SERVICES_ADMIN_PORT: 'udp://10.0.0.8:9164',
    PROXY_SERVICES_SERVICE_HOST: '10.0.0.7',
    PROXY_SERVICES_PORT_8290_TCP_PORT: '8290'
  }
  t.strictSame(readSettings(SERVE_SETTINGS, {}, environment).values, {})
  t.throws(() => readSettings(SERVE_SETTINGS, { port: 'tcp://10.0.0.7:8290' }, {}), /--port expects a port/)
})

t.test('bytes are numbers, or numbers of K, M and G', async t => {
  const read = (text: string): number | undefined =>
    readSettings(SERVE_SETTINGS, { 'body-limit': text }, {}).values['body-limit']
  t.strictSame(['1', '64K', '10m', '1G'].map(read), [1, 65_536, 10_485_760, 1_073_741_824])
  for (const text of ['-1', '1.5', '10MB', '0x10', 'much']) {
    t.throws(() => read(text), new UsageError(`--body-limit expects bytes like 65536, 64K, 10M or 1G, not "${text}"`))
  }
})

t.test('a value that is invalid is refused with its flag and what it expects', async t => {
  for (const [flag, text, message] of [
    ['port', '70000', '--port expects a port, not "70000"'],
    ['port', ' ', '--port expects a port, not " "'],
    ['connect-timeout', '5s', '--connect-timeout expects milliseconds, not "5s"'],
    ['max-detached', '-1', '--max-detached expects a whole number, not "-1"'],
    ['progression-factor', '0', '--progression-factor expects a number above 0, not "0"'],
    ['admin-console', 'no', '--admin-console expects on or off, not "no"'],
    ['main-sequence', 'some', '--main-sequence expects services or all, not "some"']
  ] as const) {
    t.throws(() => readSettings(SERVE_SETTINGS, { [flag]: text }, {}), new UsageError(message))
  }
})

t.test('the effective configuration names every setting, and shows no secret', async t => {
  const { values, sourceOf } = readSettings(
    SERVE_SETTINGS,
    {
      'admin-token': 'very-secret',
      'session-store': 'redis://user:very-secret@host',
      'public-url': 'https://user:very-secret@host/?token=very-secret',
      'max-requests-per-origin': 'none'
    },
    {}
  )
  const shown = effectiveConfiguration(SERVE_SETTINGS, values, sourceOf)
  t.strictSame(Object.keys(shown), Object.keys(SERVE_SETTINGS))
  t.notMatch(JSON.stringify(shown), 'very-secret')
  t.strictSame(shown['admin-token'], { value: '***', source: 'flag', variable: 'PROXY_SERVICES_ADMIN_TOKEN' })
  t.strictSame(shown['max-requests-per-origin'], {
    value: null,
    source: 'flag',
    variable: 'PROXY_SERVICES_MAX_REQUESTS_PER_ORIGIN'
  })
  t.strictSame(shown['port'], { value: '8290', source: 'default', variable: 'PROXY_SERVICES_PORT' })
})
