import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { parse, parseAllDocuments } from 'yaml'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = `${ROOT}config/kubernetes/`

const kustomization = parse(readFileSync(`${FOLDER}kustomization.yaml`, 'utf8')) as {
  resources: string[]
  configMapGenerator: { name: string; files: string[] }[]
}
const manifests: any[] = kustomization.resources.flatMap(file =>
  parseAllDocuments(readFileSync(`${FOLDER}${file}`, 'utf8')).map(document => {
    const [error] = document.errors
    if (error !== undefined) throw error
    return document.toJS()
  })
)
const named = (kind: string, name: string) =>
  manifests.find(each => each.kind === kind && each.metadata.name === name)
const deployment = named('Deployment', 'proxy-services')
const pod = deployment.spec.template.spec
const [gateway] = pod.containers
const statefulSet = named('StatefulSet', 'backend')
const [backend] = statefulSet.spec.template.spec.containers
const portOf = (container: any, name: string): number =>
  container.ports.find((each: any) => each.name === name)?.containerPort

test('every workload is selected by its labels, and every service leads to a port of one', t => {
  for (const { spec } of [deployment, statefulSet]) {
    t.hasStrict(spec.template.metadata.labels, spec.selector.matchLabels)
  }
  for (const [service, workload, container] of [
    ['proxy-services', deployment, gateway],
    ['backend', statefulSet, backend]
  ] as const) {
    const { selector, ports } = named('Service', service).spec
    t.hasStrict(workload.spec.template.metadata.labels, selector)
    for (const { targetPort } of ports) t.type(portOf(container, targetPort), 'number', `${service}: ${targetPort}`)
  }
  t.end()
})

test('the ingress routes the path of the proxies to the service', t => {
  const [rule] = named('Ingress', 'proxy-services').spec.rules
  const [
    {
      path,
      pathType,
      backend: { service }
    }
  ] = rule.http.paths
  t.same([path, pathType], ['/services', 'Prefix'])
  const ports: { name: string }[] = named('Service', service.name).spec.ports
  t.ok(ports.some(({ name }) => name === service.port.name))
  t.same(named('Ingress', 'proxy-services').spec.tls[0].hosts, [rule.host])
  t.end()
})

test('the gateway listens on the ports of the manifests, and the probes request its admin port', t => {
  const environment = Object.fromEntries(
    gateway.env.map((each: { name: string; value: string }) => [each.name, each.value])
  )
  t.equal(Number(environment.PROXY_SERVICES_PORT), portOf(gateway, 'http'))
  t.equal(Number(environment.PROXY_SERVICES_ADMIN_PORT), portOf(gateway, 'admin'))
  const probes = { startupProbe: '/health/live', livenessProbe: '/health/live', readinessProbe: '/health/ready' }
  for (const [probe, path] of Object.entries(probes)) {
    t.hasStrict(gateway[probe].httpGet, { path, port: 'admin' }, probe)
  }
  t.equal(Number(deployment.spec.template.metadata.annotations['prometheus.io/port']), portOf(gateway, 'admin'))
  t.end()
})

test('the base has what a cluster behind an ingress that ends TLS expects', t => {
  const environment = Object.fromEntries(
    gateway.env.map((each: { name: string; value: string }) => [each.name, each.value])
  )
  t.match(environment, { PROXY_SERVICES_TRUST_PROXY: 'true', PROXY_SERVICES_SHUTDOWN_DELAY: /^[1-9]\d+$/ })
  const limit = Number.parseInt(gateway.resources.limits.memory, 10) * 1024 * 1024
  t.match(gateway.resources.limits.memory, /^\d+Mi$/)
  t.ok(Number(environment.PROXY_SERVICES_BUFFER_BUDGET) * 8 <= limit, 'buffers are a small part of the memory')
  t.hasStrict(pod.topologySpreadConstraints[0], {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: deployment.spec.selector
  })
  t.strictSame(deployment.spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 })
  t.strictSame(named('PodDisruptionBudget', 'proxy-services').spec, {
    maxUnavailable: 1,
    selector: deployment.spec.selector
  })
  const { podSelector, policyTypes, ingress } = named('NetworkPolicy', 'proxy-services').spec
  t.strictSame([podSelector, policyTypes], [deployment.spec.selector, ['Ingress']])
  const toAdmin = ingress.filter(({ ports }: any) => ports.some(({ port }: any) => port === 'admin'))
  t.strictSame(toAdmin.map(({ from }: any) => from), [
    [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }]
  ], 'only Prometheus reaches the admin port')
  const { annotations } = named('Ingress', 'proxy-services').metadata
  t.equal(annotations['nginx.ingress.kubernetes.io/proxy-body-size'], '64m')
  t.notOk(named('Service', 'proxy-services').spec.ports.some(({ targetPort }: any) => targetPort === 'admin'))
  t.end()
})

test('the gateway trusts the ingress, and forwards its X-Forwarded headers to the back-ends', t => {
  for (const name of ['PROXY_SERVICES_TRUST_PROXY', 'PROXY_SERVICES_FORWARDED']) {
    t.equal(gateway.env.find((each: { name: string }) => each.name === name)?.value, 'true', name)
  }
  t.end()
})

test('the configuration comes from the generated ConfigMap, and names existing back-ends', t => {
  const [generator] = kustomization.configMapGenerator
  t.equal(pod.volumes[0].configMap.name, generator!.name)
  t.equal(gateway.volumeMounts[0].name, pod.volumes[0].name)
  const files = generator!.files.map(file => `${gateway.volumeMounts[0].mountPath}/${file}`)
  t.same(gateway.args, ['serve', ...files])
  for (const file of generator!.files) t.ok(existsSync(`${FOLDER}${file}`), file)
  const addresses = [...readFileSync(`${FOLDER}lb-proxy.xml`, 'utf8').matchAll(/uri="([^"]*)"/g)].map(
    match => match[1]
  )
  const port = portOf(backend, 'http')
  t.same(
    addresses,
    Array.from(
      { length: statefulSet.spec.replicas },
      (_, at) => `http://backend-${at}.${statefulSet.spec.serviceName}:${port}/services/LBService1`
    )
  )
  t.equal(Number(backend.args[backend.args.indexOf('--port') + 1]), port)
  t.end()
})

test('no container runs as root or writes to its image, and each requests its resources', t => {
  const compose = parse(readFileSync(`${ROOT}docker-compose.yml`, 'utf8'), { merge: true })
  for (const {
    spec: {
      template: { spec }
    }
  } of [deployment, statefulSet]) {
    t.match(spec.securityContext, { runAsNonRoot: true, runAsUser: Number })
    for (const container of spec.containers) {
      t.equal(container.image, compose.services.gateway.image)
      t.hasStrict(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] }
      })
      t.match(container.resources, { requests: { cpu: String, memory: String }, limits: { memory: String } })
    }
  }
  const delay = gateway.env.find((each: { name: string }) => each.name === 'PROXY_SERVICES_SHUTDOWN_DELAY').value
  t.ok(pod.terminationGracePeriodSeconds >= Number(delay) / 1000 + 35, 'requests in flight have time to end')
  t.end()
})

const cli = `${ROOT}dist/lib/cli.js`
test(
  'the configuration is one that the gateway accepts',
  { skip: existsSync(cli) ? false : 'the project is not built' },
  t => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [cli, 'check', `${FOLDER}lb-proxy.xml`], {
      encoding: 'utf8'
    })
    t.equal(status, 0, `${stdout}${stderr}`)
    t.end()
  }
)
