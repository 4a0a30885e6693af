import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { demonstrate, TOKEN, type Demonstration } from './demonstration.js'

/**
 * Pictures of the console for the documents: `docs/images/console-*.png`.
 *
 *     npm run docs:console
 *     node dist/test/browser/screenshots.js FOLDER NAME…
 */
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const [target = 'docs/images', ...only] = process.argv.slice(2)
const folder = resolve(target)
if (!existsSync(EXECUTABLE)) {
  console.log(`no browser at ${EXECUTABLE}: apt-get install chromium, or set CHROMIUM`)
  process.exit(0)
}

interface Picture {
  /** Whether it is taken without traffic in the background. */
  readonly isQuiet?: boolean
  readonly hash: (scene: Demonstration) => string
  readonly options?: object
  readonly prepare?: (page: Page, scene: Demonstration) => Promise<void>
}

const fileHash =
  (name: string) =>
    ({ folder }: Demonstration): string =>
    `#/configuration/${encodeURIComponent(join(folder, name))}`

const PICTURES: Readonly<Record<string, Picture>> = {
  overview: { hash: () => '#/' },
  'overview-dark': { hash: () => '#/', options: { colorScheme: 'dark' } },
  'overview-phone': { hash: () => '#/', options: { viewport: { width: 390, height: 844 } } },
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
  messages: {
    isQuiet: true,
    hash: () => '#/messages',
    prepare: async (page, { app, traffic }) => {
      app.endpointRegistry.switchOn('orders-2')
      for (const name of ['orders-1', 'orders-3']) app.endpointRegistry.releaseSessions('OrdersLB', name)
      await page.click('text=Start recording')
      await page.waitForSelector('text=Recording')
      await traffic(60)
      await page.click('.message-list >> text=/orders-2.*→/ >> nth=0')
      await page.waitForSelector('.why li')
    }
  },
  proxy: {
    hash: () => '#/proxies/OrdersProxy',
    prepare: async page => {
      await page.locator('.flow').waitFor()
      await page.click('text=Send a real message')
      await page.locator('.try-out .why').waitFor()
    }
  },
  'proxy-dark': { hash: () => '#/proxies/OrdersProxy', options: { colorScheme: 'dark' } },
  'proxy-phone': { hash: () => '#/proxies/OrdersProxy', options: { viewport: { width: 390, height: 844 } } },
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
      for (let at = 0; at < 17; at++) await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Backspace')
      await page.keyboard.type('9')
      await page.click('text=Review and apply…')
      await page.waitForSelector('dialog .diff td')
    }
  }
}

const scene = await demonstrate({ token: TOKEN }, { isRelative: true })
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] })
try {
  await scene.traffic(120)
  mkdirSync(folder, { recursive: true })
  const stop = new AbortController()
  void (async () => {
    while (!stop.signal.aborted) await scene.traffic(20)
  })().catch(() => {})
  const isQuiet = ([, picture]: readonly [string, Picture]): number => (picture.isQuiet === true ? 1 : 0)
  const inOrder = Object.entries(PICTURES).sort((a, b) => isQuiet(a) - isQuiet(b))
  for (const [name, picture] of inOrder) {
    if (picture.isQuiet === true) stop.abort()
    if (only.length === 0 || only.includes(name)) await take(name, picture)
  }
  stop.abort()
} finally {
  await browser.close()
  await scene.close()
}

async function take (name: string, { hash, options = {}, prepare }: Picture): Promise<void> {
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
  await page.goto(`${scene.url}/admin/console/${hash(scene)}`)
  await page.fill('input[name=token]', TOKEN)
  await page.click('text=Sign in >> nth=-1')
  await page.waitForSelector('.connection.live')
  await page.waitForTimeout(2_500)
  await prepare?.(page, scene)
  await page.screenshot({ path: join(folder, `console-${name}.png`) })
  await context.close()
  console.log(`${name}: done`)
}
