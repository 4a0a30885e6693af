import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { goTo, open } from './browser.js'
import { demonstrate, type Demonstration } from './demonstration.js'

/** What operators do to change a configuration in the console. */

/** The file that is changed, below the folder of the configuration. */
export const FILE = 'endpoints/OrdersLB.xml'
/** How the line with its session timeout begins. */
export const TIMEOUT = '<sessionTimeout>600000'
export const timeoutOf = (value: string): string => `<sessionTimeout>${value}</sessionTimeout>`

export interface Setup extends Demonstration {
  readonly onDisk: () => Promise<string>
}

/** @param more options of the admin plugin */
export async function setUp (t: Test, more?: object): Promise<Setup> {
  const setup = await demonstrate(more)
  t.teardown(setup.close)
  return { ...setup, onDisk: async () => await readFile(join(setup.folder, FILE), 'utf8') }
}

/** The page of the file, with its editor. */
export async function openFile (t: Test, { url }: { readonly url: string }, more: object = {}): Promise<Page> {
  const page = await open(t, { url }, more)
  await showFile(page, FILE)
  return page
}

/** Opens a file, with its editor. @param file its path below the folder of the configuration */
export async function showFile (page: Page, file: string): Promise<void> {
  await goTo(page, 'Configuration')
  await page.click(`.files >> text=${basename(file)}`)
  await page.waitForSelector('.source .cm-content')
}

/** Opens a group, with its form and its editor. */
export async function openGroup (page: Page, name: string): Promise<void> {
  await goTo(page, 'Groups')
  await page.click(`td >> text=${name}`)
  await page.waitForSelector('.source .cm-content')
  await page.waitForSelector('#group-sessionTimeout')
}

/** The members of the group that is open, in their order. */
export const memberTabs = async (page: Page): Promise<string[]> =>
  (await page.locator('[role=tab]').allTextContents()).map(text => text.trim())

/** Opens the review as soon as the changes are valid. */
export async function review (page: Page): Promise<void> {
  await page.waitForSelector('.apply-bar >> text=valid')
  await page.click('text=Review and apply…')
}

/** Chooses in the review to save and reload, and does so. */
export async function saveAndReload (page: Page): Promise<void> {
  await page.click('dialog >> text=Save and reload >> nth=0')
  await page.click('dialog footer >> text=Save and reload')
}
