import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { demonstrate, TOKEN, type Demonstration } from './demonstration.js'
import { EXECUTABLE, missingBrowser } from './executable.js'

/**
 * Pictures of the console for the documents: `docs/images/console-*.png`, those that README and `docs/` show.
 *
 *     npm run docs:console
 *     node dist/test/browser/screenshots.js FOLDER NAME…     any of them
 */
const [target = 'docs/images', ...named] = process.argv.slice(2)
/** Default: those that the documents show. */
const only = named.length > 0 ? named : shownIn('README.md', 'docs/console.md')
const folder = resolve(target)
if (missingBrowser !== undefined) {
  console.log(missingBrowser)
  process.exit(0)
}

interface Picture {
  /** Whether its page is open while the others are taken, so that its charts have something to show. */
  readonly isWatching?: boolean
  /** Whether it is taken without traffic in the background. */
  readonly isQuiet?: boolean
  readonly hash: (setup: Demonstration) => string
  readonly options?: object
  readonly prepare?: (page: Page, setup: Demonstration) => Promise<void>
}

const fileHash =
  (name: string) =>
    ({ folder }: Demonstration): string =>
    `#/configuration/${encodeURIComponent(join(folder, name))}`

const PICTURES: Readonly<Record<string, Picture>> = {
  overview: { isWatching: true, hash: () => '#/' },
  'overview-dark': { isWatching: true, hash: () => '#/', options: { colorScheme: 'dark' } },
  'overview-phone': { isWatching: true, hash: () => '#/', options: { viewport: { width: 390, height: 844 } } },
  configuration: {
    hash: fileHash('endpoints/OrdersLB.xml'),
    prepare: async page => {
      await page.locator('.source .cm-content').waitFor()
    }
  },
  group: {
    hash: () => '#/groups/OrdersLB',
    prepare: async page => {
      await page.locator('.source .cm-content').waitFor()
      await page.fill('#group-sessionTimeout', '900000')
      await page.click('[role=tab]:has-text("orders-2")')
      await page.waitForSelector('.apply-bar >> text=valid')
    }
  },
  'group-dark': {
    hash: () => '#/groups/OrdersLB',
    options: { colorScheme: 'dark' },
    prepare: async page => {
      await page.locator('.source .cm-content').waitFor()
      await page.click('[role=tab]:has-text("orders-2")')
      await page.fill('#member-progressionFactor', '2,5')
      await page.waitForSelector('.field .bad')
    }
  },
  messages: { isQuiet: true, hash: () => '#/messages', prepare: recordFailover },
  'messages-dark': {
    isQuiet: true, hash: () => '#/messages', options: { colorScheme: 'dark' }, prepare: recordFailover
  },
  sessions: {
    hash: () => '#/sessions',
    prepare: async page => {
      await page.fill('input[type=password]', 'client-0')
      await page.click('text=Look up')
      await page.locator('.lookup .found p').first().waitFor()
    }
  },
  groups: { hash: () => '#/groups' },
  'group-members': { isWatching: true, hash: () => '#/groups/OrdersLB/members' },
  proxies: { isWatching: true, hash: () => '#/proxies' },
  proxy: {
    isWatching: true,
    hash: () => '#/proxies/OrdersProxy',
    prepare: async page => {
      await page.locator('.flow').waitFor()
      await page.click('text=Send a real message')
      await page.locator('.try-out .why').waitFor()
    }
  },
  'proxy-dark': { hash: () => '#/proxies/OrdersProxy', options: { colorScheme: 'dark' } },
  'proxy-phone': { hash: () => '#/proxies/OrdersProxy', options: { viewport: { width: 390, height: 844 } } },
  events: { hash: () => '#/events' },
  'events-dark': { hash: () => '#/events', options: { colorScheme: 'dark' } },
  import: {
    hash: () => '#/configuration',
    prepare: async page => {
      await page.locator('.files').waitFor()
      const xml = (name: string, inner: string): Buffer =>
        Buffer.from(`<${name} xmlns="http://ws.apache.org/ns/synapse" name="Invoices">${inner}</${name}>`)
      await page.setInputFiles('input[type=file]', {
        name: 'Invoices.xml',
        mimeType: 'text/xml',
        buffer: xml('endpoint', '<address uri="http://127.0.0.1:9000/invoices"/>')
      })
      await page.locator('.imported').waitFor()
    }
  },
  export: {
    hash: () => '#/configuration',
    prepare: async page => {
      await page.locator('.files').waitFor()
      await page.click('main button:has-text("Export…")')
      await page.locator('.export-form').first().waitFor()
    }
  },
  'group-json': {
    hash: () => '#/groups/OrdersLB?language=json',
    prepare: async page => {
      await page.locator('.source .cm-content').waitFor()
    }
  },
  'group-phone': {
    hash: () => '#/groups/OrdersLB?view=design',
    options: { viewport: { width: 390, height: 844 } },
    prepare: async page => {
      await page.locator('#group-sessionTimeout').waitFor()
    }
  },
  endpoint: {
    hash: () => '#/?endpoint=orders-2',
    prepare: async page => {
      await page.locator('.drawer .ladder').first().waitFor()
    }
  },
  explain: {
    hash: () => '#/explain?proxy=CustomerProxy',
    prepare: async page => {
      await page.click('button.primary >> text=Explain')
      await page.locator('.why li').first().waitFor()
    }
  },
  review: {
    hash: fileHash('endpoints/OrdersLB.xml'),
    prepare: async page => {
      await page.locator('.source .cm-line', { hasText: '600000' }).click()
      await page.keyboard.press('End')
      for (let at = 0; at < '600000</sessionTimeout>'.length; at++) await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Delete')
      await page.keyboard.type('9')
      await page.click('text=Review and apply…')
      await page.waitForSelector('dialog .diff td')
    }
  }
}

/** Names of the pictures that documents show. */
function shownIn (...documents: readonly string[]): string[] {
  const texts = documents.map(each => readFileSync(each, 'utf8')).join()
  return [...texts.matchAll(/images\/console-([\w-]+)\.png/g)].map(([, name]) => name!)
}

/** For how long charts are drawn at least: `CHART_SECONDS`, or 20. */
const CHART_MS = Number(process.env['CHART_SECONDS'] ?? 20) * 1_000
/** Clients that send at once, so that something is in flight. */
const CLIENTS = 4

const setup = await demonstrate({ token: TOKEN }, { isRelative: true })
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] })
try {
  await setup.traffic(120)
  mkdirSync(folder, { recursive: true })
  const stop = new AbortController()
  for (let client = 0; client < CLIENTS; client++) {
    void (async () => {
      while (!stop.signal.aborted) await setup.traffic(20)
    })().catch(() => {})
  }
  const wanted = Object.entries(PICTURES).filter(([name]) => only.includes(name))
  const watching = wanted.filter(([, { isWatching }]) => isWatching === true)
  const quiet = wanted.filter(([, { isQuiet }]) => isQuiet === true)
  const pages = new Map<string, Page>()
  for (const [name, picture] of watching) pages.set(name, await openPage(name, picture))
  for (const [name, picture] of wanted) {
    if (picture.isWatching === true || picture.isQuiet === true) continue
    await take(name, await openPage(name, picture), picture)
  }
  if (watching.length > 0) await new Promise(resolve => setTimeout(resolve, CHART_MS))
  for (const [name, picture] of watching) await take(name, pages.get(name)!, picture)
  stop.abort()
  for (const [name, picture] of quiet) await take(name, await openPage(name, picture), picture)
} finally {
  await browser.close()
  await setup.close()
}

async function openPage (name: string, { hash, options = {} }: Picture): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    ...options
  })
  const page = await context.newPage()
  page.on('pageerror', error => console.error(`${name}: ${error.message}`))
  page.on('console', message => {
    if (message.type() === 'error') console.error(`${name}: ${message.text()}`)
  })
  // The name of the machine that takes the picture is of no interest.
  await page.route('**/gateway', async route => {
    const response = await route.fetch()
    await route.fulfill({
      response,
      json: response.ok() ? { ...(await response.json()), name: 'gw-1' } : await response.json()
    })
  })
  await page.goto(`${setup.url}/admin/console/${hash(setup)}`)
  await page.fill('input[name=token]', TOKEN)
  await page.click('text=Sign in >> nth=-1')
  await page.waitForSelector('.connection.live')
  return page
}

/** Records messages, and opens one that failed over. */
async function recordFailover (page: Page, { app, traffic }: Demonstration): Promise<void> {
  app.endpointRegistry.switchOn('orders-2')
  for (const name of ['orders-1', 'orders-3']) app.endpointRegistry.releaseSessions('OrdersLB', name)
  if (await page.isVisible('text=Start recording')) await page.click('text=Start recording')
  await page.waitForSelector('text=Recording')
  await traffic(60)
  await page.click('.message-list >> text=/orders-2.*→/ >> nth=0')
  await page.waitForSelector('.why li')
}

async function take (name: string, page: Page, { prepare }: Picture): Promise<void> {
  await page.waitForTimeout(2_500)
  await prepare?.(page, setup)
  await page.screenshot({ path: join(folder, `console-${name}.png`) })
  await page.context().close()
  console.log(`${name}: done`)
}
