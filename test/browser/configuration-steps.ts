import type { Page } from 'playwright-core'
import { goTo } from './browser.js'

/** What operators do to change a configuration in the console. */

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
