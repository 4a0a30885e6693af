import t from 'tap'
import { goTo, open, violations } from './browser.js'
import { gatewayProcess } from './gateway-process.js'
import { gateway } from './outage-gateway.js'

/**
 * What needs attention of the gateway itself, in a real browser: its process is busy, its buffers have no room.
 *
 *     npm run test:browser
 */
const NS = 'http://ws.apache.org/ns/synapse'
const PROXY = `<proxy name="Orders" xmlns="${NS}"><target>
  <endpoint name="orders-1"><address uri="http://127.0.0.1:9/"/></endpoint>
</target></proxy>`
/** The share of a minute counts; on a busy machine it takes longer until the page shows it. */
const MINUTES_MS = 300_000

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
  const scene = await gateway(t, { bufferBudget: 0 })
  const page = await open(t, scene)
  await page.locator('.tile', { hasText: 'Requests' }).getByText('0', { exact: true }).waitFor()
  for (let n = 0; n < 3; n++) t.equal(await scene.send(), 200)
  t.strictSame(scene.backends.flatMap(({ requests }) => requests.map(({ body }) => body)), ['x', 'x', 'x'])
  const entry = page.locator('.attention li', { hasText: 'Bodies have no room in the buffers' })
  await entry.getByText('3 in the last minute: such a message is not sent again where an endpoint fails.').waitFor()
  t.strictSame(await violations(page), [])
})
