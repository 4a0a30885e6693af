import type { ServerResponse } from 'node:http'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { MAX_CAPTURED } from '../../plugins/recording/recorder.js'
import { backend } from '../support/backend.js'
import { freePort } from '../support/free-port.js'
import { until } from '../support/until.js'
import { goTo, open, violations } from './browser.js'
import { TOKEN } from './demonstration.js'
import { gatewayProcess } from './gateway-process.js'
import { gateway } from './outage-gateway.js'

/**
 * What needs attention of the gateway itself, in a real browser: its process is busy, its buffers, or those of a
 * recording, have no room.
 *
 *     npm run test:browser
 */
const NS = 'http://ws.apache.org/ns/synapse'
const PROXY = `<proxy name="Orders" xmlns="${NS}"><target>
  <endpoint name="orders-1"><address uri="http://127.0.0.1:9/"/></endpoint>
</target></proxy>`
/** The share of a minute counts; on a busy machine it takes longer until the page shows it. */
const MINUTES_MS = 300_000
/** Bytes of each body that a recording keeps at most. */
const KEPT = 16_384

t.test('a gateway whose process is busy for a minute needs attention until it is not', async t => {
  const { url, setBusy } = await gatewayProcess(t, t.testdir({ 'proxy-services': { 'Orders.xml': PROXY } }))
  const page = await open(t, { url })
  const entry = page.locator('.attention li', { hasText: 'The gateway is busy' })
  setBusy(true)
  t.equal(await entry.count(), 0, 'not at once')
  await entry.waitFor({ timeout: MINUTES_MS })
  t.match(await entry.textContent(), /Its process has worked for (8\d|9\d|100) % of the last minute\./)
  t.strictSame(await violations(page), [])
  await goTo(page, 'Events')
  await page.waitForSelector('h1:text("Events")')
  await goTo(page, 'Overview')
  await entry.waitFor()
  setBusy(false)
  await entry.waitFor({ state: 'detached', timeout: MINUTES_MS })
})

t.test('bodies that have no room in the buffers need attention, and are forwarded', async t => {
  const setup = await gateway(t, { bufferBudget: 0 })
  const page = await open(t, setup)
  await page.locator('.tile', { hasText: 'Requests' }).getByText('0', { exact: true }).waitFor()
  for (let n = 0; n < 3; n++) t.equal(await setup.send(), 200)
  t.strictSame(setup.backends.flatMap(({ requests }) => requests.map(({ body }) => body)), ['x', 'x', 'x'])
  const entry = page.locator('.attention li', { hasText: 'Bodies have no room in the buffers' })
  await entry.getByText('3 in the last minute: such a message is not sent again where an endpoint fails.').waitFor()
  t.strictSame(await violations(page), [])
})

t.test('a message whose bodies find no room beside those of messages on their way is shown without them, with the reason', async t => {
  const held: ServerResponse[] = []
  const slow = await backend(t, 'slow', (_seen, response) => held.push(response))
  const down = await freePort()
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const to = (name: string, uri: string): object => ({ in: [{ kind: 'send', endpoint: { kind: 'address', name, uri } }] })
  const downUri = `http://127.0.0.1:${down}/`
  const proxies = { Slow: to('slow', slow.uri), First: to('down-1', downUri), Second: to('down-2', downUri) }
  await app.register(proxyServices, { definitions: { proxies } as object })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ minutes: 5, only: 'failed', bytes: KEPT })
  t.equal((await fetch(`${url}/admin/recording`, { method: 'POST', headers, body })).status, 200)
  const send = async (proxy: string, text: string): Promise<unknown> => await (await fetch(`${url}/services/${proxy}`, {
    method: 'POST', headers: { 'content-type': 'text/plain' }, body: text
  })).text()

  const page = await open(t, { url })
  await goTo(page, 'Messages')
  // Each of them is captured twice: as it came in, and as it was sent.
  const slowOnes = Array.from({ length: MAX_CAPTURED / KEPT / 2 }, async () => await send('Slow', 'a'.repeat(KEPT)))
  await until(() => held.length === slowOnes.length, 'all of them wait for the back-end')
  await send('First', 'without room')
  await page.click('.message-list li:has-text("First") >> button')
  await page.click('[role=tab]:has-text("Request")')
  await page.waitForSelector('text=the bodies of messages on their way took all the memory of the recording')
  t.equal(await page.locator('.body-lines').count(), 0)

  for (const response of held) response.end('done')
  await Promise.all(slowOnes)
  await send('Second', 'with room again')
  await page.click('.message-list li:has-text("Second") >> button')
  await page.click('[role=tab]:has-text("Request")')
  await page.waitForSelector('.body-lines >> text=with room again')
})
