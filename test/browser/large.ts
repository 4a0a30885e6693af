import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { CDPSession, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { goTo, open, setHidden, VIEWS, violations } from './browser.js'

/**
 * The page of a gateway with 10,000 endpoints: what it draws is bounded, whatever there is.
 *
 *     npm run test:browser
 *     node dist/test/browser/large.js --measure     measures times, CPU and memory instead, on a quiet machine
 */
const ENDPOINTS = 10_000
/** Budgets of the page: elements, and bytes of its heap. */
const MAX_ELEMENTS = 2_000
const MAX_HEAP = 60 * 1024 * 1024
/** What a page may hold more after a minute of events and five hidden minutes than after ten seconds of events. */
const MAX_HEAP_GROWTH = 8 * 1024 * 1024
/** How long events come in all, before the first look at the heap, and how long a page is hidden. */
const [EVENTS_MS, FIRST_EVENTS_MS, HIDDEN_MS] = [60_000, 10_000, 300_000]
/** For how long a hidden page keeps its stream, and a little more. */
const STREAM_KEPT_MS = 62_000

interface Large {
  readonly url: string
  readonly process: ChildProcess
}

async function largeGateway (t: Test): Promise<Large> {
  const child = fork(new URL('./large-gateway.js', import.meta.url), [String(ENDPOINTS)])
  t.teardown(() => child.kill('SIGKILL'))
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { url, process: child }
}

const elements = async (page: Page): Promise<number> =>
  Number(await page.evaluate('document.querySelectorAll("*").length'))
const rows = (page: Page) => page.locator('tr:not(.gap)')

async function cpuOf ({ process: child }: Large): Promise<number> {
  child.send('cpu')
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }]
  return cpu
}

const isMeasured = process.argv.includes('--measure')

for (const [view, more] of isMeasured ? [] : VIEWS) {
  t.test(`a page of 10,000 endpoints draws visible rows only, ${view}`, async t => {
    const large = await largeGateway(t)
    const page = await open(t, large, { ...more })
    await page.waitForSelector('h1:text("All 10000 endpoints are available")')
    t.equal(await page.getAttribute('table', 'aria-rowcount'), '10101', 'endpoints, groups and the head')
    t.ok((await elements(page)) <= MAX_ELEMENTS, `${await elements(page)} elements at the begin`)
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight / 2)')
    await page.waitForSelector('tr:has-text("endpoint-50")')
    t.ok((await elements(page)) <= MAX_ELEMENTS, `${await elements(page)} elements in the middle`)
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    await page.waitForSelector('tr[aria-rowindex="10101"]:has-text("endpoint-9999")')
    t.ok((await elements(page)) <= MAX_ELEMENTS, `${await elements(page)} elements at the end`)
    t.strictSame(await violations(page), [])
    await page.fill('[aria-label="Filter by name or address"]', 'endpoint-77')
    await page.waitForSelector('table[aria-rowcount="115"]')
    t.ok((await rows(page).count()) <= 61, `${await rows(page).count()} rows of 114 are drawn`)
  })
}

t.test('a page that gets 1,000 events a second stays responsive, and its memory bounded', { skip: isMeasured }, async t => {
  const large = await largeGateway(t)
  const page = await open(t, large)
  large.process.send({ rate: 1_000 })
  await page.waitForSelector('tr:has-text("endpoint-0") >> text=Draining')
  await goTo(page, 'Events')
  await page.waitForSelector('.events >> text=/and [0-9]+ events before it/')
  t.ok((await page.locator('.events li').count()) <= 500, 'events are bounded')
  t.ok((await page.locator('.timelines li').count()) <= 31, 'at most 30 timelines, and a line with the number of the others')
  await goTo(page, 'Groups')
  await page.waitForSelector('td >> text=/and 96 more/')
  t.ok((await elements(page)) <= MAX_ELEMENTS, `${await elements(page)} elements of the groups`)
  await page.click('text=Show 40 more of 100')
  await page.waitForSelector('td >> text=group-99')
  await goTo(page, 'Overview')
  await page.waitForSelector('h1')
  t.ok((await page.locator('.attention li').count()) <= 7, 'at most six need attention by name')
  t.ok((await elements(page)) <= MAX_ELEMENTS, `${await elements(page)} elements`)
})

if (isMeasured) {
  t.test('times, CPU and memory stay within the budgets of the design', async t => {
    const large = await largeGateway(t)
    report('gateway without a page', await shareOfCore(large, 8_000))
    large.process.send({ rate: 1_000 })
    report('gateway without a page, 1,000 events/s', await shareOfCore(large, 8_000))
    large.process.send({ rate: 0 })
    const page = await open(t, large)
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Performance.enable')
    await watchLongTasks(page)
    report('gateway with a page, nothing happens', await shareOfCore(large, 8_000))
    const quiet = await pageLoad(cdp)
    report('page, nothing happens', (await pageLoad(cdp, quiet)).share)
    large.process.send({ rate: 1_000 })
    const [before, gatewayBefore] = [await pageLoad(cdp), await cpuOf(large)]
    const began = performance.now()
    await page.waitForTimeout(FIRST_EVENTS_MS)
    const heaps = [await heapOf(cdp)]
    await page.waitForTimeout(EVENTS_MS - FIRST_EVENTS_MS)
    const during = await pageLoad(cdp, before)
    report('page, 1,000 events/s', during.share)
    report('gateway with a page, 1,000 events/s', ((await cpuOf(large)) - gatewayBefore) / (performance.now() - began))
    heaps.push(await heapOf(cdp))
    await setHidden(page, true)
    await page.waitForTimeout(STREAM_KEPT_MS)
    report('gateway with a hidden page, 1,000 events/s', await shareOfCore(large, HIDDEN_MS - STREAM_KEPT_MS))
    await setHidden(page, false)
    await page.waitForSelector('.connection.live')
    heaps.push(await heapOf(cdp))
    console.log(`heap after 10 s and after 60 s of events, and after ${HIDDEN_MS / 1_000} s hidden: ` +
      `${heaps.map(bytes => (bytes / 1024 / 1024).toFixed(1)).join(', ')} MiB`)
    t.ok(Math.max(...heaps) <= MAX_HEAP && heaps[2]! - heaps[0]! < MAX_HEAP_GROWTH, 'the heap does not grow')
    const clicks = await clickTimes(page)
    console.log(`clicks are answered after ${clicks.join(', ')} ms, median ${clicks[clicks.length >> 1]} ms`)
    large.process.send({ rate: 0 })
    await goTo(page, 'Overview')
    const heap = await heapOf(cdp)
    console.log(`heap after the clicks ${(heap / 1024 / 1024).toFixed(1)} MiB, ${await elements(page)} elements`)
    t.ok(heap <= MAX_HEAP, 'heap')
    const tasks = JSON.parse(String(await page.evaluate('JSON.stringify(globalThis.longTasks)'))) as number[]
    console.log(`tasks above 50 ms: ${tasks.map(Math.round).join(', ') || 'none'}`)
  })
}

const CLICKS = ['Groups', 'Overview', 'Events', 'Groups', 'Events', 'Overview', 'Groups']

/** Milliseconds from clicks in the navigation to the first frame with the page that they open, sorted. */
async function clickTimes (page: Page): Promise<number[]> {
  const times: number[] = []
  for (const label of CLICKS) {
    await page.evaluate(`globalThis.answered = new Promise(resolve => addEventListener('pointerup', () => {
      const at = performance.now(), before = document.querySelector('h1')
      const look = () => document.querySelector('h1') === before
        ? requestAnimationFrame(look)
        : setTimeout(() => resolve(performance.now() - at))
      look()
    }, { once: true, capture: true })); undefined`)
    await goTo(page, label)
    times.push(Math.round(Number(await page.evaluate('globalThis.answered'))))
    await page.waitForTimeout(1_000)
  }
  return times.sort((a, b) => a - b)
}

const watchLongTasks = async (page: Page): Promise<unknown> =>
  await page.evaluate(`globalThis.longTasks = []
    new PerformanceObserver(list => { for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration) })
      .observe({ type: 'longtask' })`)

/** How much of a core the gateway uses. @param time milliseconds */
async function shareOfCore (large: Large, time: number): Promise<number> {
  const [cpu, began] = [await cpuOf(large), performance.now()]
  await new Promise(resolve => setTimeout(resolve, time))
  return ((await cpuOf(large)) - cpu) / (performance.now() - began)
}

/** The bytes of the heap that are in use. */
async function heapOf (cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  return (await pageLoad(cdp)).heap
}

interface PageLoad {
  readonly at: number
  /** Seconds. */
  readonly busy: number
  readonly heap: number
  /** Of a core, since the load that it is compared with. */
  readonly share: number
}

async function pageLoad (cdp: CDPSession, since?: PageLoad): Promise<PageLoad> {
  if (since !== undefined && performance.now() - since.at < 8_000) {
    await new Promise(resolve => setTimeout(resolve, 8_000))
  }
  const { metrics } = await cdp.send('Performance.getMetrics')
  const value = (name: string): number => metrics.find(each => each.name === name)!.value
  const [at, busy] = [performance.now(), value('TaskDuration')]
  const share = since === undefined ? 0 : (busy - since.busy) / ((at - since.at) / 1_000)
  return { at, busy, heap: value('JSHeapUsedSize'), share }
}

const report = (what: string, share: number): void => console.log(`${what}: ${(share * 100).toFixed(1)} % of a core`)
