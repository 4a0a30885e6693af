import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { goTo, open, retypeLine, VIEWS, violations } from './browser.js'
import {
  FILE, memberTabs, openFile, openGroup, review, saveAndReload, setUp, TIMEOUT, timeoutOf, type Setup
} from './configuration-steps.js'

/**
 * The configuration in a real browser: sources, changes, unconfirmed configurations, reloads.
 *
 *     npm run test:browser
 */
const timeout = ({ app }: Setup): number | undefined =>
  app.endpointRegistry.groups.get('OrdersLB')!.sessionPolicy?.timeout

t.test('a value that is typed is checked, reviewed and saved; every other character stays', async t => {
  const setup = await setUp(t)
  const before = await setup.onDisk()
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  t.match(await page.textContent('dialog .removed'), /600000/)
  t.match(await page.textContent('dialog .added'), /900000/)
  await saveAndReload(page)
  await page.waitForSelector('.notice >> text=Saved and reloaded')
  t.equal(await setup.onDisk(), before.replace('600000', '900000'))
  t.equal(timeout(setup), 900_000)
})

t.test('a mistake is marked in its line with the words of the check, and cannot be applied', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('soon'))
  await page.waitForSelector('.problems >> text=/soon/')
  await page.waitForSelector('.source .cm-lintRange-error')
  t.ok(await page.isDisabled('text=Review and apply…'))
  t.match(await page.textContent('.apply-bar'), /1 error to be corrected first/)
})

t.test('an unconfirmed configuration runs at once and is not written; "Keep it" writes it', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  await page.click('dialog footer >> text=Try it for 5 min')
  await page.waitForSelector('.unconfirmed >> text=An unconfirmed configuration runs')
  t.equal(timeout(setup), 900_000, 'it runs')
  t.match(await setup.onDisk(), /600000/, 'it is not written')
  await goTo(page, 'Overview')
  await page.click('.unconfirmed >> text=Keep it')
  await page.waitForSelector('.unconfirmed', { state: 'detached' })
  t.match(await setup.onDisk(), /900000/)
})

t.test('an unconfirmed configuration that is not kept is reverted', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  await page.click('dialog footer >> text=Try it for 5 min')
  await page.click('.unconfirmed >> text=Revert now')
  await page.waitForSelector('.unconfirmed', { state: 'detached' })
  // The page may learn of it before the state of the group is replaced.
  while (timeout(setup) !== 600_000) await page.waitForTimeout(20)
  t.equal(timeout(setup), 600_000)
})

t.test('a file that was changed on disk is not overwritten, and the page reports it', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  const theirs = (await setup.onDisk()).replace('600000', '700000')
  await writeFile(join(setup.folder, FILE), theirs)
  await saveAndReload(page)
  await page.waitForSelector('dialog >> text=/has changed since it was opened/')
  t.equal(await setup.onDisk(), theirs)
})

t.test('a text is found in all files, and the file opens at its line', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await page.fill('[aria-label="Filter files"]', 'until march')
  await page.waitForSelector('.files >> text=OrdersProxy.xml', { state: 'detached' })
  await page.waitForSelector('.files a:has-text("OrdersLB.xml") >> text=/line \\d+/')
  await page.fill('[aria-label="Filter files"]', 'errorHandler')
  await page.click('.files >> text=OrdersProxy.xml')
  await page.waitForSelector('.file-head >> text=OrdersProxy.xml')
  t.match(page.url(), /line=2$/)
})

t.test('an earlier configuration is restored through the review', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  await saveAndReload(page)
  await page.click('text=Go back to this')
  await review(page)
  t.match(await page.textContent('dialog .added'), /600000/)
})

t.test('a new artefact begins with a text that passes the check', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  for (const [kind, name] of [['proxy', 'New'], ['group', 'NewLB'], ['sequence', 'new-one'], ['template', 'new-two']]) {
    await page.click('text=New…')
    await page.selectOption('dialog select', kind!)
    await page.fill('dialog input', name!)
    await page.click('dialog >> text=Add >> nth=-1')
    await page.waitForSelector(`.file-head >> text=${name}.xml`)
  }
  await page.waitForSelector('.apply-bar >> text=valid')
  t.match(await page.textContent('.apply-bar'), /4 files changed/)
})

t.test('without a token the page lists files and explains how to see sources', async t => {
  const setup = await setUp(t, {})
  const page = await open(t, setup, {}, null)
  await goTo(page, 'Configuration')
  await page.waitForSelector('.note >> text=/PROXY_SERVICES_ADMIN_TOKEN/')
  t.equal(await page.locator('text=Reload now').count(), 0)
  await page.click('.files >> text=OrdersLB.xml')
  await page.waitForSelector('.project-main >> text=/shown with a token only/')
})

t.test('a refused reload shows its problems, and the previous configuration runs', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await writeFile(join(setup.folder, FILE), '<endpoint')
  await page.click('text=Reload now')
  await page.waitForSelector('td >> text=/Refused: 1 problem/')
  await page.waitForSelector('nav .badge.warn')
  t.equal(timeout(setup), 600_000)
})

/** The page of a group, with its form and its editor. */
async function groupPage (t: Test, setup: Setup, more: object = {}): Promise<Page> {
  const page = await open(t, { url: setup.url }, more)
  await openGroup(page, 'OrdersLB')
  return page
}

t.test('a field of the form changes its characters in the source, and a value in the source shows in the form', async t => {
  const setup = await setUp(t)
  const before = await setup.onDisk()
  const page = await groupPage(t, setup)
  await page.fill('#group-sessionTimeout', '900000')
  await page.waitForSelector('.source .cm-line:has-text("900000")')
  await retypeLine(page, '<sessionTimeout>900000', timeoutOf('800000'))
  await page.waitForFunction('document.querySelector("#group-sessionTimeout").value === "800000"')
  await page.selectOption('#group-onLost', { label: 'it is bound to another member' })
  await review(page)
  await saveAndReload(page)
  await page.waitForSelector('.notice >> text=Saved and reloaded')
  t.equal(await setup.onDisk(), before.replace('600000', '800000')
    .replace('<session type="simpleClientSession">', '<session type="simpleClientSession" onLost="redispatch">'))
})

t.test('endpoints are added, moved, duplicated and removed in the form', async t => {
  const setup = await setUp(t)
  const page = await groupPage(t, setup)
  t.strictSame(await memberTabs(page), ['orders-1', 'orders-2', 'orders-3'])
  await page.click('text=Add endpoint')
  await page.click('.menu:popover-open >> text=Failover group')
  await page.waitForSelector('[role=tab]:has-text("orders-4")')
  await page.click('[role=tab]:has-text("orders-1")')
  await page.click('text=Move right')
  t.strictSame(await memberTabs(page), ['orders-2', 'orders-1', 'orders-3', 'orders-4'])
  await page.keyboard.press('Tab')
  await page.click('[role=tab]:has-text("orders-3")')
  await page.click('[role=tabpanel] >> text=Remove')
  await page.waitForSelector('[role=tab]:has-text("orders-3")', { state: 'detached' })
  await page.waitForSelector('.apply-bar >> text=valid')
})

t.test('a member of each kind is added in the form', async t => {
  const setup = await setUp(t)
  const page = await groupPage(t, setup)
  const kinds = [
    'Address', 'Failover group', 'Load balance group', 'By name', 'WSDL', 'HTTP', 'Default',
    'Dynamic load balance group', 'Recipient list', 'By expression', 'From a template'
  ]
  for (const [at, kind] of kinds.entries()) {
    await page.click('text=Add endpoint')
    await page.locator('.menu:popover-open button', { hasText: new RegExp(`^${kind} `) }).click()
    await page.locator('[role=tab]').nth(3 + at).waitFor()
  }
  await page.click('text=Add endpoint')
  t.ok(await page.isDisabled('.menu:popover-open button:has-text("Host and ports")'), 'not beside endpoints')
  await page.keyboard.press('Escape')
  t.equal((await memberTabs(page)).length, 3 + kinds.length)
})

t.test('weights, error codes, properties and an algorithm of your own are set in the form', async t => {
  const setup = await setUp(t)
  const page = await groupPage(t, setup)
  const inSource = async (text: string): Promise<unknown> =>
    await page.locator('.source .cm-line', { hasText: text }).first().waitFor()
  t.equal(await page.locator('#member-weight').count(), 0, 'round robin reads no weights')
  await page.selectOption('#group-algorithm', { label: 'Least requests' })
  await page.fill('#member-weight', '3')
  await inSource('<property name="loadbalance.weight" value="3"/>')
  await page.locator('.codes', { has: page.locator('#member-suspendErrorCodes') }).locator('summary').click()
  await page.check('#member-suspendErrorCodes-101503')
  await page.check('#member-suspendErrorCodes-101508')
  await inSource('<errorCodes>101503, 101508</errorCodes>')
  t.equal(await page.inputValue('#member-suspendErrorCodes'), '101503, 101508')
  await page.fill('[aria-label="Name of the property"]', 'site')
  await page.selectOption('[aria-label="What gives the property"]', 'expression')
  await page.fill('[aria-label="Value of the property"]', '//site')
  await page.selectOption('[aria-label="Scope of the property"]', 'axis2')
  await page.click('.properties >> text=Add')
  await page.focus('[aria-label="Scope of property 1"]')
  await page.selectOption('[aria-label="Scope of property 1"]', 'transport')
  await inSource('<property name="site" expression="//site" scope="transport"/>')
  await page.waitForSelector('.apply-bar >> text=valid')
  await page.selectOption('#group-algorithm', { label: 'Of your own…' })
  await page.fill('#group-algorithm-own', 'com.example.Nearest')
  await inSource('algorithm="com.example.Nearest"')
  await page.waitForSelector('#group-algorithm-own-help.bad >> text=/com.example.Nearest/')
})

t.test('the cursor in the source selects the tab of its member and the field; changed lines are marked', async t => {
  const setup = await setUp(t)
  const page = await groupPage(t, setup)
  await page.locator('.source .cm-line', { hasText: '<progressionFactor>' }).nth(1).click()
  await page.waitForSelector('[role=tab][aria-selected=true]:has-text("orders-2")')
  await page.waitForSelector('.field.current:has-text("Then times")')
  t.equal(await page.locator('.source .cm-lineNumbers .cm-changed').count(), 0)
  await page.fill('#member-progressionFactor', '3')
  await page.waitForSelector('.source .cm-lineNumbers .cm-changed')
  t.equal(await page.locator('.source .cm-lineNumbers .cm-changed').count(), 1)
})

t.test('a mistake in a field is reported at the field, in the words of the check', async t => {
  const setup = await setUp(t)
  const page = await groupPage(t, setup)
  await page.fill('#member-progressionFactor', '2,5')
  await page.waitForSelector('#member-progressionFactor-help.bad >> text=/expects a number, not "2,5"/')
  t.equal(await page.getAttribute('#member-progressionFactor', 'aria-invalid'), 'true')
  t.match(await page.textContent('.ladder'), 'when their numbers are valid')
  await page.fill('#member-progressionFactor', '2')
  await page.waitForSelector('.ladder >> text=Suspended for 20 s → 40 s → 1 min 20 s → 2 min and no longer')
})

t.test('tabs of the form are used with the arrows', async t => {
  const setup = await setUp(t)
  const page = await groupPage(t, setup)
  await page.focus('[role=tab][aria-selected=true]')
  await page.keyboard.press('ArrowRight')
  await page.waitForSelector('[role=tab][aria-selected=true]:has-text("orders-2")')
  await page.keyboard.press('Alt+ArrowLeft')
  await page.waitForSelector('[role=tab]:nth-child(1):has-text("orders-2")')
})

/** How far a form is wider than its column, and the page wider than the window and longer than its content. */
const BEYOND = `(() => {
  const page = document.documentElement
  const [form, main] = ['.design', 'main'].map(each => document.querySelector(each))
  return {
    form: form.scrollWidth - form.clientWidth,
    right: page.scrollWidth - innerWidth,
    below: Math.floor(page.scrollHeight - Math.max(innerHeight, main.getBoundingClientRect().bottom + scrollY))
  }
})()`

for (const [name, more] of VIEWS) {
  t.test(`the configuration is accessible, ${name}`, async t => {
    const setup = await setUp(t)
    const page = await openFile(t, setup, { ...more })
    t.strictSame(await violations(page), [], 'with a source')
    await retypeLine(page, TIMEOUT, timeoutOf('900000'))
    await review(page)
    await page.waitForSelector('dialog .diff td')
    t.strictSame(await violations(page), [], 'with the review')
    const group = await groupPage(t, setup, { ...more })
    t.strictSame(await violations(group), [], 'the form of a group')
    t.strictSame(await group.evaluate(BEYOND), { form: 0, right: 0, below: 0 }, 'nothing is wider or longer than seen')
  })
}
