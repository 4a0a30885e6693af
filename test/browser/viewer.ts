import t from 'tap'
import { goTo, open } from './browser.js'
import { demonstrate } from './demonstration.js'
import { gateway, rowOf } from './outage-gateway.js'

/**
 * What viewers see, in a real browser: the page with a view token, its charts, and the WSDL of a proxy.
 *
 *     npm run test:browser
 */
const VIEW_TOKEN = 'only-look'

t.test('with the view token the page is read-only, and stays signed in when it is opened again', async t => {
  const setup = await gateway(t, { viewToken: VIEW_TOKEN })
  const page = await open(t, setup, {}, null, async page => {
    await page.goto(`${setup.url}/admin/`)
    await page.fill('input[name=token]', VIEW_TOKEN)
    await page.check('input[name=keep]')
    await page.click('text=Sign in >> nth=-1')
    await page.waitForSelector('.connection.live')
  })
  t.match(await page.textContent('.top .role'), 'may only look')
  await page.click('[aria-label="Actions of orders-1"]')
  t.match(await page.textContent('.menu:popover-open'), /The view token may only look/)
  t.equal(await page.locator('.menu:popover-open button:has-text("Switch")').count(), 0)
  await page.keyboard.press('Escape')
  await setup.backends[0]!.stop()
  while ((await setup.send()) && (await rowOf(page, 'orders-1').getByText('Suspended').count()) === 0);
  t.equal(await page.locator('.attention button').count(), 0, 'what needs attention has no buttons either')
  await goTo(page, 'Messages')
  await page.waitForSelector('main >> text=/Sources and messages are shown with the admin token only/')
  const again = await page.context().newPage()
  await again.goto(`${setup.url}/admin/console/#/?wall`)
  await again.waitForSelector('h1:text("1 of 2 endpoints is out")')
  await again.close()
  await page.click('.sign-out')
  await page.waitForSelector('input[name=token]')
  await page.reload()
  await page.waitForSelector('input[name=token]')
})

t.test('charts spread the recorded time over their width, and mark the time before it as empty', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  for (let n = 0; n < 5; n++) await setup.send()
  const chart = page.locator('.tile .sparkline').first()
  await chart.locator('path.before').waitFor({ state: 'attached' })
  await chart.locator('path.area').waitFor({ state: 'attached' })
  t.match(await chart.getAttribute('aria-label'), /^Requests, last 3\d s$/)
})

t.test('the WSDL of a proxy is shown as clients get it, and downloaded', async t => {
  const setup = await demonstrate()
  t.teardown(setup.close)
  const page = await open(t, setup)
  await page.evaluate('location.hash = "#/proxies/OrdersProxy"')
  await page.click('.facts button:has-text("WSDL")')
  await page.waitForSelector('dialog pre:has-text("placeOrder")')
  t.match(await page.textContent('dialog pre'), /location="[^"]*\/services\/OrdersProxy/, 'with the address of the proxy')
  const download = page.waitForEvent('download')
  await page.click('dialog >> text=Download')
  t.equal((await download).suggestedFilename(), 'OrdersProxy.wsdl')
})
