import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { open, VIEWS, violations, waitForValue } from './browser.js'
import { demonstrate, type Demonstration } from './demonstration.js'

/**
 * Proxies in a real browser: their flow, messages that are tried, and explanations.
 *
 *     npm run test:browser
 */
async function proxies (t: Test, more: object = {}): Promise<{ page: Page; scene: Demonstration }> {
  const scene = await demonstrate()
  t.teardown(scene.close)
  const page = await open(t, { url: scene.url }, more)
  await page.click('nav >> text=Proxies')
  return { page, scene }
}

async function proxy (t: Test, more: object = {}): Promise<{ page: Page; scene: Demonstration }> {
  const opened = await proxies(t, more)
  await opened.page.click('td >> text=OrdersProxy')
  await opened.page.waitForSelector('.flow')
  return opened
}

t.test(
  'the flow of a proxy shows its mediators, its group with live members, and what follows a failure',
  async t => {
    const { page, scene } = await proxy(t)
    t.match(
      await page.textContent('.flow .lane >> nth=0'),
      /header.*Action = urn:placeOrder.*log.*order.*send.*to OrdersLB/
    )
    t.match(await page.textContent('.target'), /OrdersLB round robin · Client ID.*orders-1.*orders-2.*orders-3/)
    t.match(await page.textContent('.fault-lane'), /errorHandler.*makefault.*COULDN'T SEND/)
    await scene.traffic(5)
    await page.waitForSelector('.member.is-out:has-text("orders-2") >> text=Suspended')
    await page.click('.member >> text=orders-2')
    await page.waitForSelector('.drawer >> text=/orders-2/')
    await page.click('.drawer [aria-label=Close]')
    await page.click('.step >> text=header')
    await page.waitForSelector('.file-head >> text=OrdersProxy.xml')
  }
)

t.test('the list of proxies shows their traffic', async t => {
  const { page, scene } = await proxies(t)
  for (;;) {
    await scene.traffic(10)
    const row = (await page.textContent('tr:has-text("OrdersProxy")')) ?? ''
    if (/Running[1-9]/.test(row)) return t.pass(row)
    await page.waitForTimeout(300)
  }
})

t.test('a message made from the WSDL is tried, and its response says who gave it and why', async t => {
  const { page } = await proxy(t)
  await page.waitForSelector('textarea[aria-label=Body]')
  await waitForValue(page, 'textarea[aria-label=Body]', value => value.includes('<m0:quantity>0</m0:quantity>'))
  t.match(await page.inputValue('textarea[aria-label=Headers]'), 'soapaction: "urn:placeOrder"')
  await page.click('text=Send a real message')
  await page.waitForSelector('.try-out >> text=/200 from orders-[13]/')
  await page.waitForSelector('.try-out pre:has-text("placeOrderResponse")')
  t.match(await page.textContent('.try-out .why'), /orders-\d.*responded with 200.*The client got 200/)
  await page.selectOption('[aria-label=Operation]', 'cancelOrder')
  await waitForValue(page, 'textarea[aria-label=Body]', value => value.includes('cancelOrder'))
})

t.test('ten messages spread over the members as the algorithm says', async t => {
  const { page } = await proxy(t)
  await page.fill(
    'textarea[aria-label=Body]',
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>'
  )
  await page.click('text=Send 10 times')
  await page.waitForSelector('.try-out select >> text=/^10: /', { state: 'attached' })
  const spread = await page.locator('.spread li').allTextContents()
  t.strictSame(
    spread.map(each => each.replace(/\s/g, '')),
    ['orders-15', 'orders-35']
  )
})

t.test('a header that is malformed is said before it is sent', async t => {
  const { page } = await proxy(t)
  await page.fill('textarea[aria-label=Headers]', 'no colon')
  await page.waitForSelector('text=/Write each header as/')
  t.ok(await page.isDisabled('text=Send a real message'))
})

t.test('without a token nothing is sent, and the page says why', async t => {
  const scene = await demonstrate({})
  t.teardown(scene.close)
  const page = await open(t, scene, {}, null)
  await page.click('nav >> text=Proxies')
  await page.click('td >> text=OrdersProxy')
  await page.waitForSelector('.try >> text=/Without a token the console may only look/')
  t.ok(await page.isDisabled('text=Send a real message'))
  t.match(await page.textContent('.flow'), 'Action = …', 'values of the configuration are not shown')
})

t.test('an explanation has live states, and what is supposed changes it', async t => {
  const { page, scene } = await proxies(t)
  await scene.traffic(5)
  await page.click('nav >> text=Explain')
  await page.selectOption('[aria-label=Proxy]', 'CustomerProxy')
  await page.click('button.primary >> text=Explain')
  await page.waitForSelector('.why >> text=/passes over crm-a: suspended for another/')
  await page.click('text=As if nothing had happened')
  await page.click('.suppose >> text=crm-a')
  await page.click('button.primary >> text=Explain')
  await page.waitForSelector('.why >> text=/if that fails, sends POST http/')
  t.match(await page.textContent('.why'), /CustomersFO \(failover\) begins with crm-a.*if that fails, responds 200/)
})

t.test('a recorded message is explained', async t => {
  const { page, scene } = await proxies(t)
  await page.click('nav >> text=Messages')
  await page.click('text=Start recording')
  await page.waitForSelector('text=Recording')
  await scene.traffic(1)
  await page.waitForSelector('.message-list button')
  await page.evaluate('location.hash = "#/explain?proxy=OrdersProxy&message=1"')
  await waitForValue(page, 'textarea.code', value => value.startsWith('POST /services/OrdersProxy HTTP/1.1'))
  await page.click('button.primary >> text=Explain')
  await page.waitForSelector('.why >> text=/responds/')
})

for (const [name, more] of VIEWS) {
  t.test(`proxies and explanations are accessible, ${name}`, async t => {
    const { page, scene } = await proxy(t, { ...more, bypassCSP: true })
    await scene.traffic(5)
    await page.waitForSelector('.member.is-out')
    await page.click('text=Send a real message')
    await page.waitForSelector('.try-out .why')
    t.strictSame(await violations(page), [], 'a proxy')
    await page.click('nav >> text=Explain')
    await page.click('button.primary >> text=Explain')
    await page.waitForSelector('.why li')
    t.strictSame(await violations(page), [], 'an explanation')
  })
}
