import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { open, retypeLine, VIEWS, violations, waitForValue } from './browser.js'
import { memberTabs, openGroup, review, saveAndReload } from './configuration-steps.js'
import { demonstrate, TOKEN, type Demonstration } from './demonstration.js'

/**
 * The form of a group that is written in JSON, in a real browser.
 *
 *     npm run test:browser
 */
const FILE = 'billing.json'
const BILLING = `{
  // Owner: team-billing. Ask before you change timeouts.
  "endpoints": {
    "BillingLB": {
      "kind": "loadbalance",
      "session": { "kind": "simpleClientSession", "sessionTimeout": 600000 }, // ten minutes
      "members": [
        {
          "kind": "address",
          "name": "billing-1",
          "uri": "http://127.0.0.1:1/billing",
          "suspendOnFailure": { "initialDuration": 20000, "progressionFactor": 2.0, "maximumDuration": 120000 }
        },
        // until March
        { "kind": "address", "name": "billing-2", "uri": "http://127.0.0.1:2/billing" },
      ]
    }
  },
  "proxies": { "BillingProxy": { "in": [{ "kind": "send", "endpoint": { "kind": "reference", "key": "BillingLB" } }] } }
}
`

interface Setup extends Demonstration {
  readonly page: Page
  readonly onDisk: () => Promise<string>
}

async function groupPage (t: Test, more: object = {}): Promise<Setup> {
  const setup = await demonstrate({ token: TOKEN }, { files: { [FILE]: BILLING } })
  t.teardown(setup.close)
  const page = await open(t, setup, more)
  await openGroup(page, 'BillingLB')
  return { ...setup, page, onDisk: async () => await readFile(join(setup.folder, FILE), 'utf8') }
}

t.test('a field of the form changes its characters in JSON; comments and order stay, and it is saved so', async t => {
  const { page, onDisk } = await groupPage(t)
  await page.fill('#group-sessionTimeout', '900000')
  await page.waitForSelector('.source .cm-line:has-text("900000")')
  await page.selectOption('#group-onLost', { label: 'it is bound to another member' })
  await page.fill('#member-progressionFactor', '2.5')
  await page.waitForSelector('.ladder >> text=Suspended for 20 s → 50 s → 2 min and no longer')
  await review(page)
  await saveAndReload(page)
  await page.waitForSelector('.notice >> text=Saved and reloaded')
  t.equal(
    await onDisk(),
    BILLING.replace('"sessionTimeout": 600000', '"sessionTimeout": 900000, "onLost": "redispatch"').replace(
      '2.0',
      '2.5'
    )
  )
})

t.test('a value that is typed in JSON shows in the form', async t => {
  const { page } = await groupPage(t)
  await retypeLine(page, 'sessionTimeout', '"session": { "kind": "soap", "sessionTimeout": 800000 }, // less')
  await waitForValue(page, '#group-sessionTimeout', value => value === '800000')
  t.ok(await page.isChecked('.choice label:has-text("SOAP") input'))
})

t.test('a mistake in a field of JSON is reported at the field, in the words of the check', async t => {
  const { page } = await groupPage(t)
  await page.fill('#member-progressionFactor', '2,5')
  await page.waitForSelector('#member-progressionFactor-help.bad >> text=/2,5/')
  t.equal(await page.getAttribute('#member-progressionFactor', 'aria-invalid'), 'true')
  t.ok(await page.isDisabled('text=Review and apply…'))
})

t.test('endpoints are added to JSON, moved, duplicated and removed in the form', async t => {
  const { page } = await groupPage(t)
  await page.click('text=Add endpoint')
  await page.click('.menu:popover-open >> text=Recipient list')
  await page.waitForSelector('[role=tab]:has-text("billing-3")')
  await page.click('[role=tab]:has-text("billing-2")')
  await page.click('text=Duplicate')
  await page.waitForSelector('[role=tab][aria-selected=true]:has-text("billing-4")')
  await page.click('[role=tab]:has-text("billing-1")')
  await page.click('text=Move right')
  t.strictSame(await memberTabs(page), ['billing-2', 'billing-1', 'billing-3', 'billing-4'])
  await page.click('[role=tabpanel] >> text=Remove')
  await page.waitForSelector('[role=tab]:has-text("billing-1")', { state: 'detached' })
  await page.waitForSelector('.apply-bar >> text=valid')
})

t.test('the other language is shown as convert writes it, with what that cannot express', async t => {
  const { page } = await groupPage(t)
  await page.click('.source-side button:has-text("XML")')
  await page.waitForSelector('.source .cm-line:has-text("<sessionTimeout>600000</sessionTimeout>")')
  await page.waitForSelector('.problems >> text=Comments are not in it.')
  await page.fill('#group-sessionTimeout', '900000')
  await page.waitForSelector('.source .cm-line:has-text("<sessionTimeout>900000</sessionTimeout>")')
  await page.locator('.source .cm-line', { hasText: 'sessionTimeout' }).click()
  await page.keyboard.type('no')
  await page.click('.source-side button:has-text("JSON")')
  await page.waitForSelector('.source .cm-line:has-text("900000 }, // ten minutes")')
})

for (const [name, more] of VIEWS) {
  t.test(`the form of a group in JSON is accessible, ${name}`, async t => {
    const { page } = await groupPage(t, { ...more })
    t.strictSame(await violations(page), [], 'with its source')
    await page.click('.source-side button:has-text("XML")')
    await page.waitForSelector('.problems >> text=Comments are not in it.')
    t.strictSame(await violations(page), [], 'with the other language')
  })
}
