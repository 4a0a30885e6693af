import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { retypeLine } from './browser.js'
import { FILE, openFile, review, saveAndReload, setUp, TIMEOUT, timeoutOf, type Setup } from './configuration-steps.js'
import { TOKEN } from './demonstration.js'
import { gatewayProcess } from './gateway-process.js'

/**
 * Files that change on disk, folders that cannot be written, and the end of unconfirmed configurations, in a browser.
 *
 *     npm run test:browser
 */
/** Changes the timeout in the page, then the file by another hand, and saves. */
async function conflict (
  t: Test,
  change: (text: string) => string
): Promise<{ setup: Setup; page: Page; theirs: string }> {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  const theirs = change(await setup.onDisk())
  await writeFile(join(setup.folder, FILE), theirs)
  await saveAndReload(page)
  await page.waitForSelector('dialog >> text=OrdersLB.xml has changed since it was opened.')
  return { setup, page, theirs }
}

const otherLine = (text: string): string => text.replace('until March', 'until April')
const sameLine = (text: string): string => text.replace('600000', '700000')

t.test('changes on the page and on disk to different lines are merged', async t => {
  const { setup, page, theirs } = await conflict(t, otherLine)
  await page.waitForSelector('[aria-label^="Their changes"] .added >> text=until April')
  await page.waitForSelector('[aria-label^="Your changes"] .added >> text=900000')
  await page.click('text=Keep both')
  await page.waitForSelector('dialog', { state: 'detached' })
  await review(page)
  await saveAndReload(page)
  await page.waitForSelector('.notice >> text=Saved and reloaded')
  t.equal(await setup.onDisk(), theirs.replace('600000', '900000'))
})

t.test('of two changes to one line, that of the page is kept and replaces that on disk', async t => {
  const { setup, page, theirs } = await conflict(t, sameLine)
  await page.waitForSelector('dialog >> text=/Both cannot be kept/')
  t.ok(await page.isDisabled('text=Keep both'))
  t.equal(await setup.onDisk(), theirs, 'nothing is written before it is settled')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.keyboard.press('Control+s')
  t.equal(await page.locator('dialog').count(), 0, 'nothing is reviewed before it is settled')
  await page.click('text=Compare…')
  await page.click('text=Keep mine')
  await review(page)
  t.match(await page.textContent('dialog .removed'), /700000/, 'the review shows what is replaced')
  await saveAndReload(page)
  await page.waitForSelector('.notice >> text=Saved and reloaded')
  t.equal(await setup.onDisk(), theirs.replace('700000', '900000'))
})

t.test('of two changes to one line, that on disk is taken, and nothing remains to save', async t => {
  const { setup, page, theirs } = await conflict(t, sameLine)
  await page.click('text=Keep theirs')
  await page.waitForSelector('.apply-bar', { state: 'detached' })
  await page.waitForSelector('.source .cm-line:has-text("700000")')
  t.equal(await setup.onDisk(), theirs)
})

t.test('where the folder is read-only, a change can be downloaded only, and the files stay', async t => {
  if (process.getuid?.() !== 0) return t.pass('only root can become another user')
  const setup = await setUp(t)
  const before = await setup.onDisk()
  const names = await readdir(setup.folder, { recursive: true, withFileTypes: true })
  for (const each of names) await chmod(join(each.parentPath, each.name), each.isDirectory() ? 0o555 : 0o444)
  for (const each of [dirname(setup.folder), setup.folder]) await chmod(each, 0o555)
  const { url } = await gatewayProcess(t, setup.folder, { isUnprivileged: true })
  const page = await openFile(t, { url })
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  for (const way of ['Try it', 'Save and reload']) {
    t.ok(await page.isDisabled(`.ways label:has-text("${way}") input`), way)
    t.match(await page.textContent(`.ways label:has-text("${way}")`), /is read-only/)
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('dialog footer >> text=Download')])
  t.equal(await readFile(await download.path(), 'utf8'), before.replace('600000', '900000'))
  t.equal(await setup.onDisk(), before)
})

interface Group {
  readonly name: string
  readonly sessions: { readonly timeout: number }
}

const admin = async (url: string, path: string, body?: object): Promise<any> => {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return await (await fetch(`${url}/admin/${path}`, init)).json()
}

/** The session timeout that a gateway runs with. */
async function running (url: string): Promise<number> {
  const { list } = (await admin(url, 'groups')) as { list: Group[] }
  return list.find(({ name }) => name === 'OrdersLB')!.sessions.timeout
}

t.test('an unconfirmed configuration whose time is over disappears from the page, and the file runs', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  const file = join(setup.folder, FILE)
  const { text, hash } = await admin(setup.url, `configuration/files/${encodeURIComponent(file)}`)
  const files = { [file]: { text: text.replace('600000', '900000'), was: hash } }
  await admin(setup.url, 'configuration/apply', { how: 'try', minutes: 0.05, files })
  await page.waitForSelector('.unconfirmed >> text=An unconfirmed configuration runs')
  t.equal(await running(setup.url), 900_000)
  await page.waitForSelector('.unconfirmed', { state: 'detached' })
  while ((await running(setup.url)) !== 600_000) await page.waitForTimeout(20)
  t.equal(await setup.onDisk(), text)
})

t.test('a gateway that is killed with an unconfirmed configuration runs the file when it starts again', async t => {
  const setup = await setUp(t)
  const before = await setup.onDisk()
  const first = await gatewayProcess(t, setup.folder)
  const page = await openFile(t, first)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  await page.fill('.ways input[type=number]', '1')
  await page.click('dialog footer >> text=Try it for 1 min')
  await page.waitForSelector('.unconfirmed >> text=An unconfirmed configuration runs')
  t.equal(await running(first.url), 900_000)
  await first.kill()
  await page.waitForSelector('.band')
  const second = await gatewayProcess(t, setup.folder)
  t.equal(await running(second.url), 600_000)
  t.equal(await setup.onDisk(), before)
})

t.test('what a reload changed is shown line by line', async t => {
  const setup = await setUp(t)
  const page = await openFile(t, setup)
  await retypeLine(page, TIMEOUT, timeoutOf('900000'))
  await review(page)
  await saveAndReload(page)
  await page.click('tr:has-text("saved") >> text=What changed')
  await page.waitForSelector('dialog .removed >> text=600000')
  await page.waitForSelector('dialog .added >> text=900000')
})
