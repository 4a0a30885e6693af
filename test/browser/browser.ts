import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium, type Browser, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { TOKEN } from './demonstration.js'
import { EXECUTABLE, missingBrowser } from './executable.js'

/** The name of axe-core in stacks of errors. */
const AXE_URL = 'axe-core.js'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

// Without a browser the tests are skipped, and the output reports it.
if (missingBrowser !== undefined) {
  console.log(`1..0 # SKIP ${missingBrowser}`)
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

/** What no page and no response of the admin API may show: the token, session ids, credentials. */
const SECRETS = new RegExp(`${TOKEN}|b3BlcmF0b3I6aHVudGVyMg|client-\\d`)
/** What every page is looked at in at the end of its test. */
const LOOKS = [
  ['light', 'light', 1440, 900],
  ['dark', 'dark', 1440, 900],
  ['on a phone', 'light', 390, 844]
] as const

/** What the pages of ended tests have shown that they must not: the file fails at its end. */
const blemishes: string[] = []
process.on('exit', () => {
  for (const each of blemishes) console.error(`not ok at the end of a test: ${each}`)
  if (blemishes.length > 0) process.exitCode = 1
})

/** The responses in JSON that a page gets; streams end with their page only. */
function responsesOf (page: Page): Promise<string>[] {
  const responses: Promise<string>[] = []
  page.on('response', response => {
    if (response.headers()['content-type']?.startsWith('application/json') !== true) return
    responses.push(response.text().then(text => `${new URL(response.url()).pathname}: ${text}`, () => ''))
  })
  return responses
}

/**
 * At the end of a test, its page breaks no rule of WCAG and is not wider than its window, whatever it is looked at in,
 * and neither it nor what the admin API has sent it shows a secret.
 */
async function check (name: string, page: Page, responses: readonly Promise<string>[]): Promise<void> {
  for (const response of await Promise.all(responses)) {
    const secret = SECRETS.exec(response)
    if (secret !== null) blemishes.push(`${name}: "${secret[0]}" is in a response, ${response.slice(0, 60)}`)
  }
  if (page.isClosed()) return
  const secret = SECRETS.exec(await page.content())
  if (secret !== null) blemishes.push(`${name}: "${secret[0]}" is in the document`)
  for (const [looks, colorScheme, width, height] of LOOKS) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    const surplus = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
    if (surplus > 0) blemishes.push(`${name}, ${looks}: it is ${surplus} pixels wider than the window`)
    for (const each of await violations(page)) blemishes.push(`${name}, ${looks}: ${each}`)
  }
}

/**
 * A page of the console, signed in. It fails the test on errors of the page, refusals by its policy, requests to other
 * hosts, and at the end on violations of WCAG and on secrets.
 * @param prepare what is done before it is loaded
 */
export async function open (
  t: Test,
  { url }: { readonly url: string },
  more: object = {},
  token: string | null = TOKEN,
  prepare: (page: Page) => Promise<void> = async () => {}
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...more })
  const page = await context.newPage()
  const responses = responsesOf(page)
  t.teardown(async () => {
    await check(t.name, page, responses).catch(error => blemishes.push(`${t.name}: ${String(error)}`))
    await context.close()
  })
  page.setDefaultTimeout(30_000)
  page.on('pageerror', error => {
    // axe-core, in its own world, may meet an element that the page removes meanwhile.
    if (error.stack?.includes(AXE_URL) !== true) t.fail(`page error: ${error.stack ?? error.message}`)
  })
  page.on('console', message => {
    if (/Content Security Policy|TrustedHTML/.test(message.text())) t.fail(message.text())
  })
  const { host } = new URL(url)
  page.on('request', request => {
    const { protocol, host: requestedHost } = new URL(request.url())
    if (protocol.startsWith('http') && requestedHost !== host) t.fail(`a request to another host: ${request.url()}`)
  })
  await prepare(page)
  await page.goto(`${url}/admin/`)
  if (token !== null) {
    await page.fill('input[name=token]', token)
    await page.click('text=Sign in >> nth=-1')
  }
  await page.waitForSelector('.connection.live, .connection.polling')
  return page
}

/** Waits until a field has a value. (The policy of the page refuses predicates that come as strings.) */
export async function waitForValue (page: Page, selector: string, isMeant: (value: string) => boolean): Promise<void> {
  const field = page.locator(selector)
  while (!isMeant(await field.inputValue())) await page.waitForTimeout(30)
}

/** What axe-core finds. */
interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

/** Rules of WCAG that the page breaks. axe-core fails where the page changes meanwhile: it is run again then. */
export async function violations (page: Page): Promise<string[]> {
  for (let left = 4; left > 0; left--) {
    const found = await violationsNow(page).catch(() => undefined)
    if (found !== undefined) return found
  }
  return await violationsNow(page)
}

/** axe-core runs in an isolated world: the policy of the page is in force. */
async function violationsNow (page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  try {
    const { frameTree } = await session.send('Page.getFrameTree')
    // eslint-disable-next-line house/plain-words -- the word of the protocol
    const isolated = { frameId: frameTree.frame.id, worldName: 'axe' }
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', isolated)
    // The world of a page is the same each time, and has axe-core from the first time on.
    const { result: { value: isLoaded } } = await session.send('Runtime.evaluate', {
      contextId, expression: "typeof axe === 'object'"
    })
    if (isLoaded !== true) {
      await session.send('Runtime.evaluate', { contextId, expression: `${AXE}\n//# sourceURL=${AXE_URL}` })
    }
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      contextId,
      expression: 'axe.run().then(found => JSON.stringify(found))',
      awaitPromise: true
    })
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'axe-core failed')
    const found = JSON.parse(String(result.value)) as Found
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 90)).join(' ')}`)
  } finally {
    await session.detach()
  }
}

/** Opens a page by the navigation; on a phone some are behind "More". */
export async function goTo (page: Page, label: string): Promise<void> {
  const link = page.locator('nav li a', { hasText: label }).first()
  if (await link.isVisible()) return await link.click()
  await page.click('nav >> text=More')
  await page.click(`.menu:popover-open >> text=${label}`)
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

/** As if the page were in the background. */
export const setHidden = async (page: Page, isHidden: boolean): Promise<unknown> =>
  await page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))`)
