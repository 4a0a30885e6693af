import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { alerts } from '../support/alerts.js'
import { samplesOf } from '../support/operation/metrics.js'
import { scrapes } from '../support/operation/scrapes.js'

// Its tools take long on a machine that is busy.
t.setTimeout(600_000)

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

/** What two scrapes of a gateway have brought, with traffic before each. */
const [first, second] = await scrapes(t)

/** The names of all metrics that a gateway exports, histograms by their series. */
const exported = new Set(
  [...second.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
  )
)

const METRIC = /\b(?:proxy_services|nodejs|process)_\w+/g
const panels = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const))

t.test('every query of the alerts and of the dashboard names metrics that the gateway exports', async t => {
  const queries = [...alerts().map(({ alert, expr }) => [alert, expr] as const), ...panels]
  t.ok(queries.length > 20)
  for (const [where, query] of queries) {
    const names = query.match(METRIC) ?? []
    t.ok(names.length > 0, `${where}: names a metric`)
    for (const name of names) t.ok(exported.has(name), `${where}: ${name}`)
  }
})

/** A query as Grafana sends it. */
const inGrafana = (query: string): string =>
  query.replaceAll('$job', '.*proxy-services.*').replaceAll('$__rate_interval', '5m')

/** What Prometheus has after two scrapes, one minute apart, of the metrics with these names. */
function seriesOf (names: ReadonlySet<string>): { series: string; values: string }[] {
  const before = samplesOf(first)
  const written = (value: number | undefined): string =>
    value === undefined ? '_' : Number.isNaN(value) ? 'NaN' : value.toFixed(9)
  return [...samplesOf(second)]
    .map(([sample, value]) => ({ sample, name: /^\w+/.exec(sample)![0], value }))
    .filter(({ name }) => names.has(name))
    .map(({ sample, name, value }) => ({
      series: `${name}{job="shop/proxy-services",instance="a"${sample.slice(name.length).replace(/^\{/, ',') || '}'}`,
      values: `${written(before.get(sample))} ${written(value)}`
    }))
}

t.test('every query of the dashboard finds something in what a gateway exports', promtool, async t => {
  const folder = t.testdir()
  const names = new Set(panels.flatMap(([, query]) => query.match(METRIC) ?? []))
  const tests = [
    {
      name: 'dashboard',
      interval: '1m',
      input_series: seriesOf(names),
      promql_expr_test: panels.map(([, query]) => ({
        expr: `count(${inGrafana(query)}) > bool 0`,
        eval_time: '1m',
        exp_samples: [{ labels: '{}', value: 1 }]
      }))
    }
  ]
  t.ok(panels.length > 20)
  writeFileSync(join(folder, 'dashboard.yaml'), stringify({ evaluation_interval: '1m', tests }))
  const tested = tool('promtool', ['test', 'rules', 'dashboard.yaml'], folder)
  t.equal(tested.status, 0, tested.output)
})

t.test('an autoscaler goes by metrics that the gateway exports', async t => {
  const { custom } = parse(readFileSync(join(MONITORING, 'adapter-rules.yaml'), 'utf8')).rules
  for (const { seriesQuery } of custom as { seriesQuery: string }[]) {
    const [name = ''] = seriesQuery.match(METRIC) ?? []
    t.ok(exported.has(name), name)
  }
  const offered = custom.map(({ name: { as } }: { name: { as: string } }) => as)
  const chart = readFileSync(join(FOLDER, 'chart/templates/availability.yaml'), 'utf8')
  const component = readFileSync(join(FOLDER, 'replicas/event-loop/kustomization.yaml'), 'utf8')
  t.same(new Set([chart, component].flatMap(text => text.match(METRIC) ?? [])), new Set(offered))
})

t.test('every alert describes the problem and what to do', async t => {
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

t.test('every alert is raised by recorded series', async t => {
  const { tests } = parse(readFileSync(join(ROOT, 'test/fixtures/alerts.yaml'), 'utf8')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[]
  }
  const raised = tests.flatMap(each => each.alert_rule_test).filter(({ exp_alerts: expected }) => expected.length > 0)
  t.same(new Set(raised.map(({ alertname }) => alertname)), new Set(alerts().map(({ alert }) => alert)))
})

t.test('promtool finds no fault with the metrics', promtool, async t => {
  const own = second
    .split('\n')
    .filter(line => /^(# (HELP|TYPE) )?proxy_services_/.test(line))
    .join('\n') + '\n'
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: own, encoding: 'utf8' })
  t.equal(status, 0, stdout + stderr)
})

t.test('kustomize builds the base, and the base with each component', { skip: missing('kubectl') }, async t => {
  const all = ['replicas', 'replicas/event-loop', 'chart/monitoring']
  for (const components of [[], ['replicas'], ['chart/monitoring'], ['replicas', 'chart/monitoring'], all]) {
    const folder = t.testdir()
    cpSync(FOLDER, folder, { recursive: true })
    const file = join(folder, 'kustomization.yaml')
    writeFileSync(file, stringify({ ...parse(readFileSync(file, 'utf8')), components }))
    const built = tool('kubectl', ['kustomize', folder])
    t.equal(built.status, 0, built.output)
    t.equal(built.output.includes('HorizontalPodAutoscaler'), components.includes('replicas'))
    t.equal(built.output.includes('PrometheusRule'), components.includes('chart/monitoring'))
    t.equal(
      built.output.includes('name: proxy_services_event_loop_utilization'),
      components.includes('replicas/event-loop')
    )
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
  for (const name of ['TRUST_PROXY', 'FORWARDED']) {
    t.match(output, new RegExp(`PROXY_SERVICES_${name}\\n +value: "true"`))
  }
  t.match(output, /secretKeyRef:\n +name: store/)
  t.match(output, /type: ContainerResource/)
  for (const [by, metric] of [
    ['eventLoop', 'proxy_services_event_loop_utilization'],
    ['requestsInFlight', 'proxy_services_requests_in_flight']
  ] as const) {
    const scaled = tool('helm', ['template', 'gateway', chart, ...everything, '--set', `autoscaling.by=${by}`])
    t.equal(scaled.status, 0, scaled.output)
    t.match(scaled.output, new RegExp(`type: Pods\\n +pods:\\n +metric:\\n +name: ${metric}\\n`), by)
  }
  const wrong = tool('helm', ['template', 'gateway', chart, ...everything, '--set', 'autoscaling.by=weather'])
  t.match(wrong.output, /autoscaling\.by is cpu, eventLoop or requestsInFlight/)
})
