import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { goTo, open } from './browser.js'
import { demonstrate, type Demonstration } from './demonstration.js'

/**
 * The parts of a group in a real browser: its members, its sessions and its events.
 *
 *     npm run test:browser
 */
async function group (t: Test, name = 'OrdersLB'): Promise<{ page: Page; setup: Demonstration }> {
  const setup = await demonstrate()
  t.teardown(setup.close)
  await setup.traffic(20)
  const page = await open(t, setup)
  await goTo(page, 'Groups')
  await page.click(`td >> text=${name}`)
  await page.waitForSelector(`h1:text("${name}")`)
  return { page, setup }
}

t.test('members of a group are its rows of the overview, with their actions', async t => {
  const { page } = await group(t)
  await page.click('.parts >> text=Members')
  await page.waitForSelector('tr:has-text("orders-2") >> text=Suspended')
  t.strictSame((await page.locator('table.endpoints td:first-child b').allTextContents()).toSorted(), [
    'orders-1', 'orders-2', 'orders-3'
  ])
  await page.click('[aria-label="Actions of orders-1"]')
  await page.click('.menu:popover-open >> text=Drain…')
  await page.waitForSelector('dialog >> text=Drain orders-1?')
})

t.test('sessions of a group are counted by member, and looked up there', async t => {
  const { page, setup } = await group(t)
  await page.waitForSelector('.parts .badge:text("16")')
  await page.click('.parts >> text=Sessions')
  await page.waitForSelector('h2:has-text("16 sessions bound")')
  await page.waitForSelector('text=/end 10 min after their last message · at most 1,000,000 · 0 evicted/')
  await page.fill('input[type=password]', 'client-0')
  await page.click('text=Look up')
  const owner = setup.app.endpointRegistry.sessionOwner('OrdersLB', 'client-0')!
  await page.waitForSelector(`.lookup >> text=The session is bound to ${owner}, which is active.`)
})

t.test('events of a group are those of its members', async t => {
  const { page } = await group(t)
  await page.click('.parts >> text=Events')
  await page.waitForSelector('.events >> text=/orders-2 is suspended/')
  t.equal(await page.locator('.events >> text=/crm-/').count(), 0)
  t.equal(await page.locator('.timelines li').count(), 1)
})

t.test('a link to a removed group reports it, and suggests similar names', async t => {
  const { page } = await group(t)
  await page.evaluate('location.hash = "#/groups/OrdersLX/members"')
  await page.waitForSelector('text=/No group is called OrdersLX now. It may have gone with the reload at/')
  await page.click('main >> text=OrdersLB')
  await page.waitForSelector('h1:text("OrdersLB")')
})

t.test('a group without sessions is shown as such', async t => {
  const { page } = await group(t, 'CustomersFO')
  await page.click('.parts >> text=Sessions')
  await page.waitForSelector('text=This group has no sessions.')
})
