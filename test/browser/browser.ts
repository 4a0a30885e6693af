import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { TOKEN } from './demonstration.js'

/**
 * A real browser: Debian's Chromium (`apt-get install chromium`), or the one that CHROMIUM names. Without one, the
 * tests are skipped with a word.
 */
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

if (!existsSync(EXECUTABLE)) {
  console.log(`1..0 # SKIP no browser at ${EXECUTABLE}: apt-get install chromium, or set CHROMIUM`)
  process.exit(0)
}

t.setTimeout(600_000)

/** `evil.example` is a name that its owner has bound to this machine. */
const ARGUMENTS = ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1']

export const browser: Browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS })
t.teardown(() => browser.close())

/** Light, dark and a phone: what every page is looked at in. */
export const VIEWS = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 390, height: 844 } }]
] as const

/** A page of the console, signed in. It fails the test on errors of the page, refusals by its policy, and
 * requests to other hosts. */
export async function open (
  t: Test,
  { url }: { readonly url: string },
  more: object = {},
  token: string | null = TOKEN
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...more })
  t.teardown(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  page.on('pageerror', error => t.fail(`page error: ${error.message}`))
  page.on('console', message => {
    if (/Content Security Policy|TrustedHTML/.test(message.text())) t.fail(message.text())
  })
  const { host } = new URL(url)
  page.on('request', request => {
    const { protocol, host: asked } = new URL(request.url())
    if (protocol.startsWith('http') && asked !== host) t.fail(`a request to another host: ${request.url()}`)
  })
  await page.goto(`${url}/admin/`)
  if (token !== null) {
    await page.fill('input[name=token]', token)
    await page.click('text=Sign in >> nth=-1')
  }
  await page.waitForSelector('.connection.live')
  return page
}

/** Waits until a field has a value. (The policy of the page refuses predicates that come as strings.) */
export async function waitForValue (page: Page, selector: string, isMeant: (value: string) => boolean): Promise<void> {
  const field = page.locator(selector)
  while (!isMeant(await field.inputValue())) await page.waitForTimeout(30)
}

/** The part of axe-core that is used. */
interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
}

/** Rules of WCAG that the page breaks. */
export async function violations (page: Page): Promise<string[]> {
  // In the page's own world the policy refuses a script that comes from a string: evaluate runs beside it.
  await page.evaluate(AXE)
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: Axe }
    return (await axe.run()).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 90)).join(' ')}`
    )
  })
}

/**
 * Replaces the line of the source that contains a text, but for its indentation, by typing. On a busy machine the
 * editor may end the selection of a click after the keys that follow it: the line is selected until it is.
 */
export async function retypeLine (page: Page, text: string, next: string): Promise<void> {
  const line = page.locator('.source .cm-line', { hasText: text }).first()
  do {
    await line.click()
    await page.keyboard.press('End')
    await page.keyboard.press('Shift+Home')
  } while (!String(await page.evaluate('String(getSelection())')).includes(text))
  await page.keyboard.insertText(next)
}
