import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { examine } from '../../../../lib/cli/configuration/check.js'
import { load, parse } from '../../../../lib/definitions/load.js'
import { formatProblem } from '../../../../lib/definitions/model/problem.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import { backend } from '../../../support/backend.js'
import { gateway } from '../../../support/gateway.js'

const NS = 'xmlns="http://ws.apache.org/ns/synapse"'
type Tree = NonNullable<Parameters<Test['testdir']>[0]>

/** A configuration that uses a sequence, an endpoint, a payload format, a text and a property of a registry. */
const main = (prefix: (key: string) => string): string => `<proxy name="P" ${NS}><target>
  <inSequence><sequence key="${prefix('seq/in.xml')}"/></inSequence></target></proxy>`
const resources = (uri: string, prefix: (key: string) => string): Readonly<Record<string, string>> => ({
  'in.xml': `<sequence name="anything" ${NS}>
    <payloadFactory media-type="text"><format key="${prefix('seq/format.txt')}"/>
      <args><arg expression="get-property('registry', '${prefix('seq/greeting.txt')}')"/></args></payloadFactory>
    <call><endpoint key="${prefix('seq/endpoint.xml')}"/></call><respond/></sequence>`,
  'endpoint.xml': `<endpoint ${NS}><address uri="${uri}"/></endpoint>`,
  'format.txt': 'Says $1',
  'greeting.txt': 'hello'
})
const FILES = ['in.xml', 'endpoint.xml', 'format.txt', 'greeting.txt']
const items = (path: string): string =>
  FILES.map(file => `<item><file>${file}</file><path>${path}</path><mediaType>text/plain</mediaType></item>`).join('')
const artifact = (inside: string): string =>
  '<artifacts><artifact name="r" groupId="g" version="1.0.0" ' +
  `type="registry/resource" serverRole="EnterpriseIntegrator">${inside}</artifact></artifacts>`

/** Sends a message to a configuration without problems. */
const sends = async (t: Test, config: string): Promise<void> => {
  t.same((await examine(config)).problems.map(formatProblem), [])
  const { url } = await gateway(t, { config })
  await fetch(`${url}/services/P`, { method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } })
}

const conf = (key: string): string => `conf:/${key}`
const gov = (key: string): string => `gov:${key}`

t.test('a registry-resources project beside the configuration is read', async t => {
  const { uri, requests } = await backend(t, 'one')
  const folder = t.testdir({
    'pom.xml': '<project/>',
    config: { src: { main: { 'synapse-config': { 'proxy-services': { 'P.xml': main(conf) } } } } },
    registry: { 'artifact.xml': artifact(items('/_system/config/seq')), ...resources(uri, conf) }
  })
  await sends(t, folder)
  t.same(
    requests.map(({ body }) => body),
    ['Says hello']
  )
})

t.test('the registry resources of a Carbon application are read', async t => {
  const { uri, requests } = await backend(t, 'one')
  const folder = t.testdir({
    'artifacts.xml': '<artifacts/>',
    'P_1.0.0': {
      'artifact.xml':
        '<artifact name="P" version="1.0.0" type="synapse/proxy-service"><file>P-1.0.0.xml</file></artifact>',
      'P-1.0.0.xml': main(gov)
    },
    'R_1.0.0': {
      'artifact.xml':
        '<artifact name="R" version="1.0.0" type="registry/resource"><file>registry-info.xml</file></artifact>',
      'registry-info.xml': `<resources>${items('/_system/governance/seq')}</resources>`,
      resources: resources(uri, gov)
    }
  })
  await sends(t, folder)
  t.same(
    requests.map(({ body }) => body),
    ['Says hello']
  )
})

t.test('a project of Micro Integrator keeps its resources beside its artefacts', async t => {
  const { uri, requests } = await backend(t, 'one')
  const key = (name: string): string => `resources:${name}`
  const folder = t.testdir({
    src: {
      main: {
        wso2mi: {
          artifacts: { 'proxy-services': { 'P.xml': main(key) } },
          resources: {
            'artifact.xml': artifact(
              '<collection><directory>texts</directory>' +
                '<path>/_system/governance/mi-resources</path></collection>'
            ),
            texts: { seq: resources(uri, key) }
          }
        }
      }
    }
  })
  await sends(t, join(folder, 'src/main/wso2mi/artifacts'))
  t.same(
    requests.map(({ body }) => body),
    ['Says hello']
  )
})

t.test('SimpleURLRegistry reads files below its root, by keys without a prefix', async t => {
  const { uri, requests } = await backend(t, 'one')
  const key = (name: string): string => name
  const folder = t.testdir({
    repository: {
      conf: {
        'synapse.xml': `<definitions ${NS}><registry provider="org.apache.synapse.registry.url.SimpleURLRegistry">
          <parameter name="root">file:repository/resources/</parameter>
          <parameter name="cachableDuration">15000</parameter></registry>${main(key)}</definitions>`
      },
      resources: { seq: resources(uri, key) }
    }
  })
  await sends(t, join(folder, 'repository/conf'))
  t.same(
    requests.map(({ body }) => body),
    ['Says hello']
  )
})

t.test('the registry folder of an engine is read', async t => {
  const { uri, requests } = await backend(t, 'one')
  const folder = t.testdir({
    registry: { config: { seq: resources(uri, conf) } },
    repository: {
      deployment: { server: { 'synapse-configs': { default: { 'proxy-services': { 'P.xml': main(conf) } } } } }
    }
  })
  await sends(t, join(folder, 'repository/deployment/server/synapse-configs/default'))
  t.same(
    requests.map(({ body }) => body),
    ['Says hello']
  )
})

/** The lines of `check` for a sequence that names a resource, with this tree beside it. */
const linesFor = async (t: Test, inside: string, beside: Record<string, Tree>): Promise<string[]> => {
  const folder = t.testdir({ 's.xml': `<sequence name="s" ${NS}>${inside}</sequence>`, ...beside })
  return (await examine(folder)).problems.map(formatProblem).map(line => line.replaceAll(`${folder}/`, ''))
}

t.test('resources outside of the root of a registry are refused', async t => {
  const item = (file: string): string => artifact(`<item><file>${file}</file><path>/_system/config</path></item>`)
  t.match(
    await linesFor(t, '<sequence key="conf:secret.xml"/>', {
      inside: { 'artifact.xml': item('../secret.xml') },
      'secret.xml': `<sequence name="secret" ${NS}/>`
    }),
    [/unknown sequence/, /leads out of the registry/]
  )
  const folder = t.testdir({
    's.xml': `<sequence name="s" ${NS}><sequence key="conf:link.xml"/></sequence>`,
    r: { 'artifact.xml': item('link.xml') },
    other: { 'link.xml': `<sequence name="x" ${NS}/>` }
  })
  symlinkSync(join(folder, 'other/link.xml'), join(folder, 'r/link.xml'))
  t.match((await examine(folder)).problems.map(formatProblem), [/unknown sequence/, /leads out of the registry/])
})

t.test('a key with .. does not leave the root of SimpleURLRegistry', async t => {
  const folder = t.testdir({
    'synapse.xml': `<definitions ${NS}><registry provider="org.apache.synapse.registry.url.SimpleURLRegistry">
      <parameter name="root">r</parameter></registry>
      <sequence name="s"><sequence key="../secret.xml"/></sequence></definitions>`,
    r: {},
    'secret.xml.txt': '',
    deeper: { 'secret.xml': '' }
  })
  t.match((await examine(folder)).problems.map(formatProblem), [/leads out of the registry/, /unknown sequence/])
})

t.test('a root that is not a folder, and a registry of another provider, are reported', async t => {
  const registry = (provider: string, root: string): string =>
    `<registry provider="${provider}" ${NS}><parameter name="root">${root}</parameter></registry>`
  const check = async (text: string): Promise<string[]> =>
    (await examine(t.testdir({ 'registry.xml': text, 's.xml': `<sequence name="s" ${NS}/>` }))).problems.map(
      formatProblem
    )
  t.match(await check(registry('org.apache.synapse.registry.url.SimpleURLRegistry', 'file:nowhere')), [
    /the root of the registry, file:nowhere, is not a folder/
  ])
  t.match(await check(registry('org.apache.synapse.registry.url.SimpleURLRegistry', 'http://h/')), [
    /the registry at http:\/\/h\/ is not read/
  ])
  t.match(await check(registry('org.example.R', '/')), [/<registry provider="org.example.R"> is not read/])
})

t.test('a property of a resource is read by key@name; computed keys are reported', async t => {
  const item =
    '<item><file>a.txt</file><path>/_system/config</path><properties>' +
    '<property key="colour" value="blue"/></properties></item>'
  const property = (key: string): string => `<property name="x" expression="get-property('registry', ${key})"/>`
  const beside = { r: { 'artifact.xml': artifact(item), 'a.txt': 'A' } }
  t.same(await linesFor(t, property("'conf:a.txt@colour'") + property("'conf:a.txt'"), beside), [])
  t.match(await linesFor(t, property("'conf:a.txt@size'"), beside), [
    /no registry has the resource "conf:a.txt@size"/
  ])
  t.match(await linesFor(t, property("concat('conf:', 'a')"), beside), [/a computed key of a registry/])
})

t.test('calls that read a registry are found as XPath writes them, and not in the text of a literal', async t => {
  const lines = (expression: string): Promise<string[]> =>
    linesFor(t, `<property name="x" expression="${expression}"/>`, {})
  t.same(await lines("concat(&quot;get-property('registry', 'conf:none')&quot;, '')"), [])
  for (const expression of [
    "get-property ('registry' , 'conf:none')",
    "syn:get-property('registry', 'conf:none')",
    "//a[get-property('registry', 'conf:none') = '1']",
    "${xpath(&quot;get-property('registry', 'conf:none')&quot;)}"
  ]) {
    t.match(await lines(expression), [/no registry has the resource "conf:none"/], expression)
  }
  t.match(await lines('get-property(&quot;registry&quot;, &quot;conf:the customer\'s&quot;)'), [
    /no registry has the resource "conf:the customer's"/
  ])
})

t.test(
  'registries: what a registry holds is read once, and converted with the configuration, which then needs no registry',
  async t => {
    const folder = t.testdir({
      'P.xml': main(conf),
      r: { 'artifact.xml': artifact(items('/_system/config/seq')), ...resources('http://h/', conf) }
    })
    const { definitions } = await load(folder)
    t.same(Object.keys(definitions.sequences ?? {}), ['conf:/seq/in.xml'])
    const again = parse(writeXml(definitions))
    t.same(again.problems, [])
    t.same(again.definitions, definitions)
  }
)

t.test('a malformed resource is a problem in its file', async t => {
  const item = artifact('<item><file>a.xml</file><path>/_system/config</path></item>')
  t.match(
    await linesFor(t, '<sequence key="conf:a.xml"/>', { r: { 'artifact.xml': item, 'a.xml': '<sequence><x' } }),
    [/^r\/a\.xml:1:/, /unknown sequence "conf:a.xml"/]
  )
})

t.test('the file at the src of a local entry is its text', async t => {
  const { uri, requests } = await backend(t, 'one')
  const folder = t.testdir({
    'e.xml': `<localEntry key="format" src="file:texts/format.txt" ${NS}/>`,
    'P.xml': `<proxy name="P" ${NS}><target><inSequence><payloadFactory media-type="text"><format key="format"/>
      </payloadFactory><send><endpoint><address uri="${uri}"/></endpoint></send></inSequence></target></proxy>`,
    texts: { 'format.txt': 'from a file' }
  })
  await sends(t, folder)
  t.same(
    requests.map(({ body }) => body),
    ['from a file']
  )
})
