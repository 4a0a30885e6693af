import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { goTo, open, VIEWS, violations, waitForValue } from './browser.js'
import { demonstrate, TOKEN, type Demonstration } from './demonstration.js'

/**
 * Recorded messages in a real browser.
 *
 *     npm run test:browser
 */
async function record (t: Test, more: object = {}): Promise<{ page: Page; setup: Demonstration }> {
  const setup = await demonstrate()
  t.teardown(setup.close)
  const page = await open(t, { url: setup.url }, more)
  await goTo(page, 'Messages')
  await page.click('text=Start recording')
  await page.waitForSelector('text=Recording')
  return { page, setup }
}

/** Opens a message that failed over, newest first. */
async function openFailedOver ({ page, setup }: { page: Page; setup: Demonstration }): Promise<void> {
  await setup.traffic(10)
  await page.click('.message-list >> text=/orders-2.*→/ >> nth=0')
  await page.waitForSelector('.why li')
}

/** Secrets and session ids of the demonstration. */
const SECRETS = /b3BlcmF0b3I6aHVudGVyMg|client-\d/

t.test('a recording shows messages as they pass, with hops and why', async t => {
  const { page, setup } = await record(t)
  await openFailedOver({ page, setup })
  await page.waitForSelector('.message-list >> text=placeOrder')
  await page.waitForSelector('.why >> text=/The session [0-9a-f]{8} was bound to no member of OrdersLB/')
  await page.waitForSelector('.why >> text=/orders-2: .*The next member was tried/')
  await page.waitForSelector('.why >> text=/The session [0-9a-f]{8} is bound to orders-[13]/')
  await page.waitForSelector('.why >> text=/The client got 200/')
  await page.click('[role=tab]:has-text("Request")')
  await page.waitForSelector('.head >> text=Basic, hidden')
  await page.waitForSelector('.body-lines >> text=<m0:symbol>IBM</m0:symbol>')
  t.notMatch(await page.content(), SECRETS, 'no secret and no session id')
})

t.test('each hop has its head and body; what mediators changed is marked', async t => {
  const setup = await record(t)
  const { page } = setup
  await openFailedOver(setup)
  await page.click('[role=tab]:has-text("2 orders-")')
  await page.waitForSelector('.head >> text=/created by orders-[13]/')
  await page.waitForSelector('text=/the same as request|hidden/')
  await page.click('text=Mark what differs from what came in')
  await page.waitForSelector('.head .differs >> text=Host')
  await page.click('[role=tab]:has-text("Response")')
  await page.waitForSelector('.body-lines >> text=/created by/')
  await page.click('text=Hex')
  await page.waitForSelector('.body-lines >> text=/00000000 {2}3c 73/')
  await page.click('text=Raw')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download')])
  t.match(download.suggestedFilename(), /^message-\d+-response\.txt$/)
  t.match(readFileSync(await download.path(), 'utf8'), /created by orders-/)
})

t.test('the filter chooses messages, is part of the address, and reports its mistakes', async t => {
  const { page, setup } = await record(t)
  await setup.traffic(10)
  await page.waitForSelector('.message-list >> text=StockProxy')
  await page.fill('[aria-label="Filter messages"]', 'proxy:customer')
  await page.waitForSelector('.message-list >> text=StockProxy', { state: 'detached' })
  t.match(page.url(), /q=proxy%3Acustomer/)
  await page.keyboard.press('Alt+f')
  await page.waitForSelector('.message-list >> text=StockProxy')
  await page.keyboard.press('Alt+f')
  await page.waitForSelector('.message-list >> text=StockProxy', { state: 'detached' })
  await page.fill('[aria-label="Filter messages"]', 'attemps:>1')
  await page.waitForSelector('text=There is no term "attemps:" (did you mean "attempts:"?). All messages are shown.')
  await page.click('text=Help')
  await page.waitForSelector('.filter-help >> text=session:7f3a')
})

t.test('a paused list does not change, and counts new messages', async t => {
  const { page, setup } = await record(t)
  await setup.traffic(4)
  await page.waitForSelector('.message-list button')
  await page.click('text=Pause the list')
  await page.waitForTimeout(1_500)
  const before = await page.locator('.message-list button').count()
  await setup.traffic(10)
  await page.click('text=/Continue the list \\(1\\d new\\)/')
  await page.locator('.message-list button').nth(before + 9).waitFor()
  t.ok((await page.locator('.message-list button').count()) > before)
})

t.test('messages are read with the keyboard alone', async t => {
  const { page, setup } = await record(t)
  await setup.traffic(6)
  await page.waitForSelector('.message-list button >> nth=3')
  await page.focus('.message-list button >> nth=0')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.message-list li:nth-child(n+3) [aria-current]')
  await page.waitForSelector('[role=tab]')
  await page.focus('[role=tab][aria-selected=true]')
  await page.keyboard.press('ArrowRight')
  await page.waitForSelector('[role=tab][aria-selected=true] >> text=/^1 /')
})

t.test('a message is explained, and tried again with hidden values marked', async t => {
  const setup = await record(t)
  const { page } = setup
  await openFailedOver(setup)
  await page.click('.message-detail >> text=Explain')
  await page.waitForSelector('h1 >> text=Explain')
  await waitForValue(page, 'textarea', value => value.includes('<m0:symbol>IBM'))
  await page.goBack()
  await page.click('.message-detail >> text=Try again')
  await page.waitForSelector('h2 >> text=Try it')
  await waitForValue(page, '[aria-label="Headers"]', value => value.includes('authorization: ***'))
  t.match(await page.locator('textarea[aria-label="Body"]').inputValue(), /<m0:symbol>IBM/)
})

t.test('a message that is open is read again when its delivery ends', async t => {
  const { page, setup } = await record(t)
  let respond = (): void => {}
  const slow = createServer((request, response) => {
    request.resume()
    respond = () => response.end('<late/>')
  })
  t.teardown(() => slow.close())
  await once(slow.listen(0, '127.0.0.1'), 'listening')
  const uri = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`
  const NS = 'http://ws.apache.org/ns/synapse'
  await writeFile(
    join(setup.folder, 'proxy-services/SlowProxy.xml'),
    `<proxy name="SlowProxy" xmlns="${NS}"><target><inSequence>
      <property name="OUT_ONLY" value="true"/>
      <send><endpoint name="slow"><address uri="${uri}"/></endpoint></send>
    </inSequence></target></proxy>`
  )
  await setup.app.proxyServices.reload()
  const headers = { 'content-type': 'text/xml' }
  t.equal((await fetch(`${setup.url}/services/SlowProxy`, { method: 'POST', headers, body: '<a/>' })).status, 202)
  await page.click('.message-list >> text=SlowProxy')
  await page.waitForSelector('.why >> text=slow has not responded.')
  respond()
  await page.waitForSelector('.why >> text=/slow responded with 200/')
})

t.test('all messages of a recording are listed, also those before the page was opened', async t => {
  const { page, setup } = await record(t)
  for (let batch = 0; batch < 3; batch++) {
    await setup.traffic(90)
    // A recording keeps 200 a second, a quarter of them at once.
    await page.waitForTimeout(1_000)
  }
  const { count } = await page.evaluate(async token => {
    const response = await fetch('../recording', { headers: { authorization: `Bearer ${token}` } })
    return (await response.json()) as { count: number }
  }, TOKEN)
  t.ok(count > 200, `${count} messages, more than one response of the gateway has`)
  await page.reload()
  await page.fill('input[name=token]', TOKEN)
  await page.click('text=Sign in >> nth=-1')
  await page.waitForSelector(`text=${count} shown`)
  await page.click('text=Show 200 more')
  await page.locator('.message-list time').nth(count - 1).waitFor()
})

t.test('a recording of five minutes keeps what its limits allow, and ends by itself', async t => {
  const { page, setup } = await record(t)
  const state = page.locator('.recording')
  t.match(await state.textContent(), /[45]:\d\d left/)
  while (!/not kept/.test((await state.textContent())!)) {
    await Promise.all(Array.from({ length: 120 }, async () => await setup.traffic(1)))
  }
  t.match(await state.textContent(), /of 2,000 · [0-7]\.\d of 8\.0 MiB · [\d,]+ not kept/)
  await page.waitForSelector('.message-list button')
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ minutes: 0.01, bytes: 4_096 })
  t.equal((await fetch(`${setup.url}/admin/recording`, { method: 'POST', headers, body })).status, 200)
  await state.waitFor({ state: 'detached' })
  t.strictSame([...setup.app.proxyServices].map(({ recorder }) => recorder), [undefined])
  await page.click('.message-list button >> nth=0')
  await page.waitForSelector('.why li')
  await goTo(page, 'Events')
  await page.waitForSelector('.events >> text=/its time is over/')
})

t.test('a recording is stopped and cleared', async t => {
  const { page, setup } = await record(t)
  await setup.traffic(5)
  await page.waitForSelector('.message-list button')
  await page.click('text=Stop')
  await page.click('text=Clear')
  await page.waitForSelector('text=Nothing is recorded')
  t.strictSame(
    [...setup.app.proxyServices].map(({ recorder }) => recorder),
    [undefined]
  )
})

t.test('no secret of a recorded message is in the memory of the page', async t => {
  const setup = await record(t)
  const { page } = setup
  await openFailedOver(setup)
  for (const tab of ['1 orders-2', '2 orders-', 'Response']) await page.click(`[role=tab]:has-text("${tab}")`)
  const session = await page.context().newCDPSession(page)
  const chunks: string[] = []
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk))
  await session.send('HeapProfiler.takeHeapSnapshot', {})
  const memory = chunks.join('')
  t.match(memory, /created by orders-/, 'what is not secret is there')
  t.notMatch(memory, SECRETS)
})

for (const [name, more] of VIEWS) {
  t.test(`messages are accessible, ${name}`, async t => {
    const { page, setup } = await record(t, { ...more })
    await setup.traffic(5)
    await page.click('.message-list button >> nth=0')
    await page.waitForSelector('.why li')
    await page.click('text=Help')
    await page.click('text=Mark what differs from what came in')
    for (const tab of ['Request', '1 ', 'Response']) {
      await page.click(`[role=tab]:has-text("${tab}")`)
      t.strictSame(await violations(page), [], tab)
    }
  })
}
