import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { freePort } from '../support/free-port.js'
import { browser, goTo, open } from './browser.js'
import { TOKEN } from './demonstration.js'

/**
 * Hostile pages, names and bodies, in a real browser. `journeys.md` lists what else is tested of the safety of the
 * console, and where.
 *
 *     npm run test:browser
 */
const MARKUP = '</script><img src=x onerror=alert(1)>'

interface Setup {
  readonly app: FastifyInstance
  readonly url: string
}

/** A gateway whose names, causes and responses are markup. */
async function gateway (t: Test, options: object = { token: TOKEN }): Promise<Setup> {
  const up = await backend(t, 'up', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'x-markup': '<b>bold</b>' }).end(`<html>${MARKUP}</html>`)
  })
  const down = `http://127.0.0.1:${await freePort()}/`
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const members = [
    { kind: 'address', name: MARKUP, uri: down },
    { kind: 'address', name: 'up', uri: up.uri }
  ]
  const send = { kind: 'send', endpoint: { kind: 'loadbalance', name: `Group ${MARKUP}`, members } }
  await app.register(proxyServices, { definitions: { proxies: { Orders: { in: [send] } } } as object })
  await app.register(admin, { prefix: '/admin', console: true, ...options })
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

/** A page of another origin. */
async function otherOrigin (t: Test, html: string): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html)
  })
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

const stateOf = ({ app }: Setup): string => app.endpointRegistry.endpoints.get('up')!.health.state

t.test('names, causes, headers and bodies that are markup are text, on every page', async t => {
  const setup = await gateway(t)
  const page = await open(t, setup)
  page.on('dialog', () => t.fail('a script of a name has run'))
  await page.waitForSelector('td >> text=<img src=x onerror=alert(1)>')
  await goTo(page, 'Proxies')
  await page.click('td >> text=Orders')
  await page.waitForSelector('textarea[aria-label=Body]')
  await page.click('text=Send a real message')
  await page.waitForSelector('.try-out >> text=/200 from/')
  await page.waitForSelector('.try-out pre:has-text("onerror")')
  for (const name of ['Overview', 'Groups', 'Proxies', 'Messages', 'Sessions', 'Configuration', 'Events', 'Explain']) {
    await goTo(page, name)
    await page.waitForSelector('h1')
    t.equal(await page.locator('main img, main script, main b b').count(), 0, name)
  }
})

t.test('a page of another origin can neither frame the console, nor read from the gateway, nor change anything', async t => {
  for (const options of [{ token: TOKEN }, {}]) {
    const setup = await gateway(t, options)
    const hostile = await otherOrigin(
      t,
      `<iframe src="${setup.url}/admin/console/"></iframe>
      <form method=post enctype=text/plain action="${setup.url}/admin/endpoints/up"><input name='{"status":"off","x":"' value='"}'></form>`
    )
    const context = await browser.newContext()
    t.teardown(() => context.close())
    const page = await context.newPage()
    await page.goto(hostile)
    await page.waitForLoadState('networkidle')
    const [, framed] = page.frames()
    t.equal(await framed!.locator('#page').count(), 0, 'it is not framed')
    const fetched = await page.evaluate(async base => {
      const attempt = async (path: string, more: object): Promise<string> =>
        await fetch(`${base}/admin/${path}`, more).then(response => `read ${response.status}`, () => 'refused')
      const body = JSON.stringify({ status: 'off' })
      return [
        await attempt('endpoints', {}),
        await attempt('endpoints/up', { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
        await attempt('endpoints/up', { method: 'POST', headers: { 'content-type': 'text/plain' }, body }),
        await attempt('reload', { method: 'POST', mode: 'cors' })
      ]
    }, setup.url)
    t.strictSame(fetched, ['refused', 'refused', 'refused', 'refused'])
    await Promise.all([page.waitForNavigation(), page.evaluate('document.forms[0].submit()')])
    t.equal(stateOf(setup), 'active', 'nothing has changed')
  }
})

t.test('a name that is rebound to this machine gets a refusal that names the flag, and no data', async t => {
  const setup = await gateway(t, {})
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  const response = await page.goto(`${setup.url.replace('127.0.0.1', 'evil.example')}/admin/endpoints`)
  t.equal(response!.status(), 403)
  t.match(await page.textContent('body'), /evil\.example.*--admin-allow-host evil\.example/)
})
