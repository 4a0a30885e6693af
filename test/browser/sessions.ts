import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { open, VIEWS, violations } from './browser.js'
import { demonstrate, type Demonstration } from './demonstration.js'

/**
 * Sessions in a real browser.
 *
 *     npm run test:browser
 */
async function sessions (t: Test, more: object = {}): Promise<{ page: Page, scene: Demonstration }> {
  const scene = await demonstrate()
  t.teardown(scene.close)
  await scene.traffic(20)
  const page = await open(t, { url: scene.url }, more)
  await page.click('nav >> text=Sessions')
  await page.waitForSelector('h2:has-text("16 sessions bound")')
  return { page, scene }
}

t.test('a session is looked up and released; its id is shown nowhere', async t => {
  const { page, scene } = await sessions(t)
  const owner = scene.app.endpointRegistry.sessionOwner('OrdersLB', 'client-0')!
  await page.fill('input[type=password]', 'client-0')
  await page.click('text=Look up')
  await page.waitForSelector(`.lookup >> text=The session is bound to ${owner}`)
  t.notMatch(page.url(), /client-0/)
  await page.click('text=Release it')
  await page.waitForSelector('.notice >> text=The session is released')
  t.equal(scene.app.endpointRegistry.sessionOwner('OrdersLB', 'client-0'), undefined)
  await page.waitForSelector('h2:has-text("15 sessions bound")')
  await page.fill('input[type=password]', 'client-0')
  await page.click('text=Look up')
  await page.waitForSelector('.lookup >> text=bound to no member')
})

for (const [name, more] of VIEWS) {
  t.test(`sessions are accessible, ${name}`, async t => {
    const { page } = await sessions(t, { ...more, bypassCSP: true })
    t.strictSame(await violations(page), [])
  })
}
