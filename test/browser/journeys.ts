import t from 'tap'
import { freePort } from '../support/free-port.js'
import { open, VIEWS, violations } from './browser.js'
import { TOKEN } from './demonstration.js'
import { gateway, rowOf, sendUntil } from './outage-gateway.js'

/**
 * An operator's way through an outage, in a real browser: back-ends die and come back while the page is open.
 * `journeys.md` beside this file says which test shows which journey.
 *
 *     npm run test:browser
 */
for (const [view, more] of VIEWS) {
  t.test(`an outage from its begin to its end, ${view}`, async t => {
    const setup = await gateway(t, { initialDuration: 6_000 })
    const [first] = setup.backends
    const page = await open(t, setup, { ...more })
    await page.waitForSelector('h1:text("All 2 endpoints are available")')
    const icon = async (): Promise<string | null> => await page.getAttribute('link[rel=icon]', 'data-state')
    t.equal(await icon(), 'available')

    await first!.stop()
    await sendUntil(setup, 'orders-1', 'suspended')
    await page.waitForSelector('h1:text("1 of 2 endpoints is out")')
    await rowOf(page, 'orders-1').getByText('Suspended').waitFor()
    t.match(await rowOf(page, 'orders-1').textContent(), /Suspended0:\d\d.*refused/, 'with countdown and cause')
    t.match(await page.title(), /^\(1 out\) /)
    t.equal(await icon(), 'out')
    await page.locator('p[role=status].aside', { hasText: '1 of 2 endpoints is out' }).waitFor({ state: 'attached' })
    t.strictSame(await violations(page), [], 'while one is out')

    await first!.start()
    await rowOf(page, 'orders-1').getByText('Half-open').waitFor()
    await page.waitForSelector('h1:text("1 of 2 endpoints is half-open")')
    const entry = page.locator('.attention li.state-half-open:has(.icon.state-half-open)')
    t.match(await entry.textContent(), /orders-1 is half-open: the next message tries it.*refused/)
    t.equal(await page.locator('.attention li').count(), 1)
    t.notMatch(await page.title(), / out\)/)
    t.strictSame(await violations(page), [], 'while one is half-open')
    await sendUntil(setup, 'orders-1', 'active')
    await rowOf(page, 'orders-1').getByText('Active').waitFor()
    await page.waitForSelector('h1:text("All 2 endpoints are available")')
    t.equal(await page.locator('.attention').count(), 0, 'nothing needs attention')
    t.equal(await icon(), 'available')
  })

  t.test(`all members are out, ${view}`, async t => {
    const setup = await gateway(t)
    const page = await open(t, setup, { ...more })
    for (const each of setup.backends) await each.stop()
    t.ok((await setup.send()) >= 500)
    await page.waitForSelector('.attention li:first-child >> text=OrdersLB: no member available')
    t.match(await page.textContent('p[role=alert].aside'), 'OrdersLB: no member available')
    t.equal(await page.getAttribute('link[rel=icon]', 'data-state'), 'noMember')
    t.match(await page.textContent('.attention li:first-child'), /Clients of Orders get faults since /)
    t.strictSame(await violations(page), [])
  })
}

t.test('a change of states moves nothing under the pointer, and keeps the selection', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup, { viewport: { width: 900, height: 320 } })
  await rowOf(page, 'orders-2').waitFor()
  const mark = 'document.querySelector("td a b")'
  await page.evaluate(`scrollTo(0, 120); getSelection().selectAllChildren(${mark})`)
  const top = async (): Promise<number> => Number(await page.evaluate(`${mark}.getBoundingClientRect().top`))
  const before = await top()
  setup.app.endpointRegistry.switchOff('orders-2')
  await rowOf(page, 'orders-2').getByText('Off').first().waitFor()
  t.ok(Math.abs((await top()) - before) < 3, 'the rows stand where they stood')
  t.equal(await page.evaluate('String(getSelection())'), 'orders-1')
})

t.test('suspensions grow as the details of the endpoint show, and agree with the admin API to the second', async t => {
  const setup = await gateway(t, { initialDuration: 1_000 })
  await setup.backends[0]!.stop()
  const page = await open(t, setup)
  await page.click('a:has-text("orders-1")')
  await page.waitForSelector('.drawer .ladder')
  const steps = await page.locator('.drawer .ladder li').allTextContents()
  t.strictSame(steps, ['1 s', '2 s', '4 s', '8 s', '16 s', '32 s'])
  for (const step of ['1 s', '2 s', '4 s']) {
    await sendUntil(setup, 'orders-1', 'suspended')
    await page.waitForSelector(`.drawer .ladder [aria-current=step]:text("${step}")`)
    if (step === '4 s') break
    await page.waitForSelector('.drawer > p:has-text("Half-open")')
  }
  const headers = { authorization: `Bearer ${TOKEN}` }
  const { nextRetry } = (await (await fetch(`${setup.url}/admin/endpoints/orders-1`, { headers })).json()) as {
    nextRetry: string
  }
  const shown = await page.textContent('.attention .retry')
  const clock = await page.evaluate(iso => new Date(iso).toLocaleTimeString('en-GB'), nextRetry)
  t.match(shown, clock)
})

t.test('signing in: a wrong token, the right one, a reload, another tab, too many wrong ones', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.reload()
  await page.waitForSelector('input[name=token]')
  t.pass('a reload asks again: the token was in the memory of the page')
  await page.fill('input[name=token]', TOKEN)
  await page.check('input[name=keep]')
  await page.click('text=Sign in >> nth=-1')
  await page.waitForSelector('.connection.live')
  await page.reload()
  await page.waitForSelector('.connection.live')
  t.notMatch(page.url(), TOKEN)
  t.notMatch(String(await page.evaluate('JSON.stringify({ ...localStorage }) + document.cookie')), TOKEN)
  const other = await page.context().newPage()
  await other.goto(`${setup.url}/admin/`)
  await other.waitForSelector('input[name=token]')
  for (let attempt = 0; attempt < 10; attempt++) {
    await other.fill('input[name=token]', `wrong-${attempt}`)
    const refused = other.waitForResponse(each => each.status() === 401)
    await other.click('text=Sign in >> nth=-1')
    await refused
  }
  await other.fill('input[name=token]', 'wrong-again')
  await other.click('text=Sign in >> nth=-1')
  await other.waitForSelector('text=too many wrong tokens from this address')
})

for (const [view, more] of VIEWS) {
  t.test(`an endpoint is drained, watched and switched off, ${view}`, async t => {
    const setup = await gateway(t)
    const bound = async (): Promise<number> => setup.app.endpointRegistry.groups.get('OrdersLB')!.sessions!.size
    for (let n = 0; n < 6; n++) await setup.send(`client-${n}`)
    t.equal(await bound(), 6)
    const page = await open(t, setup, { ...more })
    await page.click('[aria-label="Actions of orders-1"]')
    await page.click('.menu:popover-open >> text=Drain…')
    await page.locator('dialog dd', { hasText: /^3$/ }).waitFor()
    t.match(await page.textContent('dialog'), /Requests in flight0Sessions bound here3Other members .*orders-2/)
    t.strictSame(await violations(page), [], 'the dialog')
    await page.click('dialog >> text=Drain >> nth=-1')
    await rowOf(page, 'orders-1').getByText('Draining').first().waitFor()
    const before = setup.backends[0]!.requests.length
    for (let n = 10; n < 16; n++) await setup.send(`client-${n}`)
    t.equal(setup.backends[0]!.requests.length, before, 'no new session goes there')
    await page.waitForSelector('.attention >> text=3 of 3 sessions remain')
    setup.app.endpointRegistry.releaseSessions('OrdersLB', 'orders-1')
    await page.waitForSelector('.attention >> text=0 of 3 sessions remain')
    await page.click('.attention >> text=Nothing is left: switch off…')
    await page.click('dialog >> text=Switch off >> nth=-1')
    await rowOf(page, 'orders-1').getByText('Off').waitFor()
    await page.click('.notice >> text=Undo')
    await rowOf(page, 'orders-1').getByText('Draining').first().waitFor()
    t.notMatch(await page.content(), /client-\d/, 'no session id is shown')
  })
}

t.test('a gateway that restarts is followed without a reload of the page', async t => {
  const port = await freePort()
  const before = await gateway(t, { port })
  const page = await open(t, before)
  before.app.endpointRegistry.switchOff('orders-1')
  await rowOf(page, 'orders-1').getByText('Off').waitFor()
  await before.app.close()
  await page.waitForSelector('.band')
  await gateway(t, { port })
  await page.waitForSelector('.notice >> text=/restarted. What was switched by hand is forgotten/')
  await rowOf(page, 'orders-1').getByText('Active').waitFor()
  t.equal(await page.locator('.band').count(), 0)
})
