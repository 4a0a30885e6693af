import { createServer as createTlsServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import { CODES } from '../../lib/message/fault.js'
import { freePort } from '../support/free-port.js'
import { leastDuration } from '../support/timing/least-duration.js'
import { schedulingDelay } from '../support/timing/scheduling-delay.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import {
  backend,
  bodyOf,
  envelope,
  bareProxy,
  origin,
  post,
  promised,
  rawBackend,
  whole,
  wire
} from '../support/http/bare-proxy.js'

/** A back-end that reads a whole request head, then does this. */
const responding =
  (then: (socket: Socket) => void) =>
    (socket: Socket): void => {
      let text = ''
      socket.on('data', chunk => {
        text += chunk.toString('latin1')
        if (!text.endsWith('\r\n\r\n')) return
        text = ''
        then(socket)
      })
    }
const get = 'GET /a?b HTTP/1.1\r\nHost: client\r\n\r\n'

t.test('a back-end gets the request of the client, and the client its response', async t => {
  const seen: string[][] = []
  const port = await backend(t, async (request, response) => {
    // The casing of what a client adds is its own.
    const raw = request.rawHeaders.map(each =>
      /^(host|connection|content-length)$/i.test(each) ? each.toLowerCase() : each
    )
    seen.push([`${request.method} ${request.url}`, ...raw, await bodyOf(request)])
    response.writeHead(404, [
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'X-Two',
      'b',
      'X-Two',
      'a',
      'Content-Type',
      'text/xml',
      'Keep-Alive',
      'timeout=9',
      'Connection',
      'X-Named',
      'X-Named',
      '1',
      'Date',
      'then'
    ])
    response.end('<no/>')
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  await wire(
    t,
    proxy.port,
    'POST /a?b HTTP/1.1\r\nHost: client\r\nUser-Agent: u\r\nX-Two: b\r\nx-two: a\r\nDate: d\r\nAuthorization: Bearer x\r\nTE: trailers\r\nContent-Length: 3\r\n\r\nabc'
  ).until(whole)
  t.strictSame(seen, [
    [
      'POST /a?b',
      'host',
      `127.0.0.1:${port}`,
      'connection',
      'keep-alive',
      'X-Two',
      'b',
      'x-two',
      'a',
      'Authorization',
      'Bearer x',
      'content-length',
      '3',
      'abc'
    ]
  ])
  t.match(proxy.outcomes[0], {
    kind: 'answered',
    message: {
      direction: 'response',
      method: 'POST',
      path: '/a',
      query: '?b',
      status: 404,
      addressing: {},
      axis2: {},
      read: false,
      body: { kind: 'bytes', bytes: Buffer.from('<no/>') }
    }
  })
  const [outcome] = proxy.outcomes
  const headers = outcome?.kind === 'answered' ? outcome.message.headers : []
  t.strictSame(
    headers.filter(each => each !== 'then'),
    ['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'X-Two', 'b', 'X-Two', 'a', 'Content-Type', 'text/xml', 'Date']
  )
})

t.test('connections to an endpoint are reused', async t => {
  const sockets = new Set<unknown>()
  const port = await backend(t, async (request, response) => {
    sockets.add(request.socket)
    await bodyOf(request)
    response.end('ok')
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  for (let at = 0; at < 5; at++) await wire(t, proxy.port, post('x')).until(whole)
  t.equal(sockets.size, 1)
})

/** How back-ends misbehave before the head of their response is there. */
const BROKEN: Array<[string, (socket: Socket) => void, number, number]> = [
  ['closes before it responds', socket => socket.end(), CODES.CONNECTION_CLOSED, 101508],
  ['resets', socket => socket.resetAndDestroy(), CODES.CONNECTION_CLOSED, 101503],
  ['sends half a head', socket => socket.end('HTTP/1.1 200 OK\r\nContent-'), CODES.CONNECTION_CLOSED, 101508],
  ['does not speak HTTP', socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), CODES.PROTOCOL_VIOLATION, 101509],
  [
    'breaks its head',
    socket => socket.write('HTTP/1.1 200 OK\r\nBad Header\r\n\r\n'),
    CODES.PROTOCOL_VIOLATION,
    101509
  ],
  [
    'breaks its head after a length',
    socket => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nBad Header\r\n\r\n'),
    CODES.PROTOCOL_VIOLATION,
    101509
  ],
  [
    'says two lengths',
    socket => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'),
    CODES.PROTOCOL_VIOLATION,
    101509
  ],
  [
    'says a length and chunks',
    socket =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'),
    CODES.PROTOCOL_VIOLATION,
    101509
  ],
  [
    'uses an unknown transfer coding',
    socket => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'),
    CODES.PROTOCOL_VIOLATION,
    101509
  ],
  [
    'switches protocols',
    socket => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    CODES.PROTOCOL_VIOLATION,
    101509
  ],
  [
    'sends interim responses without end',
    socket => {
      const more = (): void => {
        while (!socket.destroyed && socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'));
      }
      socket.on('drain', more)
      more()
    },
    CODES.PROTOCOL_VIOLATION,
    101509
  ]
]

t.test('a response head beyond the limit of the gateway is refused, and it does not count against the endpoint', async t => {
  const port = await rawBackend(t, socket => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(`X-A: ${'a'.repeat(1000)}\r\n`));
    }
    socket.on('drain', more).write('HTTP/1.1 200 OK\r\n')
    more()
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  await wire(t, proxy.port, get).until(whole)
  t.match(proxy.outcomes, [{ kind: 'refused', fault: { code: CODES.RECEIVING, requestSent: true } }])
})

for (const [name, behave, code, alias] of BROKEN) {
  t.test(`a back-end that ${name}: its failure has a code, and the next endpoint is tried`, async t => {
    let tries = 0
    const bad = await rawBackend(
      t,
      responding(socket => {
        tries++
        behave(socket)
      })
    )
    const good = await backend(t, (_, response) => {
      response.end('good')
    })
    const proxy = await bareProxy(t, { origins: [origin(bad), origin(good)], timeout: 120_000 })
    t.match(await wire(t, proxy.port, get).until(whole), /\r\n\r\ngood$/, 'another one is tried')
    t.match(proxy.outcomes[0], {
      kind: 'failed',
      retry: 'any',
      fault: { code, passThroughCode: alias, requestSent: true }
    })
    t.notMatch(
      (proxy.outcomes[0] as { fault: { reason: string } }).fault.reason,
      `${bad}`,
      'clients do not learn the address'
    )
    t.equal(tries, 1, 'nothing is sent twice to one back-end')
  })
}

t.test('a closed port, an unknown host and an invalid address are faults with codes of their own', async t => {
  const port = await freePort()
  const good = await backend(t, (_, response) => {
    response.end('good')
  })
  const proxy = await bareProxy(t, { origins: [origin(port), 'http://unknown.invalid:80', 'nonsense', origin(good)] })
  t.match(await wire(t, proxy.port, post('x'.repeat(500_000))).until(whole), /good$/, 'not even a stream is lost')
  t.match(proxy.outcomes.slice(0, 3), [
    {
      kind: 'failed',
      retry: 'any',
      fault: {
        code: CODES.CONNECTION_FAILED,
        requestSent: false,
        reason: 'No connection to the endpoint: it was refused'
      }
    },
    {
      kind: 'failed',
      retry: 'any',
      fault: { code: CODES.CONNECTION_FAILED, requestSent: false, reason: /^No connection to the endpoint: / }
    },
    { kind: 'refused' }
  ])
})

t.test('a body that was kept is sent again, the same bytes; one that streamed away is not', async t => {
  const bad = await rawBackend(t, socket => {
    socket.once('data', () => socket.resetAndDestroy())
  })
  const bodies: string[] = []
  const good = await backend(t, async (request, response) => {
    bodies.push(await bodyOf(request))
    response.end('good')
  })
  const proxy = await bareProxy(t, { origins: [origin(bad), origin(good)], limits: { replayBufferLimit: 1000 } })
  const text = envelope(1000)
  await wire(t, proxy.port, post(text)).until(whole)
  t.strictSame(bodies, [text])
  t.match(await wire(t, proxy.port, post(envelope(200_000))).until(whole), /^HTTP\/1.1 502 (.|\r\n)*X-Code: 101505/)
  t.equal(bodies.length, 1)
  t.match(proxy.outcomes.at(-1), { kind: 'failed', retry: 'none', fault: { requestSent: true } })
  t.equal(proxy.budget.retriesImpossible, 1)
  t.match(proxy.unrepeatable, [{ call: { origin: origin(bad) }, reason: { code: CODES.CONNECTION_CLOSED } }])
  t.equal(proxy.budget.inUse, 0)
})

t.test('the response timeout ends when the head of the response is complete', async t => {
  const scheduling = schedulingDelay(t)
  const silent = await rawBackend(
    t,
    responding(() => {})
  )
  for (const timeout of [30, 1200]) {
    const proxy = await bareProxy(t, { origins: [origin(silent)], timeout })
    const took = await leastDuration(timeout + 400, async () => await wire(t, proxy.port, get).until(whole))
    t.match(proxy.outcomes[0], {
      kind: 'failed',
      retry: 'any',
      fault: { code: CODES.CONNECTION_TIMEOUT, passThroughCode: 101507, requestSent: true }
    })
    t.ok(took >= timeout - 1 && took < timeout + 400 + 2 * scheduling.take(), `${timeout}: ${took}`)
  }
  const slow = await rawBackend(
    t,
    responding(socket => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na')
      setTimeout(() => socket.write('b'), 2_000)
    })
  )
  const proxy = await bareProxy(t, { origins: [origin(slow)], timeout: 1_500 })
  t.match(await wire(t, proxy.port, get).until(whole), /ab$/, 'its body may take longer')
})

t.test("the time of a client that sends slowly is not the back-end's", async t => {
  const port = await backend(t, async (request, response) => {
    response.end(await bodyOf(request))
  })
  const proxy = await bareProxy(t, { origins: [origin(port)], timeout: 1_500, limits: { replayBufferLimit: 10 } })
  const client = wire(t, proxy.port, post('x'.repeat(30)).slice(0, -10))
  setTimeout(() => client.socket.write('x'.repeat(10)), 2_000)
  t.match(await client.until(whole), /x{30}$/)
})

t.test('a back-end that does not read the body runs into the response timeout', async t => {
  const port = await rawBackend(t, () => {}, true)
  const proxy = await bareProxy(t, { origins: [origin(port)], timeout: 100 })
  const client = wire(t, proxy.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n')
  const more = (): void => {
    while (!client.socket.destroyed && client.socket.write(Buffer.alloc(65_536)));
  }
  client.socket.on('drain', more)
  more()
  t.match(await client.until(whole), /^HTTP\/1.1 502 (.|\r\n)*X-Code: 101504/)
})

t.test('no more requests than allowed are in flight to one origin; further ones are refused', async t => {
  const [arrived, go] = [promised(), promised()]
  const port = await backend(t, async (_, response) => {
    arrived.resolve()
    await go.promise
    response.end('ok')
  })
  const proxy = await bareProxy(t, { origins: [origin(port)], limits: { maxRequestsPerOrigin: 1 } })
  const first = wire(t, proxy.port, get)
  await arrived.promise
  await wire(t, proxy.port, get).until(whole)
  t.match(proxy.outcomes, [{ kind: 'refused', fault: { code: CODES.NOT_READY, requestSent: false } }])
  go.resolve()
  await first.until(whole)
  t.match(await wire(t, proxy.port, get).until(whole), /ok$/, 'there is room again')
})

t.test('connections to many origins are not all kept', async t => {
  const ports = await Promise.all(
    [1, 2, 3].map(() =>
      backend(t, (request, response) => {
        response.end(String(request.socket.localPort))
      })
    )
  )
  const proxy = await bareProxy(t, {
    limits: { maxOrigins: 2 },
    handle: async (self, message, exchange) => {
      const outcome = await self.forwarder.forward(
        self.call(origin(Number(message.path.slice(1))), message),
        exchange,
        'nothing'
      )
      if (outcome.kind !== 'answered') throw new Error(outcome.fault.reason)
      return outcome.message
    }
  })
  for (const port of [...ports, ...ports]) {
    t.match(
      await wire(t, proxy.port, `GET /${port} HTTP/1.1\r\nHost: a\r\n\r\n`).until(whole),
      new RegExp(`${port}$`)
    )
  }
})

t.test('a request that cannot be written is refused with a reason', async t => {
  const port = await backend(t, (_, response) => {
    response.end('ok')
  })
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      const outcomes = []
      for (const headers of [
        ['X-A', 'b\r\nX-C: d'],
        ['X A', 'b']
      ]) {
        outcomes.push(
          await self.forwarder.forward(self.call(origin(port), { ...message, headers }), exchange, 'nothing')
        )
      }
      t.match(outcomes, [
        { kind: 'refused', fault: { code: CODES.SENDING, requestSent: false, reason: /could not be written$/ } },
        { kind: 'refused' }
      ])
      const outcome = await self.forwarder.forward(
        self.call(origin(port), {
          ...message,
          headers: ['Transfer-Encoding', 'chunked', 'Content-Length', '77', 'Expect', 'x', 'Connection', 'close']
        }),
        exchange,
        'nothing'
      )
      t.equal(outcome.kind, 'answered', 'framing is by the body, whatever the configuration set')
      return (outcome as { message: typeof message }).message
    }
  })
  await wire(t, proxy.port, get).until(whole)
})

t.test(
  'https: certificates are verified unless the endpoint switches that off; the two never share a connection',
  async t => {
    const server = createTlsServer({ key: KEY, cert: CERTIFICATE }, (_, response) => {
      response.end('safe')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const proxy = await bareProxy(t, {
      handle: async (self, message, exchange) => {
        const forward = (verify: boolean) =>
          self.forwarder.forward(
            { ...self.call(address, message), options: { timeout: 0, verify } },
            exchange,
            'nothing'
          )
        const [unverified, verified] = [await forward(false), await forward(true)]
        t.match(verified, {
          kind: 'failed',
          retry: 'any',
          fault: {
            code: CODES.CONNECTION_FAILED,
            requestSent: false,
            reason: /TLS failed$/,
            logDetail: 'the certificate of the endpoint is self-signed, and not trusted'
          }
        })
        return (unverified as { message: typeof message }).message
      }
    })
    t.match(await wire(t, proxy.port, get).until(whole), /safe$/)
    const plain = await rawBackend(t, socket => socket.end('no TLS'))
    const other = await bareProxy(t, { origins: [`https://127.0.0.1:${plain}`] })
    await wire(t, other.port, get).until(whole)
    t.match(other.outcomes[0], { kind: 'failed', fault: { code: CODES.CONNECTION_FAILED, reason: /TLS failed/ } })
  }
)

t.test('a connection that is not open in time is a failure', async t => {
  const port = await rawBackend(t, () => {}) // accepts, and then says nothing of TLS
  const proxy = await bareProxy(t, { origins: [`https://127.0.0.1:${port}`], limits: { connectTimeout: 50 } })
  await wire(t, proxy.port, post('x'.repeat(200_000))).until(whole)
  t.match(proxy.outcomes, [
    { kind: 'failed', retry: 'any', fault: { code: CODES.CONNECT_TIMEOUT, requestSent: false } }
  ])
})

t.test('closing waits for requests in flight, for a bounded time', async t => {
  const [arrived, go] = [promised(), promised()]
  const port = await backend(t, async (_, response) => {
    arrived.resolve()
    await go.promise
    response.end('ok')
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const client = wire(t, proxy.port, get)
  await arrived.promise
  const closed = proxy.forwarder.close()
  go.resolve()
  t.match(await client.until(whole), /ok$/)
  await closed
  const never = await rawBackend(
    t,
    responding(() => arrived.resolve())
  )
  const stuck = await bareProxy(t, { origins: [origin(never)] })
  const outcome = stuck.nextOutcome()
  wire(t, stuck.port, get)
  await new Promise<void>(resolve => {
    const check = (): void => {
      if (stuck.messages.length > 0) resolve()
      else setImmediate(check)
    }
    check()
  })
  await stuck.forwarder.close(10)
  t.not((await outcome).kind, 'answered')
})
