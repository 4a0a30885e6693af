import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { backend } from '../support/backend.js'
import { message } from '../support/gateway.js'
import { serve } from '../support/processes/serve-process.js'

/** Everything that a client keeps to itself has this in it. */
const SECRET = 'hush'

t.test('no line of the log contains secrets of clients', async t => {
  const up = await backend(t, 'up', ({ url, body }, response) => {
    if (url.includes('reset')) return response.socket!.destroy()
    response.setHeader('set-cookie', `JSESSIONID=${SECRET}-from-server; Path=/`)
    response.setHeader('x-token', `${SECRET}-answer`)
    response.statusCode = body.includes('fail') ? 500 : 200
    response.setHeader('content-type', 'text/xml')
    response.end(
      `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a>${SECRET}</a></e:Body></e:Envelope>`
    )
  })
  const address = (uri: string): object => ({ kind: 'address', uri })
  const group = (session: string, ...uris: readonly string[]): object => ({
    in: [
      { kind: 'send', endpoint: { kind: 'loadbalance', session: { kind: session }, members: uris.map(address) } }
    ]
  })
  const proxies = {
    Named: group('simpleClientSession', 'http://127.0.0.1:1/down', up.uri),
    Cookies: group('http', `${up.uri}/reset`, up.uri),
    Password: group('simpleClientSession', `http://scott:${SECRET}@127.0.0.1:1/?key=${SECRET}`),
    Faulty: {
      in: [
        { kind: 'property', name: 'x', expression: { xpath: '//*[local-name()="none"]/@a + number("z")' } },
        { kind: 'send', endpoint: { ...address(up.uri), enableAddressing: true } }
      ]
    }
  }
  const config = join(t.testdir({ 'p.json': JSON.stringify({ proxies }) }), 'p.json')
  const running = serve(t, config, ['--log-level', 'trace', '--access-log'], {
    adminPort: '0',
    environment: { PROXY_SERVICES_ADMIN_TOKEN: `${SECRET}-admin` }
  })
  const [port, admin] = [await running.port('Server'), await running.port('Admin')]

  const headers = {
    'content-type': 'application/soap+xml; charset=UTF-8',
    authorization: `Bearer ${SECRET}`,
    cookie: `JSESSIONID=${SECRET}; other=${SECRET}`,
    soapaction: `urn:${SECRET}`,
    'x-api-key': SECRET,
    'user-agent': SECRET
  }
  const bodies = [
    message(`${SECRET}-session`),
    message(`${SECRET}-session`, '<fail/>'),
    message(`${SECRET}-session`).replace('<s:Body>', '<broken'),
    `<!DOCTYPE a [<!ENTITY x "${SECRET}">]><a>&x;</a>`,
    SECRET,
    ''
  ]
  const statuses: number[] = []
  for (const path of [...Object.keys(proxies), 'Missing']) {
    for (const body of bodies) {
      const response = await fetch(
        `http://127.0.0.1:${port}/services/${path}/below;jsessionid=${SECRET}?token=${SECRET}`,
        { method: 'POST', headers, body }
      )
      statuses.push(response.status)
      await response.text()
    }
  }
  for (const status of [200, 404, 500]) t.ok(statuses.includes(status), `one of them had ${status}`)
  for (const path of [`/${SECRET}?${SECRET}`, `/services/Named?wsdl&${SECRET}`, `/%zz${SECRET}`]) {
    await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text()
  }
  for (const raw of [
    `GET /${SECRET} HTTP/1.1\r\nHost: x\r\nCookie: ${SECRET}\r\nContent-Length: x\r\n\r\n`,
    `POST /services/Named HTTP/1.1\r\nHost: x\r\nAuthorization: ${SECRET}\r\nContent-Length: 100\r\nContent-Type: text/xml\r\n\r\n<${SECRET}`
  ]) {
    const socket = connect(port, '127.0.0.1')
    socket.end(raw)
    socket.resume()
    await once(socket, 'close')
  }
  for (const authorization of [`Bearer ${SECRET}-admin`, `Bearer ${SECRET}-wrong`]) {
    await fetch(`http://127.0.0.1:${admin}/endpoints`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Password loadbalance', status: 'inactive' })
    })
  }
  running.child.kill('SIGTERM')
  t.equal(await running.exited, 0)

  t.ok(running.lines.length > 20, 'there is a log')
  t.ok(running.lines.some(({ to }) => to === 'suspended'))
  t.same(running.lines.filter(line => JSON.stringify(line).includes(SECRET)).map(({ msg }) => msg), [])
  t.notMatch(running.text, SECRET)
  t.notMatch(running.text, '"type":"Buffer"', 'nor as bytes')
})

t.test('the access log has one line for each request: its proxy, its endpoint, its attempts and its time', async t => {
  const up = await backend(t, 'up')
  const members = ['http://127.0.0.1:1/down', up.uri].map(uri => ({ kind: 'address', uri }))
  const config = join(
    t.testdir({
      'p.json': JSON.stringify({
        proxies: {
          A: { in: [{ kind: 'send', endpoint: { kind: 'loadbalance', members } }] },
          B: { in: [{ kind: 'send', endpoint: members[0] }] },
          C: { transports: ['https'], in: [{ kind: 'drop' }] }
        }
      })
    }),
    'p.json'
  )
  const running = serve(t, config, ['--access-log'])
  const port = await running.port('Server')
  for (const [name, status] of [['A', 200], ['A', 200], ['B', 500], ['C', 403], ['Missing', 404]] as const) {
    const response = await fetch(`http://127.0.0.1:${port}/services/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/soap+xml' },
      body: message()
    })
    t.equal(response.status, status, name)
    await response.text()
  }
  await running.line(/404$/)
  const accesses = running.lines.flatMap(({ access }) =>
    access === undefined ? [] : [access as Record<string, unknown>]
  )
  const origin = `http://127.0.0.1:${up.port}`
  const shown = accesses.map(({ method, proxy, endpoint, status, attempts }) =>
    [method, proxy, endpoint, status, (attempts as unknown[]).length])
  t.same(shown, [
    ['POST', 'A', origin, 200, 2],
    ['POST', 'A', origin, 200, 1],
    ['POST', 'B', undefined, 500, 1],
    ['POST', 'C', undefined, 403, 0],
    ['POST', undefined, undefined, 404, 0]
  ])
  for (const { ms } of accesses) t.ok(Number(ms) > 0)
})
