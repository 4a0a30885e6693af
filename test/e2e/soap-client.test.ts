import * as soap from 'soap'
import t from 'tap'
import { startBackend } from '../../lib/cli/sample/server.js'
import { gateway, configured } from '../support/gateway.js'

/** The `soap` package as a client: it reads the WSDL from the proxy, and calls what it found there. */
t.test('a SOAP client finds the service and calls it', async t => {
  const servers = await Promise.all(
    ['MyServer1', 'MyServer2', 'MyServer3'].map(name => startBackend({ port: 0, host: '127.0.0.1', name }))
  )
  t.teardown(() => Promise.all(servers.map(each => each.close())))
  const { url } = await gateway(t, {
    definitions: configured('lb-proxy.xml', servers),
    baseDir: 'config'
  })
  for (let tries = 0; tries < 50 && (await fetch(`${url}/services/LBProxy?wsdl`)).status === 503; tries++);
  const client = await soap.createClientAsync(`${url}/services/LBProxy?wsdl`)
  client.addSoapHeader({ 'syn:ClientID': 'a' }, '', 'syn', 'http://ws.apache.org/ns/synapse')
  const servedBy = new Set<string>()
  for (let call = 0; call < 5; call++) {
    const [, raw]: [unknown, string] = await client['sampleOperationAsync']({ _xml: '<Value>v1</Value>' })
    servedBy.add(/Response from server: (\w+)/.exec(raw)?.[1] ?? raw)
  }
  t.equal(servedBy.size, 1, 'its ClientID keeps it at one server')
  t.match([...servedBy][0], /^MyServer[123]$/)
})
