import { join } from 'node:path'
import t, { type Test } from 'tap'
import { examine } from '../../../../lib/cli/configuration/check.js'
import type { Definitions } from '../../../../lib/definitions/model/model.js'
import { formatProblem } from '../../../../lib/definitions/model/problem.js'
import { backend } from '../../../support/backend.js'
import { gateway, post, SOAP_11 } from '../../../support/gateway.js'

/**
 * Configurations as projects and servers keep them: one file for each artefact, in folders; a Carbon application; an
 * archive.
 */
const NS = 'xmlns="http://ws.apache.org/ns/synapse"'
const DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** The artefacts that a tool for WSO2 products writes, in the folders of such a project. */
const project = (uri = 'http://localhost:9001/stock'): Record<string, Record<string, string>> => ({
  'proxy-services': {
    'Stock.xml': `${DECLARED}<proxy name="Stock" startOnLoad="true" statistics="disable" trace="disable" transports="http https" ${NS}>
    <target faultSequence="StockFault" inSequence="StockIn" outSequence="StockOut"/>
    <description/>
</proxy>`
  },
  sequences: {
    'StockIn.xml': `${DECLARED}<sequence name="StockIn" onError="StockFault" statistics="enable" trace="disable" ${NS}>
    <property description="who asks" name="asker" scope="default" type="STRING" value="project"/>
    <log category="INFO" description="" level="custom" separator=" | "><property expression="get-property('asker')" name="asker"/></log>
    <send description="on"><endpoint key="StockEndpoint"/></send>
</sequence>`,
    'StockOut.xml': `${DECLARED}<sequence name="StockOut" trace="disable" ${NS}>\n    <property name="X-Greeting" expression="get-property('greeting')" scope="transport"/>\n    <send/>\n</sequence>`,
    'StockFault.xml': `${DECLARED}<sequence name="StockFault" ${NS}>\n    <drop/>\n</sequence>`
  },
  endpoints: {
    'StockEndpoint.xml': `${DECLARED}<endpoint name="StockEndpoint" ${NS}>
    <address format="soap11" statistics="enable" trace="disable" uri="${uri}">
        <suspendOnFailure><initialDuration>-1</initialDuration><progressionFactor>1.0</progressionFactor></suspendOnFailure>
        <markForSuspension><retriesBeforeSuspension>0</retriesBeforeSuspension></markForSuspension>
    </address>
</endpoint>`,
    'Patient.xml': `${DECLARED}<endpoint name="Patient" template="slow" uri="${uri}" ${NS}/>`
  },
  templates: {
    'slow.xml': `${DECLARED}<template name="slow" ${NS}>\n    <endpoint name="$name"><address uri="$uri"/></endpoint>\n</template>`
  },
  'local-entries': { 'greeting.xml': `${DECLARED}<localEntry key="greeting" ${NS}>good morning</localEntry>` }
})

/** What is in such a project as well, and not read here. */
const OUTSIDE = {
  api: {
    'Orders.xml': `${DECLARED}<api context="/orders" name="Orders" ${NS}>\n  <resource methods="GET"><inSequence><xslt key="a"/></inSequence></resource>\n</api>`
  },
  'inbound-endpoints': {
    'Listener.xml': `${DECLARED}<inboundEndpoint name="Listener" protocol="kafka" sequence="StockIn" ${NS}/>`
  },
  tasks: {
    'Hourly.xml': `${DECLARED}<task name="Hourly" class="org.example.Injector" group="synapse.simple.quartz" ${NS}><trigger interval="3600"/></task>`
  },
  'message-stores': { 'Shelf.xml': `${DECLARED}<messageStore name="Shelf" ${NS}/>` },
  'message-processors': { 'Clerk.xml': `${DECLARED}<messageProcessor name="Clerk" messageStore="Shelf" ${NS}/>` },
  imports: {
    '{org.example}weather.xml': `${DECLARED}<import name="weather" package="org.example" status="enabled" ${NS}/>`
  },
  'registry.xml': `<registry provider="org.wso2.carbon.mediation.registry.WSO2Registry" ${NS}/>`,
  'task-manager.xml': `<taskManager provider="org.example.Quartz" ${NS}/>`
}

const reported = async (folder: string): Promise<{ definitions: Definitions; lines: string[] }> => {
  const { definitions, problems } = await examine(folder)
  return {
    definitions,
    lines: problems.map(formatProblem).map(line => line.replaceAll(folder, '').replace(/^\//, ''))
  }
}

const SENT = `<s:Envelope xmlns:s="${SOAP_11}"><s:Body><m/></s:Body></s:Envelope>`
/** A message to its proxy, from a client. */
async function takesMessages (t: Test, config: string, failSafe = false): Promise<void> {
  const { url } = await gateway(t, { config, failSafe })
  const { from, headers } = await post(`${url}/services/Stock`, SENT, { 'content-type': 'text/xml; charset=UTF-8' })
  t.strictSame([from, headers.get('x-greeting')], ['one', 'good morning'])
}

t.test('a folder of artefacts loads', async t => {
  const { uri } = await backend(t, 'one')
  const folder = t.testdir(project(uri))
  const { definitions, lines } = await reported(folder)
  t.strictSame(lines, [])
  t.strictSame(
    Object.entries(definitions).map(([category, of]) => [category, Object.keys(of as object)]),
    [
      ['localEntries', ['greeting']],
      ['endpoints', ['Patient', 'StockEndpoint']],
      ['sequences', ['StockFault', 'StockIn', 'StockOut']],
      ['templates', ['slow']],
      ['proxies', ['Stock']]
    ]
  )
  await takesMessages(t, folder)
})

t.test('unsupported artefacts are reported file by file; the others run with failSafe', async t => {
  const { uri } = await backend(t, 'one')
  const folder = t.testdir({ ...project(uri), ...OUTSIDE })
  const { lines } = await reported(folder)
  t.strictSame(
    lines.map(line => line.replace(/ \(.*/, '')),
    [
      'api/Orders.xml:3:39 unsupported mediator <xslt>',
      'imports/{org.example}weather.xml:2:1 hint: <import> is not read',
      'inbound-endpoints/Listener.xml:2:1 <inboundEndpoint> is not supported',
      'message-processors/Clerk.xml:2:1 <messageProcessor> is not supported',
      'message-stores/Shelf.xml:2:1 <messageStore> is not supported',
      'task-manager.xml:1:1 hint: <taskManager> is not read',
      'tasks/Hourly.xml:2:1 <task> is not supported'
    ]
  )
  for (const line of lines) t.match(line, /\(.+\)$/, 'says what to do')
  await t.rejects(gateway(t, { config: folder }), { code: 'PROXY_SERVICES_CONFIGURATION' })
  await takesMessages(t, folder, true)
})

t.test('a Maven project loads, and so do all modules of a multi-module project', async t => {
  const pom = { 'pom.xml': '<project xmlns="http://maven.apache.org/POM/4.0.0"/>', 'artifact.xml': '<artifacts/>' }
  const { endpoints, ...others } = project()
  const trees: NonNullable<Parameters<Test['testdir']>[0]>[] = [
    { ...pom, src: { main: { wso2mi: { artifacts: project() } } } },
    { ...pom, src: { main: { 'synapse-config': project() } } },
    {
      ...pom,
      one: { ...pom, src: { main: { 'synapse-config': others } } },
      two: { ...pom, src: { main: { wso2mi: { artifacts: { endpoints: endpoints! } } } } }
    }
  ]
  for (const tree of trees) {
    const { definitions, lines } = await reported(t.testdir(tree))
    t.strictSame(lines, [])
    t.strictSame(Object.keys(definitions.proxies ?? {}), ['Stock'])
    t.strictSame(Object.keys(definitions.endpoints ?? {}).sort(), ['Patient', 'StockEndpoint'])
  }
})

t.test('for a folder above the artefacts of a server, the error names their folder', async t => {
  for (const place of ['synapse-configs/default', 'repository/deployment/server/synapse-configs/default']) {
    const tree = place
      .split('/')
      .reduceRight<NonNullable<Parameters<Test['testdir']>[0]>>((inside, name) => ({ [name]: inside }), project())
    const folder = t.testdir(tree)
    t.strictSame((await reported(folder)).lines, [
      `:1:1 the folder holds no configuration (it is in /${place})`.replace(/^:/, ':')
    ])
    t.strictSame((await reported(join(folder, place))).lines, [])
  }
})

/** An unpacked `.car`: a folder for each artefact, with an `artifact.xml` that names its type and file. */
function application (uri?: string): Record<string, object | string> {
  const types = {
    'proxy-services': 'proxy-service',
    sequences: 'sequence',
    endpoints: 'endpoint',
    templates: 'template',
    'local-entries': 'local-entry'
  } as const
  const artefacts = Object.entries(project(uri)).flatMap(([folder, files]) =>
    Object.entries(files).map(([file, text]) => {
      const name = file.replace('.xml', '')
      return [
        `${name}_1.0.0`,
        {
          'artifact.xml': described(name, `synapse/${types[folder as keyof typeof types]}`, `${name}-1.0.0.xml`),
          [`${name}-1.0.0.xml`]: text
        }
      ] as const
    })
  )
  return {
    ...Object.fromEntries(artefacts),
    'artifacts.xml':
      '<?xml version="1.0" encoding="UTF-8"?><artifacts><artifact name="Shop" version="1.0.0" type="carbon/application"/></artifacts>',
    metadata: {}
  }
}
const described = (name: string, type: string, file: string): string =>
  `${DECLARED}<artifact name="${name}" version="1.0.0" type="${type}" serverRole="EnterpriseServiceBus">\n    <file>${file}</file>\n</artifact>`

t.test('an unpacked Carbon application loads', async t => {
  const { uri } = await backend(t, 'one')
  const folder = t.testdir({
    ...application(uri),
    'Stock_1.0.0_metadata_1.0.0': {
      'Stock.yaml': 'key: v',
      'artifact.xml': described('Stock_metadata', 'synapse/metadata', 'Stock.yaml')
    }
  })
  t.strictSame((await reported(folder)).lines, [
    'Stock_1.0.0_metadata_1.0.0/artifact.xml:2:1 hint: the artefact "Stock_metadata" of type "synapse/metadata" is not read (references to it are reported where they are)'
  ])
  await takesMessages(t, folder)
})

t.test('unreadable artefacts of a Carbon application are reported', async t => {
  const folder = t.testdir({
    ...application(),
    'Form_1.0.0': {
      'artifact.xml': described('Form', 'registry/resource', 'registry-info.xml'),
      'registry-info.xml': '<resources/>'
    },
    'Api_1.0.0': {
      'artifact.xml': described('Api', 'synapse/api', 'Api-1.0.0.xml'),
      'Api-1.0.0.xml': `<api name="Api" ${NS}/>`
    },
    'Gone_1.0.0': { 'artifact.xml': described('Gone', 'synapse/sequence', 'Gone-1.0.0.xml') },
    'Away_1.0.0': { 'artifact.xml': described('Away', 'synapse/sequence', '../../etc/passwd') },
    'None_1.0.0': { 'artifact.xml': '<artifact name="None" type="synapse/sequence"/>' },
    'Broken_1.0.0': { 'artifact.xml': '<artifact' }
  })
  t.strictSame(
    (await reported(folder)).lines.map(line => line.replace(/ \((write|references).*/, '')),
    [
      'Api_1.0.0/Api-1.0.0.xml:1:1 <api> needs a context (a path such as context="/shop")',
      'Api_1.0.0/Api-1.0.0.xml:1:1 "resources" is empty at apis.Api',
      'Away_1.0.0/artifact.xml:2:1 "../../etc/passwd" is not a file beside artifact.xml',
      'Broken_1.0.0/artifact.xml:1:1 the document ends inside of its first tag',
      'Gone_1.0.0/artifact.xml:1:1 the file Gone-1.0.0.xml that it names does not exist',
      'None_1.0.0/artifact.xml:1:1 the artefact names no <file>'
    ]
  )
})

t.test('an archive is refused with advice', async t => {
  const folder = t.testdir({ 'Shop_1.0.0.car': Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(60)]) })
  t.strictSame((await reported(join(folder, 'Shop_1.0.0.car'))).lines, [
    ':1:1 the file is an archive, not a configuration (unpack it (unzip FILE -d FOLDER), and name the folder)'
  ])
})

t.test('leftovers of tools are ignored or reported', async t => {
  const sequence = (inside: string): string => `${DECLARED}<sequence name="s" ${NS}>\n${inside}\n</sequence>`
  const lines = async (text: string | Buffer): Promise<string[]> =>
    (await reported(t.testdir({ 's.xml': text }))).lines
  t.strictSame(await lines(sequence('<log xmlns="" level="full"/>')), [
    's.xml:3:1 <log> is not in the namespace http://ws.apache.org/ns/synapse (it is in no namespace: write it without xmlns="")'
  ])
  t.strictSame(
    await lines(
      sequence(
        '<send><endpoint><address uri="http://localhost:1"><timeout xmlns=""><duration>5</duration></timeout></address></endpoint></send>'
      )
    ),
    [
      's.xml:3:51 hint: <timeout> has no effect here (it is in no namespace: write it without xmlns="", in http://ws.apache.org/ns/synapse)'
    ]
  )
  t.strictSame(
    await lines(
      sequence('<log description="the first" trace="enable" statistics="enable"/><?note this?><!-- and that -->')
    ),
    []
  )
  t.strictSame(
    await lines('\uFEFF' + sequence('<drop/>').replaceAll('\n', '\r\n')),
    [],
    'a byte order mark, and the line ends of Windows'
  )
  const latin = Buffer.from(sequence('<property name="X" value="Grün"/>').replace('UTF-8', 'ISO-8859-1'), 'latin1')
  t.match(
    (await reported(t.testdir({ 's.xml': latin }))).definitions,
    { sequences: { s: [{ value: 'Grün' }] } },
    'the characters are those of its declaration'
  )
})

t.test('relative addresses are also resolved against the home of the engine around the configuration', async t => {
  const wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>'
  const proxy = `<definitions ${NS}><proxy name="P"><target><inSequence><drop/></inSequence></target><publishWSDL uri="file:repository/own/a.wsdl"/></proxy></definitions>`
  const folder = t.testdir({
    repository: { own: { 'a.wsdl': wsdl }, conf: { sample: { 'x.xml': proxy } } },
    other: { 'x.xml': proxy }
  })
  t.strictSame((await reported(join(folder, 'repository/conf/sample/x.xml'))).lines, [])
  t.match((await reported(join(folder, 'other/x.xml'))).lines, [
    /:1:.* the WSDL of P cannot be published: file:repository\/own\/a\.wsdl: there is no such file/
  ])
})

t.test('a missing WSDL of a local entry is reported by its address', async t => {
  const folder = t.testdir({
    'x.xml': `<definitions ${NS}><localEntry key="k" src="file:no.wsdl"/>\n<proxy name="P"><target><inSequence><drop/></inSequence></target><publishWSDL key="k"/></proxy></definitions>`
  })
  t.match((await reported(folder)).lines, [
    /^x\.xml:2:.* the WSDL of P cannot be published: k \(file:no\.wsdl\): there is no such file/
  ])
})

t.test('with failSafe, an invalid endpoint leaves the others running', async t => {
  const { uri } = await backend(t, 'one')
  const broken =
    '<endpoint name="Queue" xmlns="http://ws.apache.org/ns/synapse"><address uri="jms:/queue"/></endpoint>'
  const folder = t.testdir({ ...project(uri), endpoints: { ...project(uri)['endpoints'], 'Queue.xml': broken } })
  t.match((await reported(folder)).lines, [
    /^endpoints\/Queue\.xml:1:1 addresses that begin with jms: are not supported/
  ])
  await takesMessages(t, folder, true)
})

t.test('an unknown onError sequence is a warning, and failures propagate', async t => {
  const { uri } = await backend(t, 'one')
  const folder = t.testdir({
    ...project(uri),
    sequences: {
      ...project(uri).sequences,
      'StockIn.xml': project(uri).sequences!['StockIn.xml']!.replace('onError="StockFault"', 'onError="Missing"')
    }
  })
  t.match((await reported(folder)).lines, [
    /^sequences\/StockIn\.xml:2:1 warning: unknown sequence "Missing": failures here are not handled by it/
  ])
  await takesMessages(t, folder)
})

t.test('references to what no registry has are reported', async t => {
  const { lines } = await reported(
    t.testdir({
      'x.xml': `<definitions ${NS}>\n<registry provider="org.example.R"/>\n<sequence name="main"><sequence key="conf:a.xml"/><property name="x" expression="get-property('registry', 'gov:b')"/></sequence></definitions>`
    })
  )
  t.match(lines, [
    /^x\.xml:2:1 hint: <registry provider="org\.example\.R"> is not read/,
    /^x\.xml:3:23 warning: unknown sequence "conf:a\.xml".*no registry that was found has it\)$/,
    /^x\.xml:3:51 warning: no registry has the resource "gov:b": the expression is empty/
  ])
})

t.test('other-transports: other transports than http and https are refused', async t => {
  const { lines } = await reported(
    t.testdir({
      'x.xml': `<definitions ${NS}>\n<proxy name="P" transports="http,vfs"><target><endpoint><address uri="mailto:a@b"/></endpoint></target></proxy></definitions>`
    })
  )
  t.match(lines, [
    /^x\.xml:2:1 unsupported transport "vfs": supported are http and https \(let/,
    /^x\.xml:2:47 addresses that begin with mailto: are not supported/
  ])
})
