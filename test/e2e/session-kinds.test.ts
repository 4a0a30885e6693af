import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import proxyServices from '../../plugins/index.js'
import { backend, type Backend, type Seen } from '../support/backend.js'
import { gateway, post, SOAP_11 } from '../support/gateway.js'

/** A server like those that name their sessions: the first response of each session sets what `begin` says. */
const naming = (
  t: Test,
  name: string,
  begin: (seen: Seen, response: ServerResponse, count: number) => string | undefined
): Promise<Backend> => {
  let count = 0
  return backend(t, name, (seen, response) => {
    response.setHeader('Content-Type', 'text/xml; charset=UTF-8')
    const blocks = begin(seen, response, ++count)
    response.end(
      `<s:Envelope xmlns:s="${SOAP_11}">${blocks === undefined ? '' : `<s:Header>${blocks}</s:Header>`}<s:Body><from>${name}</from></s:Body></s:Envelope>`
    )
  })
}
const balanced = (backends: readonly Backend[], session: string, more = ''): string => `
  <proxy name="P" xmlns="http://ws.apache.org/ns/synapse"><target>
    <endpoint>${session}<loadbalance>${backends.map(({ uri }) => `<endpoint><address uri="${uri}">${more}</address></endpoint>`).join('')}</loadbalance></endpoint>
  </target></proxy>`
const XML = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '"urn:x"' }
const MESSAGE = `<s:Envelope xmlns:s="${SOAP_11}"><s:Body/></s:Envelope>`

t.test('http: a client with cookies stays at its server', async t => {
  const backends = await Promise.all(['one', 'two'].map(name => naming(t, name, ({ headers }, response, count) => {
    if (headers.cookie === undefined) {
      response.setHeader('Set-Cookie', ['theme=dark; Path=/', `JSESSIONID=${name}-${count}; Path=/; HttpOnly`])
    }
    if (headers.cookie?.includes('login') === true) {
      response.setHeader('Set-Cookie', `JSESSIONID=${name}-renewed; Path=/`)
    }
    return undefined
  })))
  const { url } = await gateway(t, { definitions: balanced(backends, '<session type="http"/>') })
  const at = `${url}/services/P`
  const send = (cookie?: string) => post(at, MESSAGE, cookie === undefined ? XML : { ...XML, cookie })

  const first = await send()
  t.same(
    [first.from, first.headers.getSetCookie()],
    ['one', ['theme=dark; Path=/', 'JSESSIONID=one-1; Path=/; HttpOnly']]
  )
  t.equal((await send('theme=dark; JSESSIONID=one-1')).from, 'one')
  t.equal(backends[0]!.requests.at(-1)!.headers.cookie, 'theme=dark; JSESSIONID=one-1')
  t.equal((await send('login; JSESSIONID=one-1')).from, 'one')
  t.equal((await send()).from, 'two')
  t.equal((await send('JSESSIONID=one-renewed')).from, 'one', 'also when it changes the id in between')
  t.equal((await send('theme=dark; JSESSIONID=from-last-year')).from, 'one', 'an unknown session starts over')
  t.equal(backends[0]!.requests.at(-1)!.headers.cookie, 'theme=dark', 'without the id that means nothing')
})

t.test('soap: a client of Axis2 stays at its server, and receives the id of its session', async t => {
  const AXIS2 = 'http://ws.apache.org/namespaces/axis2'
  const WSA = 'http://www.w3.org/2005/08/addressing'
  for (const more of ['', '<enableAddressing/>']) {
    const backends = await Promise.all(
      ['one', 'two'].map(name =>
        naming(t, name, ({ body }) =>
          body.includes('ServiceGroupId')
            ? undefined
            : `<w:Action xmlns:w="${WSA}">urn:done</w:Action><w:ReplyTo xmlns:w="${WSA}"><w:Address>${WSA}/anonymous</w:Address><w:ReferenceParameters><a:ServiceGroupId xmlns:a="${AXIS2}">urn:uuid:${name}</a:ServiceGroupId></w:ReferenceParameters></w:ReplyTo>`
        )
      )
    )
    const { url } = await gateway(t, { definitions: balanced(backends, '<session type="soap"/>', more) })
    const send = (id?: string, padding = '') =>
      post(
        `${url}/services/P`,
        `<s:Envelope xmlns:s="${SOAP_11}"><s:Header>${id === undefined ? '' : `<ServiceGroupId xmlns="${AXIS2}">${id}</ServiceGroupId>`}</s:Header><s:Body>${padding}</s:Body></s:Envelope>`,
        XML
      )

    const first = await send()
    t.match(first.body, /<a:ServiceGroupId[^>]*>urn:uuid:one</, 'the client gets the id')
    t.notMatch(first.body, /urn:done/, 'but nothing else of the addressing of its server')
    t.equal((await send()).from, 'two')
    t.equal((await send('urn:uuid:one')).from, 'one')
    t.match(backends[0]!.requests.at(-1)!.body, /ServiceGroupId[^>]*>urn:uuid:one</)
    t.equal((await send('urn:uuid:two')).from, 'two')
    for (const padding of ['', `<x>${'x'.repeat(300_000)}</x>`]) {
      const { from } = await send('urn:uuid:stale', padding)
      const seen = backends.find(({ name }) => name === from)!.requests.at(-1)!
      t.notMatch(seen.body, /ServiceGroupId/, 'a stale id goes no further')
      if (more !== '') t.match(seen.body.slice(0, 2000), /<wsa:To/, 'and the message is addressed all the same')
      t.ok(seen.body.endsWith(`<s:Body>${padding}</s:Body></s:Envelope>`), 'its Body keeps its bytes')
    }
  }
})

t.test('header: an HTTP header names the session', async t => {
  const backends = await Promise.all(['one', 'two'].map(name => backend(t, name)))
  const { url } = await gateway(t, { definitions: balanced(backends, '<session type="header" name="X-Session"/>') })
  const send = async (id: string) => (await post(`${url}/services/P`, MESSAGE, { ...XML, 'x-session': id })).from
  t.same(
    [await send('7'), await send('8'), await send('7'), await send('8'), await send('8')],
    ['one', 'two', 'one', 'two', 'two']
  )
})

t.test('cookie: survives a restart, and is secure behind an ingress that ends TLS', async t => {
  const backends = await Promise.all(['one', 'two'].map(name => backend(t, name)))
  const definitions = balanced(backends, `<session type="cookie" keys="${'k'.repeat(40)}"/>`)
  const start = async (): Promise<{ at: string, stop: () => Promise<unknown> }> => {
    const app = Fastify({ trustProxy: true })
    t.teardown(() => app.close())
    await app.register(proxyServices, { definitions })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return { at: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/services/P`, stop: () => app.close() }
  }
  const before = await start()
  await post(before.at, MESSAGE, XML)
  const second = await post(before.at, MESSAGE, { ...XML, 'x-forwarded-proto': 'https' })
  const [cookie] = second.headers.getSetCookie()
  t.equal(second.from, 'two')
  t.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  t.notMatch((await post(before.at, MESSAGE, XML)).headers.getSetCookie()[0], /Secure/)
  await before.stop()

  const after = await start()
  for (const other of ['a=b', 'c=d', 'a=b']) {
    t.equal((await post(after.at, MESSAGE, { ...XML, cookie: `${other}; ${cookie!.split(';')[0]}` })).from, 'two')
  }
  t.equal(backends[1]!.requests.at(-1)!.headers.cookie, 'a=b', 'the server never sees it')
})
