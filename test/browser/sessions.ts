import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { Page } from 'playwright-core'
import { goTo, open, VIEWS, violations } from './browser.js'
import { demonstrate, TOKEN, type Demonstration } from './demonstration.js'
import proxyServices, { admin, type SessionStore } from '../../plugins/index.js'
import { backend } from '../support/backend.js'

/**
 * Sessions in a real browser.
 *
 *     npm run test:browser
 */
async function sessions (t: Test, more: object = {}): Promise<{ page: Page, setup: Demonstration }> {
  const setup = await demonstrate()
  t.teardown(setup.close)
  await setup.traffic(20)
  const page = await open(t, { url: setup.url }, more)
  await goTo(page, 'Sessions')
  await page.waitForSelector('h2:has-text("16 sessions bound")')
  return { page, setup }
}

t.test('a session is looked up and released; its id is shown nowhere', async t => {
  const { page, setup } = await sessions(t)
  const owner = setup.app.endpointRegistry.sessionOwner('OrdersLB', 'client-0')!
  await page.fill('input[type=password]', 'client-0')
  await page.click('text=Look up')
  await page.waitForSelector(`.lookup >> text=The session is bound to ${owner}`)
  t.notMatch(page.url(), /client-0/)
  await page.click('text=Release it')
  await page.waitForSelector('.notice >> text=The session is released')
  t.equal(setup.app.endpointRegistry.sessionOwner('OrdersLB', 'client-0'), undefined)
  await page.waitForSelector('h2:has-text("15 sessions bound")')
  await page.fill('input[type=password]', 'client-0')
  await page.click('text=Look up')
  await page.waitForSelector('.lookup >> text=bound to no member')
})

t.test('a look-up shows the member of a session, its state, and when the session ends; it prolongs nothing', async t => {
  const { page, setup } = await sessions(t)
  const registry = setup.app.endpointRegistry
  const owner = registry.sessionOwner('OrdersLB', 'client-0')!
  const { sessions: table } = registry.groups.get('OrdersLB')!
  const ends = table!.endsAt('client-0')
  registry.drain(owner)
  await page.fill('input[type=password]', 'client-0')
  await page.click('text=Look up')
  await page.waitForSelector(`.lookup >> text=The session is bound to ${owner}, which is draining.`)
  await page.waitForSelector('.lookup >> text=/Last used at .* ago\\), ends in 9 min \\d+ s unless it is used/')
  t.equal(table!.endsAt('client-0'), ends)
  await page.fill('input[type=password]', 'no-such-session')
  await page.click('text=Look up')
  await page.waitForSelector('.lookup >> text=/bound to no member: it was never begun, or has ended/')
  await goTo(page, 'Events')
  await page.waitForSelector('.events >> text=a session of OrdersLB was looked up')
  t.notMatch(await page.content(), /client-0|no-such-session/)
})

/** A gateway with a group of two members and its console. */
async function small (t: Test, session: object, more: object = {}): Promise<{ page: Page, url: string }> {
  const members = await Promise.all(['one', 'two'].map(async name => ({
    kind: 'address', name, uri: (await backend(t, name)).uri
  })))
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const endpoint = { kind: 'loadbalance', name: 'LB', session, members }
  const definitions = { proxies: { P: { in: [{ kind: 'send', endpoint }] } } } as object
  await app.register(proxyServices, { definitions, ...more })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const page = await open(t, { url })
  await goTo(page, 'Sessions')
  await page.waitForSelector('.lookup')
  return { page, url }
}

const send = async (url: string, id: string): Promise<Response> => {
  const response = await fetch(`${url}/services/P`, { method: 'POST', headers: { 'x-session': id }, body: 'x' })
  await response.arrayBuffer()
  return response
}

t.test('a session that has expired is bound to no member', async t => {
  const { page, url } = await small(t, { kind: 'header', name: 'X-Session', sessionTimeout: 1_000 })
  await send(url, 'client-1')
  await page.fill('input[type=password]', 'client-1')
  for (let text = ''; !text.includes('bound to no member');) {
    await page.click('text=Look up')
    // More than ten within a second are refused.
    text = (await page.locator('.lookup .found', { hasText: /bound to|at most 10/ }).textContent()) ?? ''
  }
  t.pass('after its time')
})

t.test('the cookie of a session that its client holds is verified, and names the member', async t => {
  const { page, url } = await small(t, { kind: 'cookie', keys: ['k'.repeat(32)] })
  const cookie = (await send(url, '')).headers.get('set-cookie')!.split(';')[0]!
  await page.fill('input[type=password]', cookie)
  await page.click('text=Look up')
  await page.waitForSelector('.lookup >> text=/The session is bound to (one|two), which is active/')
  // Not the last letter, of which some bits say nothing.
  await page.fill('input[type=password]', `${cookie.slice(0, -5)}${cookie.at(-5) === 'A' ? 'B' : 'A'}${cookie.slice(-4)}`)
  await page.click('text=Look up')
  await page.waitForSelector('.lookup >> text=/no valid cookie of the group/')
})

t.test('a session in a shared store is looked up there, and the page shows the state of the store', async t => {
  const kept = new Map<string, string>()
  let fails = false
  const sessionStore: SessionStore = {
    cacheTtl: 0,
    async lookup ({ key }) {
      if (fails) throw new Error('the store is away')
      return kept.get(key) ?? null
    },
    async bind ({ key }, member) {
      if (fails) throw new Error('the store is away')
      if (member === null) kept.delete(key)
      else kept.set(key, member)
      return member
    }
  }
  const { page, url } = await small(t, { kind: 'header', name: 'X-Session' }, { sessionStore })
  await send(url, 'client-1')
  await page.waitForSelector('text=/shared, the store is up/')
  await page.fill('input[type=password]', 'client-1')
  await page.click('text=Look up')
  await page.waitForSelector('.lookup >> text=/The session is bound to (one|two), which is active/')
  await page.waitForSelector('.lookup >> text=When it ends is known to the session store only.')
  await page.waitForSelector('nav dl >> text=shared, store up')
  fails = true
  await page.click('text=Look up')
  await page.waitForSelector('.lookup >> text=/session store (failed|does not respond)/')
})

for (const [name, more] of VIEWS) {
  t.test(`sessions are accessible, ${name}`, async t => {
    const { page } = await sessions(t, { ...more })
    t.strictSame(await violations(page), [])
  })
}
