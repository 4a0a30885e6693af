import { readFile, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { goTo, open } from './browser.js'
import { demonstrate } from './demonstration.js'

/**
 * The console with the keyboard alone, and as a screen reader sees it.
 *
 *     npm run test:browser
 *     node dist/test/browser/keyboard.js --accept     keeps what a screen reader finds, to be reviewed
 */
const MAX_KEYS = 40

/** Presses keys, and counts those that are not text. The focus is never lost: it is on an element of the page. */
class Keys {
  count = 0
  readonly #page: Page

  constructor (page: Page) {
    this.#page = page
  }

  async press (...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.count++
      await this.#page.keyboard.press(key)
    }
  }

  /** Presses Tab until an element has the focus. */
  async tabTo (selector: string): Promise<void> {
    for (let presses = 0; presses < 20; presses++) {
      if (await this.isAt(selector)) return
      await this.press('Tab')
    }
    t.fail(`${selector} is not reached; ${await this.focused()} has the focus`)
  }

  async isAt (selector: string): Promise<boolean> {
    return Boolean(await this.#page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`))
  }

  async focused (): Promise<string> {
    return String(await this.#page.evaluate('document.activeElement?.outerHTML.slice(0, 80)'))
  }

  /** Whether the focus is on an element, and is drawn. */
  async isSeen (): Promise<boolean> {
    return Boolean(
      await this.#page.evaluate(`(() => {
        const element = document.activeElement
        if (element === null || element === document.body) return false
        const { width, height } = element.getBoundingClientRect()
        return width > 0 && height > 0
      })()`)
    )
  }
}

t.test('with the keyboard alone: find an endpoint, drain it, undo, change a field of its group, and try that', async t => {
  const setup = await demonstrate()
  t.teardown(setup.close)
  const page = await open(t, setup)
  const keys = new Keys(page)
  const isSeen = async (where: string): Promise<void> => {
    t.ok(await keys.isSeen(), `the focus is seen ${where}: ${await keys.focused()}`)
  }
  await keys.press('/')
  await isSeen('in the find field')
  await page.keyboard.type('orders-1')
  await page.waitForSelector('#found [aria-selected=true] >> text=orders-1')
  await keys.press('Enter')
  await page.waitForSelector('.drawer h2:text("orders-1"):focus')
  await isSeen('in the drawer')
  await keys.tabTo('.drawer .actions button')
  await keys.press('Enter')
  await page.waitForSelector('dialog >> text=Drain orders-1?')
  await isSeen('in the dialog')
  await keys.tabTo('dialog footer .primary')
  await keys.press('Enter')
  await page.waitForSelector('tr:has-text("orders-1") >> text=Draining')
  await isSeen('after the dialog')
  await keys.press('Control+z')
  await page.waitForSelector('tr:has-text("orders-1") >> text=Active')
  await keys.press('Escape')
  await page.waitForSelector('.drawer', { state: 'detached' })
  await keys.press('g', 'g')
  await page.waitForSelector('h1:text("Groups"):focus')
  await keys.press('/')
  await page.keyboard.type('OrdersLB')
  await page.waitForSelector('#found [aria-selected=true] >> text=OrdersLB')
  await keys.press('Enter')
  await page.waitForSelector('#group-sessionTimeout')
  await page.waitForSelector('.source .cm-content')
  await page.waitForSelector('h1:text("OrdersLB"):focus')
  await keys.tabTo('#group-sessionTimeout')
  await page.keyboard.type('900000')
  await page.waitForSelector('.apply-bar >> text=valid')
  await keys.press('Control+s')
  await page.waitForSelector('dialog >> text=Review and apply')
  await keys.tabTo('dialog footer .primary')
  await keys.press('Enter')
  await page.waitForSelector('.unconfirmed >> text=An unconfirmed configuration runs')
  await isSeen('at the end')
  t.equal(setup.app.endpointRegistry.groups.get('OrdersLB')!.sessionPolicy?.timeout, 900_000)
  t.ok(keys.count <= MAX_KEYS, `${keys.count} keys beside the text`)
})

t.test('letters that are typed while a page or a drawer opens stay in the find field', async t => {
  const setup = await demonstrate()
  t.teardown(setup.close)
  const page = await open(t, setup)
  /** The letters come while the focus moves to the heading of what opens. */
  const find = async (text: string): Promise<void> => {
    await page.keyboard.press('/')
    await page.keyboard.type(text, { delay: 30 })
    await page.waitForSelector(`#found [aria-selected=true] >> text=${text}`)
    t.equal(await page.inputValue('#find'), text)
  }
  for (const key of ['Tab', 'g', 'g']) await page.keyboard.press(key)
  await find('orders-1')
  await page.keyboard.press('Enter')
  await find('orders-3')
  await page.waitForSelector('.drawer h2:text("orders-1")')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.drawer h2:text("orders-3"):focus')
})

/** What changes from run to run: times, durations, numbers of requests. */
const settled = (snapshot: string): string =>
  snapshot
    .replace(/\d\d:\d\d:\d\d/g, 'TIME')
    .replace(/\b\d+:\d\d\b/g, 'LEFT')
    .replace(/\(\d[\w ]*\)/g, '(AGO)')
    .replace(/"\d+"$/gm, '"NUMBER"')

const SNAPSHOTS = new URL('../../../test/browser/snapshots/', import.meta.url)

/** Compares with what was reviewed; with `--accept`, keeps it. */
async function isAsReviewed (t: Test, page: Page, selector: string, name: string): Promise<void> {
  const file = new URL(`${name}.yml`, SNAPSHOTS)
  const seen = `${settled(await page.locator(selector).first().ariaSnapshot())}\n`
  if (process.argv.includes('--accept')) await writeFile(file, seen)
  t.equal(seen, await readFile(file, 'utf8'), name)
}

t.test('a screen reader finds an outage, the dialog of a drain, and the form of a group by name and role', async t => {
  const setup = await demonstrate()
  t.teardown(setup.close)
  const page = await open(t, setup)
  await setup.traffic(10)
  await page.waitForSelector('h1:text("3 of 6 endpoints are out")')
  await isAsReviewed(t, page, '.attention', 'needs-attention')
  await page.click('[aria-label="Actions of orders-1"]')
  await page.click('.menu:popover-open >> text=Drain…')
  // Numbers come once a second.
  await page.locator('dialog dd').filter({ hasText: /^\d+$/ }).first().waitFor()
  await isAsReviewed(t, page, 'dialog', 'drain')
  await page.keyboard.press('Escape')
  await goTo(page, 'Groups')
  await page.click('td >> text=OrdersLB')
  await page.waitForSelector('.fields')
  await isAsReviewed(t, page, '.design > .fields', 'group-form')
})
