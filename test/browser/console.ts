import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { browser, goTo, open, VIEWS, violations } from './browser.js'
import { TOKEN } from './demonstration.js'
import { freePort } from '../support/free-port.js'

/**
 * The console in a real browser: what operators see and switch.
 *
 *     npm run test:browser
 */
interface Setup {
  readonly app: FastifyInstance
  readonly url: string
  readonly call: (proxy?: string) => Promise<number>
}

/** A gateway with a group of which one member cannot be reached, a group without any, and a name that is markup. */
async function gateway (t: Test, options: object = { token: TOKEN }): Promise<Setup> {
  const up = await backend(t, 'up')
  const down = `http://127.0.0.1:${await freePort()}/`
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const group = (name: string, ...members: object[]): object =>
    ({ in: [{ kind: 'send', endpoint: { kind: 'loadbalance', name, members } }] })
  const address = (name: string, uri: string): object => ({ kind: 'address', name, uri })
  await app.register(proxyServices, {
    definitions: {
      proxies: {
        Orders: group('OrdersLB', address('orders-1', down), address('orders-2', up.uri)),
        Legacy: group('CRM', address('crm-a', down), address('<img src=x onerror=alert(1)>', down))
      }
    } as object
  })
  await app.register(admin, { prefix: '/admin', console: true, ...options })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const call = async (proxy = 'Orders'): Promise<number> =>
    (await fetch(`${url}/services/${proxy}`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' })).status
  return { app, url, call }
}

t.test('states appear as they change, without a reload of the page', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.waitForSelector('h1:text("All 4 endpoints are available")')
  t.equal(await setup.call(), 200)
  await page.waitForSelector('h1:text("1 of 4 endpoints is out")')
  t.match(await page.textContent('.attention'), /orders-1 is suspended.*refused/)
  await setup.call('Legacy')
  await page.waitForSelector('.attention >> text=CRM: no member available')
  t.match(await page.title(), /^\(3 out\) /)
})

t.test('an endpoint is drained after a confirmation, and undone', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.click('[aria-label="Actions of orders-2"]')
  await page.click('.menu:popover-open >> text=Drain…')
  t.match(await page.textContent('dialog'), /Drain orders-2\?.*orders-1/)
  await page.click('dialog >> text=Drain >> nth=-1')

  await page.waitForSelector('tr:has-text("orders-2") >> text=Draining')
  t.equal(setup.app.endpointRegistry.endpoints.get('orders-2')!.health.state, 'draining')
  await page.click('.notice >> text=Undo')
  await page.waitForSelector('tr:has-text("orders-2") >> text=Active')
})

t.test('switching off the last member warns that clients will get faults', async t => {
  const setup = await gateway(t)
  await setup.call()
  const page = await open(t, setup)
  await page.click('[aria-label="Actions of orders-2"]')
  await page.click('.menu:popover-open >> text=Switch off…')
  t.match(await page.textContent('dialog'), /No other member is available: clients of Orders get faults/)
  t.ok(await page.isDisabled('dialog footer >> text=Switch off'), 'its name has to be typed')
  await page.fill('dialog input', 'orders-2')
  t.ok(await page.isEnabled('dialog footer >> text=Switch off'))
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  const { state } = setup.app.endpointRegistry.endpoints.get('orders-2')!.health
  t.equal(state, 'active', 'nothing is done without confirmation')
})

t.test('a switch is refused with a reason if its endpoint has changed meanwhile', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.click('[aria-label="Actions of orders-2"]')
  await page.click('.menu:popover-open >> text=Drain…')
  await page.route('**/endpoints/*', async route => {
    setup.app.endpointRegistry.switchOff('orders-2')
    await route.continue()
  })
  await page.click('dialog >> text=Drain >> nth=-1')
  await page.waitForSelector('.notice >> text=/is off by now/')
})

t.test('a recording needs attention until it is stopped there', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup, {})
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const recording = `${setup.url}/admin/recording`
  const body = JSON.stringify({ minutes: 5, by: 'ops' })
  t.equal((await fetch(recording, { method: 'POST', headers, body })).status, 200)
  await page.waitForSelector('.attention >> text=Messages are recorded')
  t.match(await page.textContent('.attention'), /Started by ops\. Ends at \d\d:\d\d:\d\d \([45]:\d\d left\)\./)
  t.strictSame(await violations(page), [])
  await page.click('.attention >> text=Stop recording')
  await page.waitForSelector('.attention', { state: 'detached' })
  const { isRunning } = (await (await fetch(recording, { headers })).json()) as { isRunning: boolean }
  t.equal(isRunning, false)
})

t.test('without a token the page is read-only, and explains why', async t => {
  const setup = await gateway(t, {})
  const page = await open(t, setup, {}, null)
  await page.click('[aria-label="Actions of orders-2"]')
  t.match(await page.textContent('.menu:popover-open'), /Without a token the console may only look/)
  t.equal(await page.locator('.menu:popover-open >> text=/Drain|Switch|Try/').count(), 0)
})

t.test('a wrong token is refused in the form', async t => {
  const setup = await gateway(t)
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  await page.goto(`${setup.url}/admin/console/`)
  await page.fill('input[name=token]', 'wrong')
  await page.click('text=Sign in >> nth=-1')
  await page.waitForSelector('text=the token is missing or wrong')
})

t.test('a page that loses its gateway reports it, and keeps the last known state', async t => {
  const setup = await gateway(t)
  await setup.call()
  const page = await open(t, setup)
  await page.waitForSelector('h1:text("1 of 4 endpoints is out")')
  await setup.app.close()
  await page.waitForSelector('.band')
  t.match(await page.textContent('h1'), '1 of 4 endpoints is out')
})

t.test('an endpoint opens in a drawer by its link, with its events and settings', async t => {
  const setup = await gateway(t)
  await setup.call()
  const page = await open(t, setup)
  await page.click('a:has-text("orders-1")')
  await page.waitForSelector('.drawer >> text=First suspension, ms')
  t.match(await page.textContent('.drawer'), /orders-1 is suspended/)
  await page.keyboard.press('Escape')
})

t.test('the details of an endpoint have its last failures with what their codes mean, and faults by status', async t => {
  const setup = await gateway(t)
  await setup.call()
  const page = await open(t, setup)
  await page.click('a:has-text("orders-1")')
  const failures = page.locator('.drawer .failures li')
  await failures.first().waitFor()
  t.equal(await failures.count(), 1)
  t.match(await failures.textContent(), /\d\d:\d\d:\d\d 101503 .*refused.*There is no connection/)
  t.match(await page.textContent('.drawer'), /Failures with 1015031/)
  await page.keyboard.press('Escape')
  await page.click('a:has-text("orders-2")')
  await page.waitForSelector('.drawer >> text=No attempt has failed since the gateway started.')
})

t.test('the filter is part of the address of the page', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.fill('[aria-label="Filter by name or address"]', 'crm')
  await page.waitForSelector('tr:has-text("orders-2")', { state: 'detached' })
  t.match(page.url(), /\?q=crm$/)
})

t.test('names that contain markup are shown as text', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.waitForSelector('td >> text=<img src=x onerror=alert(1)>')
  t.equal(await page.locator('td img').count(), 0)
})

for (const [name, more] of VIEWS) {
  t.test(`every page is accessible, ${name}`, async t => {
    const setup = await gateway(t)
    await setup.call()
    await setup.call('Legacy')
    const page = await open(t, setup, { ...more })
    for (const link of ['Overview', 'Groups', 'Proxies', 'Events']) {
      await goTo(page, link)
      await page.waitForSelector('h1')
      t.strictSame(await violations(page), [], link)
    }
  })
}
