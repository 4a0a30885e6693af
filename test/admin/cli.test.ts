import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { backend } from '../support/backend.js'
import { message, post, stickyProxy } from '../support/gateway.js'
import { operatedGateway } from '../support/operation/operated-gateway.js'
import { runMain } from '../support/processes/run-main.js'
import { Running } from '../support/processes/serve-process.js'

t.test('a command prints the same in this process and in one of its own', async t => {
  const { admin } = await operated(t)
  const words = ['status', '--admin', admin]
  const running = new Running(t, words)
  const { code, text } = await runMain(t, words)
  t.same([await running.exited, running.text], [code, text])
})

/** A gateway with two proxies: both use a back-end that runs, one of them also one that does not. */
async function operated (
  t: Test,
  token?: string
): Promise<{ admin: string; up: string; send: (name: string) => Promise<unknown> }> {
  const up = await backend(t, 'up')
  const definitions = {
    proxies: { Quotes: stickyProxy(['http://127.0.0.1:1/down', up.uri]), Orders: stickyProxy([up.uri]) }
  }
  const { url, admin } = await operatedGateway(t, definitions, { token })
  return {
    admin,
    up: up.uri,
    send: name => post(`${url}/services/${name}`, message('s1'))
  }
}

t.test('status shows which endpoints are suspended, why, and until when', async t => {
  const { admin, up, send } = await operated(t)
  t.match(await runMain(t, ['status', '--admin', admin]), { code: 0, text: /^all 3 endpoints are ready\n/ })
  await send('Quotes')
  const { code, text } = await runMain(t, ['status', '--admin', admin])
  t.equal(code, 0)
  const [headline, , head, first, ...others] = text.split('\n')
  t.equal(headline, '1 of 3 endpoints is not ready')
  t.match(head, /^ENDPOINT +STATE +NEXT RETRY +IN FLIGHT +OLDEST +RESPONSES +FAILURES +CAUSE$/)
  t.match(
    first,
    /^Quotes http:\/\/127\.0\.0\.1:1\/down +suspended +[\d:]{8} \(\d+ s\) +0 +- +0 +1 +.*refused, since [\d:]{8}$/
  )
  t.ok(others.some(line => line.startsWith(`Quotes ${up} `) && / active +- +0 +- +1 +0 +-$/.test(line)))
  t.match(text, /\nGROUP +READY +SESSIONS +EVICTED\n/)
  t.match(text, /\nQuotes loadbalance +1 of 2 +1 +0\n/)

  const json = await runMain(t, ['status', '--admin', admin, '--json'])
  t.match(JSON.parse(json.text), {
    endpoints: [{ state: 'suspended' }, { state: 'active' }, { state: 'active' }],
    groups: [{ ready: 1 }, { ready: 1 }]
  })
  t.equal(
    (await runMain(t, ['status'], { PROXY_SERVICES_ADMIN_PORT: new URL(admin).port })).code,
    0,
    'inside the container, where it listens is known'
  )
})

t.test('on, off and drain switch endpoints and groups by name, part of a name, or address', async t => {
  const { admin, up } = await operated(t)
  const command = async (...words: readonly string[]) => {
    const { code, text } = await runMain(t, [...words, '--admin', admin])
    return { code, text }
  }
  const states = async (): Promise<string[]> =>
    ((await (await fetch(`${admin}/endpoints`)).json()) as { list: { state: string }[] }).list.map(
      ({ state }) => state
    )
  t.strictSame(await command('off', 'Quotes http://127.0.0.1:1/down'), {
    code: 0,
    text: 'Quotes http://127.0.0.1:1/down is switched off\n'
  })
  t.same(await states(), ['off', 'active', 'active'])
  t.match(await command('status'), { text: /down +off +when switched on +0 +- +0 +0 +switched off, since/ })
  t.strictSame(
    await command('drain', up),
    { code: 0, text: `Quotes ${up} is draining\nOrders ${up} is draining\n` },
    'an address selects all endpoints that have it'
  )
  t.same(await states(), ['off', 'draining', 'draining'])
  t.match(await command('on', 'Quotes loadbalance'), { code: 0, text: 'Quotes loadbalance is switched on\n' })
  t.same(await states(), ['active', 'active', 'draining'])
  t.match(
    await command('on', 'Orders http'),
    { code: 0, text: /^Orders http.* is switched on\n$/ },
    'a part is enough if only one name has it'
  )

  t.match(await command('off', 'Quotes'), {
    code: 1,
    text: /^Quotes fits several names:\n {2}Quotes http[^]*\n {2}Quotes loadbalance\n$/
  })
  t.match(await command('off', 'Missing'), {
    code: 1,
    text: /^unknown endpoint or group Missing; known:\n {2}Quotes http/
  })
  t.same(await states(), ['active', 'active', 'active'], 'nothing has changed')
  t.equal((await command('off')).code, 2)
  t.equal((await command('off', 'a', 'b')).code, 2)
})

t.test('a command sends the token of the admin API', async t => {
  const { admin } = await operated(t, 'sesame')
  t.match(await runMain(t, ['status', '--admin', admin]), {
    code: 1,
    text: /requires a token: --admin-token, or PROXY_SERVICES_ADMIN_TOKEN/
  })
  t.match(await runMain(t, ['status', '--admin', admin, '--admin-token', 'other']), {
    code: 1,
    text: /does not accept this token: --admin-token/
  })
  t.equal((await runMain(t, ['status', '--admin', admin, '--admin-token', 'sesame'])).code, 0)
  t.equal(
    (
      await runMain(t, ['off', 'Orders loadbalance'], {
        PROXY_SERVICES_ADMIN: admin,
        PROXY_SERVICES_ADMIN_TOKEN: 'sesame'
      })
    ).code,
    0
  )
})

t.test('a wrong admin address is reported with advice', async t => {
  const other = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const admin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  t.match(await runMain(t, ['status', '--admin', admin]), { code: 1, text: /it is not the admin API of a gateway\n$/ })
  other.close()
  await once(other, 'close')
  t.match(await runMain(t, ['off', 'x', '--admin', admin]), {
    code: 1,
    text: `nothing listens at ${admin}: is the gateway running, and is this its admin port (--admin)? (ECONNREFUSED)\n`
  })
  t.match(await runMain(t, ['status', '--admin', 'localhost:9164']), { code: 2, text: /--admin expects an address like/ })
})
