import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import t from 'tap'
import proxyServices, { ConfigurationError, type ProxyServicesOptions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { exchange } from './http-proxy/sides.js'

const addressProxy = (uri: string): object => ({ endpoint: { kind: 'address', uri } })
const deny = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
  await reply.code(401).send('no')
/** A mediator of a developer, under this name. */
const mediator = (name: string, build: () => unknown): NonNullable<ProxyServicesOptions['extensions']> => ({
  mediators: [{ name, description: 'a test', fields: {}, read: () => ({}), write: () => [], build } as never]
})

t.test('1. no hook or policy of the host is skipped: the handler runs after all of them', async t => {
  const served = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  const ran: string[] = []
  for (const name of ['onRequest', 'preValidation', 'preHandler'] as const) {
    app.addHook(name, async () => {
      ran.push(name)
    })
  }
  app.addHook('onRoute', route => {
    route.preHandler = [
      route.preHandler ?? [],
      async () => {
        ran.push('appended')
      }
    ].flat()
  })
  await app.register(proxyServices, { definitions: { proxies: { P: addressProxy(served.uri) } } })
  t.equal((await app.inject('/services/P')).statusCode, 200)
  t.same(ran, ['onRequest', 'preValidation', 'preHandler', 'appended'])
})

t.test('2. every way in has the same policies: aliases, methods and prefixes', async t => {
  const served = await backend(t, 'one')
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('onRoute', route => {
    if (route.url.startsWith('/services/P')) route.onRequest = [route.onRequest ?? [], deny].flat() as never
  })
  await app.register(proxyServices, { definitions: { proxies: { P: addressProxy(served.uri) } } })
  for (const url of [
    '/services/P',
    '/services/P/x',
    '/services/P.PHttpSoap11Endpoint',
    '/services/P.PHttpsEndpoint/x',
    '/serv%69ces/%50/x'
  ]) {
    t.equal((await app.inject({ method: 'POST', url })).statusCode, 401, url)
  }
  t.not(
    (await app.inject({ method: 'TRACE' as 'GET', url: '/services/P' })).statusCode,
    200,
    'a method without a route'
  )
  t.same(served.requests, [])
})

t.test('2. every way in has the same policies: proxies that a reload adds', async t => {
  const served = await backend(t, 'one')
  const lines: string[] = []
  const app = Fastify({
    logger: {
      level: 'warn',
      stream: {
        write: (line: string) => {
          lines.push(line)
        }
      }
    }
  })
  t.teardown(() => app.close())
  let proxies: Record<string, object> = { P: addressProxy(served.uri) }
  let allowed = new Set(['P'])
  await app.register(proxyServices, {
    definitions: () => ({ proxies }),
    proxies: name => (allowed.has(name) ? { bodyLimit: 3 } : { onRequest: deny })
  })
  t.equal((await app.inject('/services/P')).statusCode, 200)
  proxies = { ...proxies, Q: addressProxy(served.uri) }
  await app.proxyServices.reload()
  for (const url of ['/services/Q', '/services/Q/x', '/services/Q.QHttpSoap12Endpoint']) {
    t.equal((await app.inject(url)).statusCode, 401, url)
  }
  t.match(lines.join(''), /policies that the app binds to routes are not applied/)

  allowed = new Set(['Q'])
  await app.proxyServices.reload()
  t.equal((await app.inject('/services/Q')).statusCode, 200, 'options are read again')
  t.equal((await app.inject('/services/P')).statusCode, 401, 'also for a route that was there before')
  const tooLarge = await app.inject({
    method: 'POST',
    url: '/services/Q',
    headers: { 'content-type': 'text/plain' },
    payload: '1234'
  })
  t.equal(tooLarge.statusCode, 413)
})

for (const kind of ['address', 'member'] as const) {
  t.test(`3. the forwarded path stays below the address of the endpoint: ${kind}`, async t => {
    const served = await backend(t, 'one')
    const { hostname, port } = new URL(served.uri)
    const app = Fastify()
    t.teardown(() => app.close())
    const member = { kind: 'member', hostName: hostname, httpPort: Number(port) }
    const proxy =
      kind === 'address' ? addressProxy(served.uri) : { endpoint: { kind: 'loadbalance', members: [member] } }
    await app.register(proxyServices, { definitions: { proxies: { P: proxy } } })
    for (const path of ['/../private', '/%2e%2e/x', '/..%2fx', '/..;/x', '/a\\b', '/a%5cb', '/%2E./x']) {
      t.equal((await exchange({ app }, `GET /services/P${path} HTTP/1.1\r\nHost: a\r\n\r\n`)).status, 400, path)
    }
    t.same(served.requests, [])
    await exchange({ app }, 'GET /services/P/a;jsessionid=1//b/...?c=../d#e HTTP/1.1\r\nHost: a\r\n\r\n')
    // A member gets the path of the client, that of the proxy included.
    t.match(served.requests, [{ url: `${kind === 'address' ? '/one' : '/services/P'}/a;jsessionid=1//b/...?c=../d` }])
  })
}

t.test('4. the text of an exception never reaches a client, and is in the log', async t => {
  const lines: string[] = []
  const app = Fastify({
    logger: {
      level: 'error',
      stream: {
        write: (line: string) => {
          lines.push(line)
        }
      }
    }
  })
  t.teardown(() => app.close())
  const secret = 'postgres://user:secret@db'
  const extensions = mediator('failing', () => () => {
    throw new Error(`connect ${secret}`)
  })
  await app.register(proxyServices, {
    extensions,
    definitions: { proxies: { P: { in: [{ kind: 'failing' }] } } } as object
  })
  for (const type of ['text/xml', 'application/json']) {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/services/P',
      headers: { 'content-type': type },
      payload: '<a/>'
    })
    t.equal(statusCode, 500)
    t.notMatch(body, secret)
  }
  t.match(lines.join(''), /mediation failed unexpectedly: connect postgres/)
})

t.test('4. a listener of the registry that throws changes nothing for the request, and is logged once', async t => {
  const served = await backend(t, 'two')
  const lines: string[] = []
  const app = Fastify({
    logger: {
      level: 'error',
      stream: {
        write: (line: string) => {
          lines.push(line)
        }
      }
    }
  })
  t.teardown(() => app.close())
  const members = ['http://127.0.0.1:1/a', 'http://127.0.0.1:2/b', served.uri].map(uri => ({ kind: 'address', uri }))
  await app.register(proxyServices, {
    definitions: { proxies: { P: { endpoint: { kind: 'failover', members } } } } as object
  })
  app.endpointRegistry.on('stateChange', () => {
    throw new Error('a listener')
  })
  app.endpointRegistry.on('stateChange', async () => {
    throw new Error('an async listener')
  })
  t.equal((await app.inject('/services/P')).statusCode, 200, 'the message fails over')
  t.equal(lines.filter(line => line.includes('a listener of stateChange failed')).length, 1)
})

t.test('4. an async mediator is an error at build time', async t => {
  const app = Fastify()
  for (const [name, build] of [
    ['function', () => async (message: unknown) => ({ to: 'next', message })],
    ['build', async () => () => {}]
  ] as const) {
    const options: ProxyServicesOptions = {
      extensions: mediator('asynchronous', build),
      definitions: { proxies: { P: { in: [{ kind: 'asynchronous' }] } } } as object
    }
    const scope = Fastify()
    await t.rejects(
      async () => {
        await scope.register(proxyServices, options)
      },
      /"asynchronous" is asynchronous: it must be a plain function/,
      name
    )
    await scope.close()
  }
  t.ok(ConfigurationError)
  await app.close()
})

t.test('the direct way to the socket is taken exactly where the route has no onSend hook', async t => {
  const served = await backend(t, 'one', (_, response) => {
    response.setHeader('X-CaSe', '1')
    response.end('body')
  })
  for (const hooked of [false, true]) {
    const app = Fastify()
    t.teardown(() => app.close())
    let hijacked = false
    app.addHook('preHandler', async (_request, reply) => {
      const hijack = reply.hijack.bind(reply)
      reply.hijack = () => {
        hijacked = true
        return hijack()
      }
    })
    if (hooked) app.addHook('onSend', async (_request, _reply, payload) => payload)
    await app.register(proxyServices, { definitions: { proxies: { P: addressProxy(served.uri) } } })
    const { statusCode, body, raw } = await app.inject('/services/P')
    t.same([statusCode, body], [200, 'body'])
    t.equal(hijacked, !hooked, hooked ? 'through the reply' : 'direct')
    t.ok(raw.res)
  }
})

t.test('HTTP/2 servers: pseudo-headers are not forwarded, bodies need no length, several Set-Cookie stay several', async t => {
  const served = await backend(t, 'one', ({ body }, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.end(`got ${body}`)
  })
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(proxyServices as never, { definitions: { proxies: { P: addressProxy(served.uri) } } } as never)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = connectHttp2(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  t.teardown(() => client.destroy())
  for (const [method, body] of [
    ['POST', 'hello'],
    ['GET', '']
  ] as const) {
    const stream = client.request(
      { ':method': method, ':path': '/services/P/x', 'content-type': 'text/plain' },
      { endStream: body === '' }
    )
    if (body !== '') stream.end(body)
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) text += chunk
    t.match(headers, { ':status': 200, 'set-cookie': ['a=1', 'b=2'] })
    t.equal(text, `got ${body}`)
  }
  t.notOk(served.requests.some(({ headers }) => Object.keys(headers).some(name => name.startsWith(':'))))
})
