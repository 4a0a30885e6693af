import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { examine } from '../../lib/cli/configuration/check.js'
import proxyServices from '../../plugins/index.js'
import { backend } from '../support/backend.js'

/** A project of Micro Integrator 4.4 as its editor writes it: APIs that send by the HTTP connector. */

const NS = 'http://ws.apache.org/ns/synapse'

const connection = (key: string, uri: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<localEntry key="${key}" xmlns="${NS}">
  <http.init>
    <connectionType>HTTP</connectionType>
    <baseUrl>${uri}</baseUrl>
    <authType>Basic Auth</authType>
    <username>me</username>
    <password>secret</password>
    <timeoutDuration/>
    <timeoutAction>Never</timeoutAction>
    <retryErrorCodes/>
    <retryCount>0</retryCount>
    <retryDelay>0</retryDelay>
    <suspendErrorCodes/>
    <suspendInitialDuration>-1</suspendInitialDuration>
    <suspendProgressionFactor>1</suspendProgressionFactor>
    <suspendMaximumDuration/>
    <name>${key}</name>
  </http.init>
</localEntry>`

const API = `<?xml version="1.0" encoding="UTF-8"?>
<api context="/orders" name="Orders" xmlns="${NS}">
  <resource methods="POST" uri-template="/{id}">
    <inSequence>
      <http.get configKey="Customers">
        <relativePath>/customers/\${params.pathParams.id}?full=true</relativePath>
        <headers>[["X-Order", "\${payload.number}"]]</headers>
        <forceScAccepted>false</forceScAccepted>
        <noKeepAlive>false</noKeepAlive>
        <responseVariable>customer</responseVariable>
        <overwriteBody>false</overwriteBody>
      </http.get>
      <filter xpath="\${vars.customer.attributes.statusCode == 200}">
        <then>
          <http.post configKey="Billing">
            <relativePath>/bills</relativePath>
            <headers>[]</headers>
            <requestBodyType>JSON</requestBodyType>
            <requestBodyJson>'{"number": \${payload.number}, "to": "\${vars.customer.payload.name}"}'</requestBodyJson>
            <responseVariable>bill</responseVariable>
            <overwriteBody>true</overwriteBody>
          </http.post>
        </then>
        <else>
          <property name="HTTP_SC" value="404" scope="axis2"/>
        </else>
      </filter>
      <respond/>
    </inSequence>
    <faultSequence>
      <property name="HTTP_SC" value="502" scope="axis2"/>
      <respond/>
    </faultSequence>
  </resource>
</api>`

async function started (t: Test, status = 200) {
  const customers = await backend(t, 'customers', (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"name": "A \\"B\\""}')
  })
  const billing = await backend(t, 'billing', (_, response) => {
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"bill":1.50}')
  })
  const folder = t.testdir({
    'pom.xml': '<project/>',
    src: {
      main: {
        wso2mi: {
          artifacts: {
            apis: { 'Orders.xml': API },
            'local-entries': {
              'Customers.xml': connection('Customers', customers.uri),
              'Billing.xml': connection('Billing', `${billing.uri}/`)
            }
          }
        }
      }
    }
  })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { config: folder })
  const order = async () =>
    await app.inject({ method: 'POST', url: '/orders/7', payload: { number: 12 } })
  return { folder, customers, billing, order }
}

t.test('a project with the HTTP connector is sound, and its API sends by both connections', async t => {
  const { folder, customers, billing, order } = await started(t)
  t.strictSame((await examine(folder)).problems.filter(({ severity }) => severity !== 'hint'), [])
  const response = await order()
  t.strictSame([response.statusCode, response.body], [201, '{"bill":1.50}'])
  const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`
  t.match(customers.requests, [
    { method: 'GET', url: /\/customers\/7\?full=true$/, body: '', headers: { 'x-order': '12', authorization } }
  ])
  t.match(billing.requests, [{ method: 'POST', url: /[^/]\/bills$/, headers: { authorization } }])
  t.strictSame(JSON.parse(billing.requests[0]!.body), { number: 12, to: 'A "B"' })
})

t.test('the status of a response in a variable decides; a connection that is down runs the fault sequence', async t => {
  const { billing, customers, order } = await started(t, 404)
  const missing = await order()
  t.strictSame([missing.statusCode, JSON.parse(missing.body)], [404, { number: 12 }])
  t.equal(billing.requests.length, 0)
  await customers.stop()
  t.equal((await order()).statusCode, 502)
})

t.test('problems of a connection are reported in its file', async t => {
  const folder = t.testdir({ 'local-entries': { 'K.xml': connection('K', 'http://h').replace('Basic Auth', 'OAuth') } })
  const [problem, ...more] = (await examine(folder)).problems
  t.match(problem, { file: join(folder, 'local-entries', 'K.xml'), line: 6, severity: 'error' })
  t.strictSame(more.filter(({ severity }) => severity === 'error'), [])
})
