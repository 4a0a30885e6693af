import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { freePort } from '../support/free-port.js'
import { goTo, open, setHidden } from './browser.js'
import { TOKEN } from './demonstration.js'
import { gateway, rowOf } from './outage-gateway.js'

/**
 * How the page is connected, in a real browser: hidden, behind a proxy that keeps streams back, without a
 * gateway, and with an operator who is away.
 *
 *     npm run test:browser
 */

t.test('a page that is hidden for a minute closes its stream, and is up to date when it is visible again', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  const isStream = (request: { url: () => string }): boolean => request.url().endsWith('/live')
  const gone = page.waitForEvent('requestfailed', { predicate: isStream, timeout: 300_000 })
  const began = performance.now()
  await setHidden(page, true)
  await gone
  t.ok(performance.now() - began > 59_000, 'not before a minute is over')
  setup.app.endpointRegistry.switchOff('orders-1')
  const again = page.waitForEvent('request', isStream)
  await setHidden(page, false)
  await again
  await rowOf(page, 'orders-1').getByText('Off').waitFor()
  await goTo(page, 'Events')
  await page.waitForSelector('.events >> text=/orders-1 is off/')
})

/** A proxy that passes on everything but streams, which it keeps back until they end. */
async function bufferingProxy (t: Test, to: string): Promise<string> {
  const server = createServer((request, response) => {
    const { method, headers } = request
    const forwarded = send(new URL(request.url!, to), { method: method!, headers }, received => {
      if (request.url!.endsWith('/live')) return received.resume()
      response.writeHead(received.statusCode!, received.headers)
      return received.pipe(response)
    })
    forwarded.on('error', () => response.destroy())
    response.on('close', () => forwarded.destroy())
    request.pipe(forwarded)
  })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('a page whose stream is held back by a proxy polls every 2 s', async t => {
  const setup = await gateway(t)
  const url = await bufferingProxy(t, setup.url)
  const page = await open(t, { url })
  await page.waitForSelector('.connection >> text=Every 2 s')
  setup.app.endpointRegistry.switchOff('orders-1')
  await rowOf(page, 'orders-1').getByText('Off').waitFor()
  await page.click('[aria-label="Actions of orders-1"]')
  await page.click('.menu:popover-open >> text=Switch on')
  await rowOf(page, 'orders-1').getByText('Active').waitFor()
  await goTo(page, 'Events')
  await page.waitForSelector('.events >> text=/orders-1 is off/')
})

t.test('a page without its gateway shows when it tries again, disables its actions, and tries at once on request', async t => {
  const port = await freePort()
  const before = await gateway(t, { port })
  await before.backends[0]!.stop()
  await before.send()
  const page = await open(t, before)
  await page.waitForSelector('.attention >> text=Switch off…')
  await before.app.close()
  await page.waitForSelector('.band >> text=/Trying again in [0-4] s/')
  t.equal(await page.locator('.attention >> text=Switch off…').count(), 0, 'nothing can be switched')
  await page.click('[aria-label="Actions of orders-2"]')
  await page.waitForSelector('.menu:popover-open >> text=Not connected.')
  await page.keyboard.press('Escape')
  await gateway(t, { port })
  await page.click('.band >> text=Try now')
  await page.waitForSelector('.connection.live')
})

/** On a busy machine a stream may begin late, and the page asks meanwhile. */
const CONNECTED = '.connection.live, .connection.polling'

t.test('after an hour without input the page discards its token', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup, {}, TOKEN, async page => await page.clock.install())
  await page.clock.fastForward('59:00')
  await page.waitForSelector(CONNECTED)
  // A key is handled before this goes on; a wheel may not be.
  await page.keyboard.press('Shift')
  await page.clock.fastForward('59:00')
  await page.waitForSelector(CONNECTED)
  await page.clock.fastForward('02:00')
  await page.waitForSelector('input[name=token]')
})

t.test('an operator who enters a name appears with it in the events', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup, {}, null, async page => {
    await page.goto(`${setup.url}/admin/`)
    await page.fill('input[name=token]', TOKEN)
    await page.fill('input[name=name]', 'anna')
    await page.check('input[name=keep]')
    await page.click('text=Sign in >> nth=-1')
    await page.waitForSelector('.connection.live')
  })
  t.match(await page.textContent('.top .role'), 'anna · may change')
  await page.click('[aria-label="Actions of orders-1"]')
  await page.click('.menu:popover-open >> text=Drain…')
  await page.click('dialog footer .primary')
  await rowOf(page, 'orders-1').getByText('Draining').first().waitFor()
  await goTo(page, 'Events')
  const entry = page.locator('.events li', { hasText: 'by hand: orders-1 is draining' })
  t.match(await entry.textContent(), /said to be anna.*from 127\.0\.0\.1/)
})

t.test('the keys are listed, and letters can be switched off', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  await page.keyboard.press('?')
  await page.waitForSelector('dialog >> text=Ctrl Z')
  await page.uncheck('dialog >> text=Letters open pages')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  for (const key of ['g', 'e', '/']) await page.keyboard.press(key)
  t.equal(await page.textContent('h1'), 'All 2 endpoints are available')
  await page.click('[aria-label=Keyboard]')
  await page.check('dialog >> text=Letters open pages')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  for (const key of ['g', 'e']) await page.keyboard.press(key)
  await page.waitForSelector('h1:text("Events")')
})
