import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { goTo, open, VIEWS, violations } from './browser.js'
import { saveAndReload } from './configuration-steps.js'
import { demonstrate, type Demonstration } from './demonstration.js'

/**
 * Projects that are imported and exported, in a real browser.
 *
 *     npm run test:browser
 */
const execute = promisify(execFile)
const NS = 'http://ws.apache.org/ns/synapse'

async function configuration (t: Test, more: object = {}): Promise<{ page: Page; setup: Demonstration }> {
  const setup = await demonstrate()
  t.teardown(setup.close)
  const page = await open(t, { url: setup.url }, more)
  await goTo(page, 'Configuration')
  await page.waitForSelector('.files')
  return { page, setup }
}

const artifact = (name: string, type: string): string =>
  `<artifact name="${name}" version="1.0.0" type="${type}"><file>${name}-1.0.0.xml</file></artifact>`

/** A Carbon application with a new proxy, a changed group, and an artefact that is of no use here. */
const carbonApplication = (): Buffer => Buffer.from(zipSync(Object.fromEntries(Object.entries({
  'artifacts.xml': '<artifacts/>',
  'New_1.0.0/artifact.xml': artifact('New', 'synapse/proxy-service'),
  'New_1.0.0/New-1.0.0.xml':
    `<proxy xmlns="${NS}" name="New"><target endpoint="Stock"><outSequence><send/></outSequence></target></proxy>`,
  'Stock_1.0.0/artifact.xml': artifact('Stock', 'synapse/endpoint'),
  'Stock_1.0.0/Stock-1.0.0.xml': `<endpoint xmlns="${NS}" name="Stock"><address uri="http://127.0.0.1:1/stock"/></endpoint>`,
  'Data_1.0.0/artifact.xml': artifact('Data', 'service/dataservice'),
  'Data_1.0.0/Data-1.0.0.xml': '<data name="Data"/>'
}).map(([path, text]) => [path, strToU8(text)]))))

const choose = async (page: Page, name: string, buffer: Buffer): Promise<void> =>
  await page.setInputFiles('input[type=file]', { name, mimeType: 'application/octet-stream', buffer })

t.test('a Carbon application becomes changes, which are reviewed and saved', async t => {
  const { page, setup } = await configuration(t)
  await choose(page, 'Shop_1.0.0.car', carbonApplication())
  await page.waitForSelector('dialog >> text=/2 files become changes/')
  const list = await page.textContent('.imported')
  t.match(list, /proxy-services\/New\.xml new.*endpoints\/Stock\.xml replaces.*type "service\/dataservice" are not read/)
  await page.click('text=Open as changes')
  await page.waitForSelector('.apply-bar >> text=valid')
  t.match(await page.textContent('.apply-bar'), /2 files changed/)
  await page.click('text=Review and apply…')
  await page.waitForSelector('dialog .diff td')
  await saveAndReload(page)
  await page.waitForSelector('.notice >> text=Saved and reloaded')
  t.match(await readFile(join(setup.folder, 'proxy-services/New.xml'), 'utf8'), 'name="New"')
})

t.test('archives that are hostile are refused, and nothing becomes a change', async t => {
  const { page } = await configuration(t)
  await choose(page, 'bomb.zip', Buffer.from(zipSync({ 'a.xml': new Uint8Array(16 * 1024 * 1024) })))
  await page.waitForSelector('.notice >> text=/bomb.zip has more than 4 MiB/')
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}.xml`, strToU8('<a/>')]))
  await choose(page, 'many.zip', Buffer.from(zipSync(many)))
  await page.waitForSelector('.notice >> text=/many.zip has more than 200 files/')
  await choose(page, 'broken.zip', Buffer.from('PK\x03\x04 and nothing else'))
  await page.waitForSelector('.notice >> text=/Not imported/')
  await choose(page, 'out.zip', Buffer.from(zipSync({ '../../evil.xml': strToU8(`<proxy xmlns="${NS}" name="E"/>`) })))
  await page.waitForSelector('dialog >> text=/its path leaves the archive/')
  t.ok(await page.isDisabled('text=Open as changes'))
})

t.test('the project is exported as an archive that passes the check', async t => {
  const { page } = await configuration(t)
  const folder = await mkdtemp(join(tmpdir(), 'exported-'))
  t.teardown(async () => await rm(folder, { recursive: true, force: true }))
  await page.click('text=Export…')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=As it is')])
  t.equal(download.suggestedFilename(), 'configuration.zip')
  for (const [path, bytes] of Object.entries(unzipSync(await readFile(await download.path())))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), strFromU8(bytes))
  }
  await page.waitForSelector('dialog >> text=/8 files exported/')
  const { stdout } = await execute(process.execPath, [new URL('../../lib/cli.js', import.meta.url).pathname, 'check', folder])
  t.match(stdout, /./)
})

for (const [name, more] of VIEWS) {
  t.test(`import and export are accessible, ${name}`, async t => {
    const { page } = await configuration(t, { ...more })
    await choose(page, 'Shop_1.0.0.car', carbonApplication())
    await page.waitForSelector('.imported')
    t.strictSame(await violations(page), [], 'import')
    await page.keyboard.press('Escape')
    await page.click('text=Export…')
    await page.waitForSelector('.export-form')
    t.strictSame(await violations(page), [], 'export')
  })
}
