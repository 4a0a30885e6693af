import { cpSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { backend } from '../support/backend.js'
import { gateway, post } from '../support/gateway.js'

/** The last step of the project in docs/migrating.md; `docs/output` compares what its commands print. */
const MIGRATED = fileURLToPath(new URL('../../../test/fixtures/shop-project-migrated', import.meta.url))
const XML = { 'content-type': 'application/xml' }

t.test('the project of the document runs: its callout is answered, and its fault sequence handles a failure', async t => {
  const folder = t.testdir()
  cpSync(MIGRATED, folder, { recursive: true })
  const stock = await backend(t, 'stock', (_, response) => {
    response.setHeader('content-type', 'application/xml').end('<price>42</price>')
  })
  writeFileSync(`${folder}/conf/file.properties`, `stock.url=${stock.uri}\n`)
  const { url } = await gateway(t, { config: folder })
  const { status, body } = await post(`${url}/services/Stock`, '<quote><symbol>IBM</symbol></quote>', XML)
  t.strictSame([status, body], [200, '<price>42</price>'])
  t.strictSame(stock.requests.map(({ body }) => body), ['<quote><symbol>IBM</symbol></quote>'])
  await stock.stop()
  const failed = await post(`${url}/services/Stock`, '<quote/>', XML)
  t.equal(failed.status, 503)
  t.match(failed.body, /^{"error": "Error while connecting to the endpoint/)
})
