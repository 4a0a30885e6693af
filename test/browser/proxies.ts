import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import proxyServices, { admin } from '../../plugins/index.js'
import { goTo, open, VIEWS, violations, waitForValue } from './browser.js'
import { demonstrate, TOKEN, type Demonstration } from './demonstration.js'

/**
 * Proxies in a real browser: their flow, messages that are tried, and explanations.
 *
 *     npm run test:browser
 */
async function proxies (t: Test, more: object = {}): Promise<{ page: Page; setup: Demonstration }> {
  const setup = await demonstrate()
  t.teardown(setup.close)
  const page = await open(t, { url: setup.url }, more)
  await goTo(page, 'Proxies')
  return { page, setup }
}

async function proxy (t: Test, more: object = {}): Promise<{ page: Page; setup: Demonstration }> {
  const opened = await proxies(t, more)
  await opened.page.click('td >> text=OrdersProxy')
  await opened.page.waitForSelector('.flow')
  return opened
}

t.test(
  'the flow of a proxy shows its mediators, its group with live members, and what follows a failure',
  async t => {
    const { page, setup } = await proxy(t)
    t.match(
      await page.textContent('.flow .flow-column >> nth=0'),
      /header.*Action = urn:placeOrder.*log.*order.*send.*to OrdersLB/
    )
    t.match(await page.textContent('.target'), /OrdersLB round robin · Client ID.*orders-1.*orders-2.*orders-3/)
    t.match(await page.textContent('.fault-column'), /errorHandler.*makefault.*COULDN'T SEND/)
    await setup.traffic(5)
    await page.waitForSelector('.member.is-out:has-text("orders-2") >> text=Suspended')
    await page.click('.member >> text=orders-2')
    await page.waitForSelector('.drawer >> text=/orders-2/')
    await page.click('.drawer [aria-label=Close]')
    await page.click('.step >> text=header')
    await page.waitForSelector('.file-head >> text=OrdersProxy.xml')
  }
)

t.test('the list of proxies shows their traffic', async t => {
  const { page, setup } = await proxies(t)
  for (;;) {
    await setup.traffic(10)
    const row = (await page.textContent('tr:has-text("OrdersProxy")')) ?? ''
    if (/Running[1-9]/.test(row)) return t.pass(row)
    await page.waitForTimeout(300)
  }
})

t.test('a message made from the WSDL is tried, and the page shows which endpoint responded and why', async t => {
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

t.test('a message in SOAP 1.2 is made from the WSDL, and tried', async t => {
  const { page } = await proxy(t)
  await page.selectOption('[aria-label="SOAP version"]', '1.2')
  await waitForValue(page, 'textarea[aria-label=Body]', value => value.includes('http://www.w3.org/2003/05/soap-envelope'))
  t.match(await page.inputValue('textarea[aria-label=Headers]'), 'application/soap+xml')
  await page.click('text=Send a real message')
  await page.waitForSelector('.try-out >> text=/200 from orders-[13]/')
})

t.test('a message that no endpoint accepts gets a fault, and the page explains why', async t => {
  const { page } = await proxies(t)
  await page.click('td >> text=CustomerProxy')
  await page.waitForSelector('textarea[aria-label=Body]')
  await page.click('text=Send a real message')
  await page.waitForSelector('.try-out >> text=/500 from the gateway/')
  await page.waitForSelector('.try-out .why >> text=/crm-a: .*The next member was tried/')
  await page.click('text=Send a real message')
  await page.waitForSelector('.try-out .why >> text=/crm-a was passed over: suspended/')
  await page.waitForSelector('.try-out .why >> text=The message was sent to no endpoint.')
})

t.test('a message that a hook of the app refuses is shown as refused by it', async t => {
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  app.addHook('onRequest', async ({ url }, reply) => {
    if (url.startsWith('/services/')) await reply.code(418).send({ refused: true })
  })
  await app.register(proxyServices, { definitions: { proxies: { P: { in: [{ kind: 'respond' }] } } } as object })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN })
  const page = await open(t, { url: await app.listen({ host: '127.0.0.1', port: 0 }) })
  await goTo(page, 'Proxies')
  await page.click('td >> text="P"')
  await page.waitForSelector('textarea[aria-label=Body]')
  await page.click('text=Send a real message')
  await page.waitForSelector('.try-out >> text=/418 from the gateway/')
  await page.waitForSelector('.try-out .why >> text=A hook of the app responded before the proxy.')
})

t.test('ten messages spread over the members as the algorithm prescribes', async t => {
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

t.test('a malformed header is reported before the message is sent', async t => {
  const { page } = await proxy(t)
  await page.fill('textarea[aria-label=Headers]', 'no colon')
  await page.waitForSelector('text=/Write each header as/')
  t.ok(await page.isDisabled('text=Send a real message'))
})

t.test('without a token nothing is sent, and the page explains why', async t => {
  const setup = await demonstrate({})
  t.teardown(setup.close)
  const page = await open(t, setup, {}, null)
  await goTo(page, 'Proxies')
  await page.click('td >> text=OrdersProxy')
  await page.waitForSelector('.try >> text=/Without a token the console may only look/')
  t.ok(await page.isDisabled('text=Send a real message'))
  t.match(await page.textContent('.flow'), 'Action = …', 'values of the configuration are not shown')
})

t.test('an explanation uses live states, and changes with the states that an operator assumes', async t => {
  const { page, setup } = await proxies(t)
  await setup.traffic(5)
  await goTo(page, 'Explain')
  await page.selectOption('[aria-label=Proxy]', 'CustomerProxy')
  await page.click('button.primary >> text=Explain')
  await page.waitForSelector('.why >> text=/passes over crm-a: suspended for another/')
  const places = await page.locator('.why .source-name').allTextContents()
  t.ok(places.length > 1 && places.every(each => /^(endpoints|proxy-services)\/\w+\.xml:\d+$/.test(each)), places.join())
  await page.click('text=As if nothing had happened')
  await page.click('.suppose >> text=crm-a')
  await page.click('button.primary >> text=Explain')
  await page.waitForSelector('.why >> text=/if that fails, sends POST http/')
  t.match(await page.textContent('.why'), /CustomersFO \(failover\) begins with crm-a.*if that fails, responds 200/)
  await page.click('.why .source-name >> text=CustomersFO.xml')
  await page.waitForSelector('.file-head >> text=CustomersFO.xml')
})

t.test('a recorded message is explained', async t => {
  const { page, setup } = await proxies(t)
  await goTo(page, 'Messages')
  await page.click('text=Start recording')
  await page.waitForSelector('text=Recording')
  await setup.traffic(1)
  await page.waitForSelector('.message-list button')
  await page.evaluate('location.hash = "#/explain?proxy=OrdersProxy&message=1"')
  await waitForValue(page, 'textarea.code', value => value.startsWith('POST /services/OrdersProxy HTTP/1.1'))
  await page.click('button.primary >> text=Explain')
  await page.waitForSelector('.why >> text=/responds/')
})

for (const [name, more] of VIEWS) {
  t.test(`proxies and explanations are accessible, ${name}`, async t => {
    const { page, setup } = await proxy(t, { ...more })
    await setup.traffic(5)
    await page.waitForSelector('.member.is-out')
    await page.click('text=Send a real message')
    await page.waitForSelector('.try-out .why')
    t.strictSame(await violations(page), [], 'a proxy')
    await goTo(page, 'Explain')
    await page.click('button.primary >> text=Explain')
    await page.waitForSelector('.why li')
    t.strictSame(await violations(page), [], 'an explanation')
  })
}
