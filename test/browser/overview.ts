import t from 'tap'
import type { Page } from 'playwright-core'
import { open } from './browser.js'
import { gateway, rowOf, sendUntil, stateOf } from './outage-gateway.js'

/**
 * The overview in a real browser: sessions, sorting, groups, and what may be switched at once.
 *
 *     npm run test:browser
 */
const order = async (page: Page): Promise<string[]> => await page.locator('table.endpoints td:first-child b').allTextContents()

/** Waits until the endpoints stand in an order. */
async function waitForOrder (page: Page, ...names: readonly string[]): Promise<void> {
  while ((await order(page)).join() !== names.join()) await page.waitForTimeout(50)
}

t.test('the sessions of each endpoint, and of its group, are shown as they are bound and released', async t => {
  const setup = await gateway(t)
  for (let n = 0; n < 5; n++) await setup.send(`client-${n}`)
  const page = await open(t, setup)
  const sessions = (name: string) => rowOf(page, name).locator('td[data-label=Sessions]')
  await sessions('orders-1').getByText('3').waitFor()
  await sessions('orders-2').getByText('2').waitFor()
  await page.waitForSelector('tr.group >> text=HTTP header · 5 sessions bound')
  setup.app.endpointRegistry.releaseSessions('OrdersLB', 'orders-1')
  await sessions('orders-1').getByText('0').waitFor()
  await page.waitForSelector('tr.group >> text=2 sessions bound')
})

t.test('endpoints are sorted by any column, down, up, and as they are configured', async t => {
  const setup = await gateway(t)
  for (let n = 0; n < 3; n++) await setup.send(`client-${n}`)
  const page = await open(t, setup)
  await waitForOrder(page, 'orders-1', 'orders-2')
  await page.click('th >> text=Endpoint')
  t.equal(await page.getAttribute('th:has-text("Endpoint")', 'aria-sort'), 'ascending')
  await page.click('th >> text=Endpoint')
  await waitForOrder(page, 'orders-2', 'orders-1')
  t.match(page.url(), /sort=-name/)
  await page.click('th >> text=Endpoint')
  await waitForOrder(page, 'orders-1', 'orders-2')
  await page.click('th >> text=Sessions')
  await page.click('th >> text=Sessions')
  await waitForOrder(page, 'orders-2', 'orders-1')
})

t.test('rows keep their order while the pointer is on them, and are sorted again when it leaves', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await waitForOrder(page, 'orders-1', 'orders-2')
  await rowOf(page, 'orders-2').hover()
  await setup.backends[1]!.stop()
  await sendUntil(setup, 'orders-2', 'suspended')
  await rowOf(page, 'orders-2').getByText('Suspended').waitFor()
  await page.waitForTimeout(1_000)
  t.strictSame(await order(page), ['orders-1', 'orders-2'], 'nothing has moved under the pointer')
  await page.hover('h1')
  await waitForOrder(page, 'orders-2', 'orders-1')
})

t.test('all endpoints of a group are switched at once, and put back as each was', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  setup.app.endpointRegistry.drain('orders-2')
  await rowOf(page, 'orders-2').getByText('Draining').first().waitFor()
  await page.click('[aria-label="Actions of OrdersLB"]')
  await page.click('.menu:popover-open >> text=Switch off all…')
  t.match(await page.textContent('dialog'), /Switch off all of OrdersLB\?.*orders-1, orders-2.*clients of Orders get faults/)
  await page.fill('dialog input', 'OrdersLB')
  await page.click('dialog footer >> text=Switch off')
  await rowOf(page, 'orders-1').getByText('Off').waitFor()
  await rowOf(page, 'orders-2').getByText('Off').waitFor()
  await page.click('.notice >> text=Undo')
  await rowOf(page, 'orders-1').getByText('Active').waitFor()
  await rowOf(page, 'orders-2').getByText('Draining').first().waitFor()
  t.strictSame(['orders-1', 'orders-2'].map(name => stateOf(setup, name)), ['active', 'draining'])
})

t.test('a group without an available member is tried as a whole', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  for (const each of setup.backends) await each.stop()
  await setup.send()
  await page.waitForSelector('.attention >> text=2 of 2 out')
  for (const each of setup.backends) await each.start()
  await page.click('.attention >> text=Try all now')
  await page.waitForSelector('h1:text("All 2 endpoints are available")')
  await page.waitForSelector('.notice >> text=/2 endpoints switched on. The suspension cannot be put back/')
})

t.test('what an operator has switched off is not tried with its group, and is switched on by a choice of its own', async t => {
  const setup = await gateway(t)
  setup.app.endpointRegistry.switchOff('orders-2')
  await setup.backends[0]!.stop()
  await sendUntil(setup, 'orders-1', 'suspended')
  const page = await open(t, setup)
  const choose = async (label: string): Promise<void> => {
    await page.click('[aria-label="Actions of OrdersLB"]')
    await page.click(`.menu:popover-open >> text=${label}`)
  }
  await choose('Try all now')
  await rowOf(page, 'orders-1').getByText('Active').waitFor()
  await page.waitForSelector('.notice >> text=/OrdersLB: 1 endpoint switched on/')
  t.equal(stateOf(setup, 'orders-2'), 'off')
  await choose('Switch on all')
  await rowOf(page, 'orders-2').getByText('Active').waitFor()
  await page.click('.notice >> text=Undo')
  await rowOf(page, 'orders-2').getByText('Off').waitFor()
})

t.test('a name is found as one types, by the mouse and by the keyboard', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.keyboard.press('/')
  await page.keyboard.type('order')
  await page.waitForSelector('#found li >> nth=3')
  t.strictSame(await page.locator('#found li b').allTextContents(), ['Orders', 'OrdersLB', 'orders-1', 'orders-2'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForSelector('h1:text("OrdersLB"):focus')
  await page.fill('#find', 'orders-2')
  await page.click('#found li')
  await page.waitForSelector('.drawer h2:text("orders-2")')
  await page.fill('#find', 'nothing like it')
  await page.waitForSelector('#found >> text=Nothing has this name.')
  await page.keyboard.press('Escape')
  t.equal(await page.inputValue('#find'), '')
})

t.test('a link to a removed endpoint reports it, and suggests similar names', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.evaluate('location.hash = "#/endpoints/order-1"')
  await page.waitForSelector('.drawer >> text=No endpoint is called order-1 now.')
  await page.click('.drawer >> text=orders-1')
  await page.waitForSelector('.drawer h2:text("orders-1")')
  await page.evaluate('location.hash = "#/proxies/Order"')
  await page.waitForSelector('text=No proxy is called Order now.')
  t.equal(await page.getAttribute('main a:text("Orders")', 'href'), '#/proxies/Orders')
})

t.test('an endpoint on a phone is a card with its state and its numbers', async t => {
  const setup = await gateway(t)
  await setup.backends[0]!.stop()
  await sendUntil(setup, 'orders-1', 'suspended')
  const page = await open(t, setup, { viewport: { width: 390, height: 844 } })
  const card = (await rowOf(page, 'orders-1').boundingBox())!
  t.ok(card.width <= 390 && card.height > 60, 'it is as wide as the phone, and higher than a row')
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 390, 'nothing is wider than the phone')
})
