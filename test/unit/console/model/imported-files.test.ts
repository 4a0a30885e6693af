import t from 'tap'
import { problemsOf } from '../../../../lib/compiler/find-problems.js'
import { parse } from '../../../../lib/definitions/load.js'
import { placeImportedFiles } from '../../../../plugins/console/model/imported-files.js'
import { SAMPLES } from '../../../../plugins/console/model/samples.js'
import { runtime } from '../../../../plugins/gateway/configuration/runtime.js'

const place = (files: Record<string, string>): { files: object, leftOut: object } => {
  const { files: placed, leftOut } = placeImportedFiles(Object.entries(files).map(([path, text]) => ({ path, text })))
  const reasons = leftOut.map(({ path, reason }) => [path, reason])
  return { files: Object.fromEntries(placed), leftOut: Object.fromEntries(reasons) }
}
const PROXY = '<proxy xmlns="http://ws.apache.org/ns/synapse" name="Orders"/>'
const GROUP = '<endpoint xmlns="http://ws.apache.org/ns/synapse" name="OrdersLB"><address uri="http://a/"/></endpoint>'
const artifact = (name: string, type: string): string =>
  `<artifact name="${name}" version="1.0.0" type="${type}"><file>${name}-1.0.0.xml</file></artifact>`

t.test('the artefacts of a Carbon application go to the folders of their kinds', async t => {
  t.strictSame(place({
    'artifacts.xml': '<artifacts/>',
    'Orders_1.0.0/artifact.xml': artifact('Orders', 'synapse/proxy-service'),
    'Orders_1.0.0/Orders-1.0.0.xml': PROXY,
    'OrdersLB_1.0.0/artifact.xml': artifact('OrdersLB', 'synapse/endpoint'),
    'OrdersLB_1.0.0/OrdersLB-1.0.0.xml': GROUP,
    'Data_1.0.0/artifact.xml': artifact('Data', 'service/dataservice'),
    'Data_1.0.0/Data-1.0.0.xml': '<data/>',
    'Task_1.0.0/artifact.xml': artifact('Task', 'synapse/task'),
    'Task_1.0.0/Task-1.0.0.xml': '<task xmlns="http://ws.apache.org/ns/synapse" name="Task"/>'
  }), {
    files: { 'proxy-services/Orders.xml': PROXY, 'endpoints/OrdersLB.xml': GROUP },
    leftOut: {
      'Data_1.0.0/Data-1.0.0.xml': 'artefacts of type "service/dataservice" are not read',
      'Task_1.0.0/Task-1.0.0.xml': '<task> is not an artefact that is read: see what to do instead in "check"'
    }
  })
})

t.test('a layout is found wherever it lies; single files are sorted by their root', async t => {
  t.strictSame(place({
    'shop/src/main/synapse-config/endpoints/OrdersLB.xml': GROUP,
    'Orders.xml': PROXY,
    'all.json': '{}',
    'synapse-config.xml': '<definitions xmlns="http://ws.apache.org/ns/synapse"/>',
    'readme.md': '#'
  }), {
    files: {
      'endpoints/OrdersLB.xml': GROUP,
      'proxy-services/Orders.xml': PROXY,
      'all.json': '{}',
      'synapse.xml': '<definitions xmlns="http://ws.apache.org/ns/synapse"/>'
    },
    leftOut: { 'readme.md': 'it is neither XML nor JSON' }
  })
})

t.test('no path leads out of the folder, and no name of an artefact becomes a path', async t => {
  const paths = ['../evil.xml', '/etc/evil.xml', 'a/../../evil.xml', 'a\\..\\evil.xml', 'C:evil.xml', 'a\0.xml']
  t.strictSame(place(Object.fromEntries(paths.map(path => [path, PROXY]))).files, {})
  t.strictSame(place({ 'x.xml': '<proxy name="../../evil"/>', 'y.xml': '<proxy name=".."/>' }).files, {
    'proxy-services/x.xml': '<proxy name="../../evil"/>', 'proxy-services/y.xml': '<proxy name=".."/>'
  })
})

t.test('files that are not well-formed, or occur twice, are left out with the reason', async t => {
  t.match(place({ 'a.xml': '<proxy', 'b/Orders.xml': PROXY, 'c/Orders.xml': PROXY }), {
    files: { 'proxy-services/Orders.xml': PROXY },
    leftOut: { 'a.xml': /not well-formed/, 'c/Orders.xml': '"proxy-services/Orders.xml" is in it twice' }
  })
})

t.test('every sample of a new artefact passes the check without any problem', async t => {
  for (const [kind, { text }] of Object.entries(SAMPLES)) {
    t.strictSame(problemsOf(parse(text('New-1'), 'new.xml'), runtime), [], kind)
  }
})
