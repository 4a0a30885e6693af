import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import t from 'tap'
import { parse, stringify } from 'yaml'
import proxyServices, { admin } from '../../plugins/index.js'
import { alerts } from '../support/document-tables.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = join(ROOT, 'config/kubernetes')
const MONITORING = join(FOLDER, 'chart/monitoring')

const rules = parse(readFileSync(join(MONITORING, 'rules.yaml'), 'utf8')).spec
const dashboard: { panels: { type: string; title: string; targets?: { expr: string }[] }[] } = JSON.parse(
  readFileSync(join(MONITORING, 'dashboard.json'), 'utf8')
)

/** Runs a tool of the machine. */
function tool (name: string, args: readonly string[], cwd = ROOT): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(name, args, { cwd, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

/** For tests that need a tool: why they are skipped. */
const missing = (name: string, from = ''): string | false =>
  spawnSync(name, ['--help']).error === undefined ? false : `${name} is not installed${from}`

const promtool = { skip: missing('promtool', ' (Debian package prometheus)') }

/** The names of all metrics that a gateway with a group exports, histograms by their series. */
async function exportedMetrics (): Promise<Set<string>> {
  const app = Fastify()
  await app.register(proxyServices, {
    definitions: {
      proxies: { P: { endpoint: { kind: 'loadbalance', members: [{ kind: 'address', uri: 'http://127.0.0.1:9' }] } } }
    }
  })
  await app.register(admin)
  const { body } = await app.inject('/metrics')
  await app.close()
  return new Set(
    [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
    )
  )
}

t.test('every query of the alerts and of the dashboard names metrics that the gateway exports', async t => {
  // Of a session store, which is not there in this test.
  const conditional = ['proxy_services_session_store_up', 'proxy_services_session_store_fallbacks_total']
  const exported = new Set([...(await exportedMetrics()), ...conditional])
  const queries = [
    ...alerts().map(({ alert, expr }) => [alert, expr] as const),
    ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const))
  ]
  t.ok(queries.length > 20)
  for (const [where, query] of queries) {
    const names = query.match(/\b(?:proxy_services|nodejs|process)_\w+/g) ?? []
    t.ok(names.length > 0, `${where}: names a metric`)
    for (const name of names) t.ok(exported.has(name), `${where}: ${name}`)
  }
})

t.test('every alert says what is wrong and what to do', async t => {
  for (const {
    alert,
    annotations: { summary = '', description = '' }
  } of alerts()) {
    t.ok(summary.length > 10 && description.length > 20, alert)
  }
})

t.test('the alerts are raised by recorded series with little traffic, and by nothing else', promtool, async t => {
  const folder = t.testdir()
  writeFileSync(join(folder, 'rules.yaml'), stringify(rules))
  cpSync(join(ROOT, 'test/fixtures/alerts.yaml'), join(folder, 'alerts.yaml'))
  const checked = tool('promtool', ['check', 'rules', 'rules.yaml'], folder)
  t.equal(checked.status, 0, checked.output)
  const tested = tool('promtool', ['test', 'rules', 'alerts.yaml'], folder)
  t.equal(tested.status, 0, tested.output)
})

t.test('promtool finds no fault with the metrics', promtool, async t => {
  const app = Fastify()
  await app.register(proxyServices, {
    definitions: { proxies: { P: { endpoint: { kind: 'address', uri: 'http://127.0.0.1:9' } } } }
  })
  await app.register(admin)
  const { body } = await app.inject('/metrics')
  await app.close()
  const own =
    body
      .split('\n')
      .filter(line => /^(# (HELP|TYPE) )?proxy_services_/.test(line))
      .join('\n') + '\n'
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: own, encoding: 'utf8' })
  t.equal(status, 0, stdout + stderr)
})

t.test('kustomize builds the base, and the base with each component', { skip: missing('kubectl') }, async t => {
  for (const components of [[], ['replicas'], ['chart/monitoring'], ['replicas', 'chart/monitoring']]) {
    const folder = t.testdir()
    cpSync(FOLDER, folder, { recursive: true })
    const file = join(folder, 'kustomization.yaml')
    writeFileSync(file, stringify({ ...parse(readFileSync(file, 'utf8')), components }))
    const built = tool('kubectl', ['kustomize', folder])
    t.equal(built.status, 0, built.output)
    t.equal(built.output.includes('HorizontalPodAutoscaler'), components.includes('replicas'))
    t.equal(built.output.includes('PrometheusRule'), components.includes('chart/monitoring'))
  }
})

t.test('helm accepts the chart, with everything switched on', { skip: missing('helm') }, async t => {
  const chart = join(FOLDER, 'chart')
  const everything = [
    'ingress.enabled=true',
    'autoscaling.enabled=true',
    'networkPolicy.enabled=true',
    'monitoring.podMonitor=true',
    'monitoring.rules=true',
    'monitoring.dashboard=true',
    'sessionStore.existingSecret=store',
    'adminToken.existingSecret=token'
  ].flatMap(value => ['--set', value])
  const linted = tool('helm', ['lint', '--strict', chart, ...everything])
  t.equal(linted.status, 0, linted.output)
  const { output, status } = tool('helm', ['template', 'gateway', chart, ...everything])
  t.equal(status, 0, output)
  for (const kind of [
    'ConfigMap',
    'Deployment',
    'Service',
    'Ingress',
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'PodMonitor',
    'PrometheusRule'
  ]) {
    t.match(output, new RegExp(`^kind: ${kind}$`, 'm'), kind)
  }
  t.match(output, /PROXY_SERVICES_TRUST_PROXY/)
  t.match(output, /secretKeyRef:\n +name: store/)
})
