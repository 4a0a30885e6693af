import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { startGateway } from '../../lib/cli/serve/gateway.js'
import { reloadsOf } from '../../lib/cli/serve/reload.js'
import { ServerTls } from '../../plugins/tls/server-tls.js'
import { Authority, noOpenssl } from '../support/http/authority.js'

t.test('reloads run one after the other: the last one decides whether the gateway is up to date', {
  skip: noOpenssl
}, async t => {
  const { cert, key } = new Authority(t).issue('/CN=a').pem
  const folder = t.testdir({ 'p.json': '{"proxies":{"A":{"endpoint":{"kind":"address","uri":"http://127.0.0.1:1/"}}}}' })
  const [config, certFile, keyFile] = ['p.json', 'a.pem', 'a-key.pem'].map(name => join(folder, name)) as
    [string, string, string]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  const tls = new ServerTls({ certificates: [{ cert: certFile, key: keyFile }] })
  const gateway = await startGateway({
    config, port: 0, host: '127.0.0.1', logLevel: 'silent', https: { port: 0, tls }
  })
  t.teardown(() => gateway.close())
  const reload = reloadsOf(Promise.resolve(gateway), { config, tls })

  const first = reload('the first')
  await turn()
  // The first one has read the certificates, and reads the configuration.
  rmSync(certFile)
  const second = reload('the second')
  t.match(await first, { proxies: ['A'] })
  await t.rejects(second, { message: /a\.pem cannot be read/ })
  const { proxyServices } = gateway.app
  t.equal(proxyServices.upToDate, false)
  t.same(proxyServices.reloads, { succeeded: 1, failed: 1 })

  writeFileSync(certFile, cert)
  await reload('the third')
  t.equal(proxyServices.upToDate, true, 'a reload that fails keeps none from running')
})
