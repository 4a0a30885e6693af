import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { open, VIEWS, violations } from './browser.js'
import { demonstrate, type Demonstration } from './demonstration.js'

/**
 * Recorded messages in a real browser.
 *
 *     npm run test:browser
 */
async function record (t: Test, more: object = {}): Promise<{ page: Page; scene: Demonstration }> {
  const scene = await demonstrate()
  t.teardown(scene.close)
  const page = await open(t, { url: scene.url }, more)
  await page.click('nav >> text=Messages')
  await page.click('text=Start recording')
  await page.waitForSelector('text=Recording')
  return { page, scene }
}

t.test('a recording shows messages as they pass, with hops and why', async t => {
  const { page, scene } = await record(t)
  await scene.traffic(10)
  await page.click('.message-list >> text=/orders-2.*→/ >> nth=0')
  await page.waitForSelector('.why >> text=/orders-2: .*The next member was tried/')
  await page.waitForSelector('.why >> text=/The client got 200/')
  await page.click('[role=tab]:has-text("Request")')
  await page.waitForSelector('.head >> text=hidden')
  t.notMatch(await page.content(), /b3BlcmF0b3I6aHVudGVyMg|client-0/, 'no secret and no session id')
})

t.test('the filter chooses messages and is part of the address', async t => {
  const { page, scene } = await record(t)
  await scene.traffic(10)
  await page.waitForSelector('.message-list >> text=StockProxy')
  await page.fill('[aria-label="Filter messages"]', 'proxy:customer')
  await page.waitForSelector('.message-list >> text=StockProxy', { state: 'detached' })
  t.match(page.url(), /q=proxy%3Acustomer/)
})

t.test('a recording is stopped and cleared', async t => {
  const { page, scene } = await record(t)
  await scene.traffic(5)
  await page.waitForSelector('.message-list button')
  await page.click('text=Stop')
  await page.click('text=Clear')
  await page.waitForSelector('text=Nothing is recorded')
  t.strictSame(
    [...scene.app.proxyServices].map(({ recorder }) => recorder),
    [undefined]
  )
})

for (const [name, more] of VIEWS) {
  t.test(`messages are accessible, ${name}`, async t => {
    const { page, scene } = await record(t, { ...more, bypassCSP: true })
    await scene.traffic(5)
    await page.click('.message-list button >> nth=0')
    await page.waitForSelector('.why li')
    t.strictSame(await violations(page), [])
  })
}
