import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { open } from './browser.js'
import { showFile } from './configuration-steps.js'
import { demonstrate } from './demonstration.js'

/**
 * What the editor of the console proposes, in a real browser.
 *
 *     npm run test:browser
 */
const MAX_TRIES = 100
const LIST = '.source .cm-tooltip-autocomplete'

async function openFile (t: Test, name: string, text: string): Promise<Page> {
  const setup = await demonstrate(undefined, { files: { [name]: text } })
  t.teardown(setup.close)
  const page = await open(t, { url: setup.url })
  const vocabulary = page.waitForResponse(/configuration\/vocabulary$/)
  await showFile(page, name)
  await vocabulary
  return page
}

/** Types, at the end of a line if one is named, and asks for proposals until there is the wanted one. */
async function propose (page: Page, line: string | undefined, typed: string, wanted: string): Promise<void> {
  if (line !== undefined) {
    await page.locator('.source .cm-line', { hasText: line }).first().click()
    await page.keyboard.press('End')
  }
  await page.keyboard.type(typed)
  const option = page.locator(`${LIST} li`, { hasText: wanted }).first()
  for (let tries = 0; !(await option.isVisible()); tries++) {
    if (tries > MAX_TRIES) throw new Error(`"${wanted}" is not proposed`)
    await page.keyboard.press('Control+Space')
    await page.waitForTimeout(300)
  }
}

const XML = `<sequence name="proposals" xmlns="http://ws.apache.org/ns/synapse">
  <log/>
  <send>
  </send>
</sequence>
`

/** Chooses a proposal. The editor ignores a choice that is made as soon as its list has appeared. */
async function choose (page: Page, wanted: string): Promise<void> {
  const option = page.locator(`${LIST} li`, { hasText: wanted }).first()
  await option.waitFor()
  while (await option.isVisible()) {
    await option.click({ timeout: 1_000 }).catch(() => {})
    await page.waitForTimeout(300)
  }
}

t.test('elements, attributes, values and names are proposed in XML, with their sentences', async t => {
  const page = await openFile(t, 'sequences/proposals.xml', XML)
  await propose(page, '<log/>', '<respo', 'respond')
  await page.waitForSelector('.source .cm-completionInfo >> text=/returns the message to the client/')
  await choose(page, 'respond')
  await page.keyboard.type('/>')
  await propose(page, '<send>', '<endpoint ke', 'key-expression')
  await page.keyboard.type('y=')
  await propose(page, undefined, '', 'OrdersLB')
  await choose(page, 'OrdersLB')
  await page.keyboard.type('/>')
  await page.waitForSelector('.source .cm-line:has-text(\'<send><endpoint key="OrdersLB"/>\')')
  await page.waitForSelector('.apply-bar >> text=valid')
})

const OTHER = `{
  "sequences": {
    "proposals": [
      { "kind": "drop" },
    ]
  }
}
`

t.test('keys, kinds and names are proposed in JSON', async t => {
  const page = await openFile(t, 'proposals.json', OTHER)
  await propose(page, '"drop"', '\n{ ', 'kind')
  await choose(page, 'kind')
  await page.keyboard.type('"sequ')
  await choose(page, 'sequence')
  await page.keyboard.type(', ')
  await propose(page, undefined, '', 'key')
  await choose(page, 'key')
  await propose(page, undefined, '"', 'errorHandler')
  await choose(page, 'errorHandler')
  await page.waitForSelector('.source .cm-line:has-text(\'"kind": "sequence", "key": "errorHandler"\')')
  await page.waitForSelector('.apply-bar >> text=valid')
})
