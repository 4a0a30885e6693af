import { readFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { CODES, fault } from '../../lib/message/fault.js'
import type {
  EndpointDefinition,
  EndpointFields,
  MediatorDefinition
} from '../../lib/definitions/model/kind-definitions.js'
import type { Proxy } from '../../lib/definitions/model/model.js'
import { ACTIVE, DEFAULT_POLICY, transition } from '../../lib/state/suspension.js'
import {
  FAILURE_CLASSES,
  type FailureClass,
  type FailureClassName
} from '../../plugins/http/upstream/failure-classes.js'
import { backend, type Backend } from '../support/backend.js'
import { gateway, type Gateway } from '../support/gateway.js'
import { CERTIFICATE, KEY } from '../support/http/certificate.js'
import { bareProxy, made, origin, rawBackend, whole, wire } from '../support/http/bare-proxy.js'

/** What is done with a connection, once the whole request is here. */
type Behaviour = (socket: Socket) => void

/** A back-end that reads the request, and then misbehaves. */
const misbehaving = async (t: Test, behave: Behaviour): Promise<string> => {
  const port = await rawBackend(t, socket => {
    let seen = ''
    socket.on('data', chunk => {
      seen += chunk.toString('latin1')
      if (/\r\n\r\n[^]*<\/e>$/.test(seen)) behave(socket)
    })
  })
  return `http://127.0.0.1:${port}/`
}

/** The address of an endpoint that fails in this way; and what else it takes. */
interface Failing {
  readonly uri: string
  readonly more?: Partial<EndpointFields['address']>
  readonly limits?: object
  /** What `status` says of it, where it counts. Default: `causes` of its class */
  readonly cause?: RegExp
}

/** What `status` and the log say of each failure that counts. */
const CAUSES: Partial<Record<FailureClassName, RegExp>> = {
  refused: /^No connection to the endpoint: it was refused$/,
  unknownHost: /^No connection to the endpoint: the host is unknown$/,
  tls: /^No connection to the endpoint: TLS failed: ./,
  connectTimeout: /^The endpoint did not accept a connection in time$/,
  responseTimeout: /^The endpoint did not respond in time$/,
  closed: /^The endpoint closed the connection before it responded$/,
  reset: /^The endpoint reset the connection before it responded$/,
  protocolError: /^The response of the endpoint is not HTTP$/,
  responseTruncated: /^The response of the endpoint is truncated$/
}
const SLOW_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 10000\r\n\r\n'
const reading = { out: [{ kind: 'filter', xpath: { xpath: '//never' }, then: [{ kind: 'drop' }] }] }

/** `stale`: see test/http/stale-connections.test.ts; `nameServerFailed`: test/http/name-servers.test.ts. */
type NotByEndpoint =
  'stale' | 'nameServerFailed' | 'clientDisconnected' | 'requestTruncated' | 'invalidRequest' | 'exhausted' | 'tooManyRequests'
const WAYS: Readonly<
  Record<Exclude<FailureClassName, NotByEndpoint>, Readonly<Record<string, (t: Test) => Promise<Failing>>>>
> = {
  refused: {
    'no listener': async t => {
      const gone = await backend(t, 'gone')
      await gone.stop()
      return { uri: gone.uri }
    }
  },
  unknownHost: { 'a name that cannot be': async () => ({ uri: 'http://no-such-host.invalid/' }) },
  tls: {
    'an untrusted certificate': async t => ({
      uri: await secure(t),
      cause: /: TLS failed: the certificate of the endpoint is self-signed, and not trusted$/
    }),
    'no TLS at all': async t => {
      const port = await rawBackend(t, socket =>
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      )
      return { uri: `https://127.0.0.1:${port}/`, cause: /: TLS failed: the port does not speak TLS$/ }
    }
  },
  connectTimeout: {
    'a TLS server that never speaks': async t => {
      const port = await rawBackend(t, () => {})
      return {
        uri: `https://127.0.0.1:${port}/`,
        limits: { connectTimeout: 1500 },
        cause: /^The endpoint accepted a connection, but did not end the TLS handshake in time$/
      }
    }
  },
  responseTimeout: {
    'no response': async t => ({ uri: await misbehaving(t, () => {}), more: { timeout: { duration: 100 } } })
  },
  closed: {
    'nothing said': async t => ({ uri: await misbehaving(t, socket => socket.end()) }),
    'in the head of the response': async t => ({
      uri: await misbehaving(t, socket => socket.end('HTTP/1.1 200 OK\r\nContent-Le'))
    })
  },
  reset: {
    'nothing said': async t => ({ uri: await misbehaving(t, socket => socket.resetAndDestroy()) }),
    'before the request was read': async t => ({
      uri: `http://127.0.0.1:${await rawBackend(t, socket => socket.once('data', () => socket.resetAndDestroy()))}/`
    })
  },
  protocolError: {
    'another protocol': async t => ({ uri: await misbehaving(t, socket => socket.end('SSH-2.0-x\r\n\r\n')) }),
    'two lengths': async t => ({
      uri: await misbehaving(t, socket =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx')
      )
    }),
    'an unknown transfer coding': async t => ({
      uri: await misbehaving(t, socket => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx'))
    })
  },
  headTooLarge: {
    'an endless head': async t => ({
      uri: await misbehaving(t, socket =>
        socket.write(`HTTP/1.1 200 OK\r\n${`X: ${'x'.repeat(1000)}\r\n`.repeat(80)}`)
      )
    })
  },
  responseTruncated: {
    'by length': async t => ({
      uri: await misbehaving(t, socket =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 10\r\n\r\n<a>')
      ),
      ...reading
    }),
    'in chunks': async t => ({
      uri: await misbehaving(t, socket =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n')
      ),
      ...reading
    })
  },
  responseTooSlow: {
    silence: async t => ({
      uri: await misbehaving(t, socket => socket.write(`${SLOW_HEAD}<a>`)),
      limits: { responseIdleTimeout: 50 },
      cause: /^The endpoint was silent for too long inside its response$/,
      ...reading
    }),
    'few bytes': async t => ({
      uri: await misbehaving(t, socket => {
        socket.write(SLOW_HEAD)
        const timer = setInterval(() => socket.write(' '), 10)
        socket.on('close', () => clearInterval(timer)).on('error', () => {})
      }),
      limits: { minResponseBodyRate: 100_000, bodyRateWindow: 100 },
      cause: /^The endpoint sent its response too slowly$/,
      ...reading
    })
  },
  exchangeTimeout: {
    'no response': async t => ({ uri: await misbehaving(t, () => {}), limits: { exchangeTimeout: 1000 } }),
    'a response that does not end': async t => ({
      uri: await misbehaving(t, socket => socket.write(`${SLOW_HEAD}<a>`)),
      limits: { exchangeTimeout: 1000 },
      ...reading
    })
  },
  responseTooLarge: {
    'by length': async t => ({
      uri: await misbehaving(t, socket =>
        socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 2000\r\n\r\n${'x'.repeat(2000)}`)
      ),
      limits: { inspectionLimit: 1000 },
      ...reading
    })
  }
}

/** A group of one that fails and one that is well, behind a proxy that says what went wrong. */
async function group (
  t: Test,
  failing: Failing & { out?: readonly MediatorDefinition[] },
  retry?: 'unsent'
): Promise<{ proxy: Gateway; well: Backend }> {
  const well = await backend(t, 'well')
  const members: EndpointDefinition[] = [
    {
      kind: 'address',
      name: 'failing',
      uri: failing.uri,
      markForSuspension: { retriesBeforeSuspension: 1 },
      ...failing.more
    },
    { kind: 'address', name: 'well', uri: well.uri }
  ]
  const proxy = await gateway(t, {
    limits: { connectTimeout: 60_000, ...failing.limits },
    definitions: {
      proxies: {
        P: {
          in: [{ kind: 'send', endpoint: { kind: 'failover', ...(retry && { retry }), members } }],
          ...(failing.out && { out: [...failing.out, { kind: 'send' }] }),
          fault: [
            {
              kind: 'property',
              scope: 'transport',
              name: 'X-Code',
              expression: { xpath: "get-property('ERROR_CODE')" }
            },
            { kind: 'respond' }
          ]
        }
      }
    }
  })
  return { proxy, well }
}

/**
 * As the real engine does by the code that it shows: 101503, 101508 and the like suspend; its 101504 is that of WSO2.
 * A response that is not HTTP never suspends at once.
 */
const isCounted = ({ code }: FailureClass): boolean =>
  code === 'CONNECTION_TIMEOUT' || code === 'PROTOCOL_VIOLATION'

const REQUEST = '<e>x</e>'
const send = async ({ url }: Gateway, name = 'P'): Promise<Response> =>
  await fetch(`${url}/services/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: REQUEST
  })

for (const [name, ways] of Object.entries(WAYS)) {
  const failure: FailureClass = FAILURE_CLASSES[name as FailureClassName]
  const {
    description: what,
    code,
    countsAgainstEndpoint: counts,
    mayFailOver: isRepeatable,
    requestSent: sent
  } = failure
  for (const [way, make] of Object.entries(ways)) {
    t.test(`${what}: ${way}`, async t => {
      for (const retry of [undefined, 'unsent'] as const) {
        const failing = await make(t)
        const { proxy, well } = await group(t, failing, retry)
        const response = await send(proxy)
        const text = await response.text()
        if (isRepeatable && (retry === undefined || !sent)) {
          t.match(text, /well/, 'the next member responds')
          t.match(well.requests, [{ body: REQUEST }], 'to the same message')
        } else {
          t.equal(response.headers.get('x-code'), String(CODES[code]))
          t.same(well.requests, [], 'no other member is tried')
        }
        const { health } = proxy.app.endpointRegistry.endpoints.get('failing')!
        t.equal(health.state, !counts ? 'active' : isCounted(failure) ? 'timeout' : 'suspended')
        if (counts) t.match(health, { cause: failing.cause ?? CAUSES[name as FailureClassName] }, 'its cause')
        await proxy.app.close()
      }
    })
  }
}

/** A proxy without a fault sequence, and one that reports all details; neither endpoint has a name. */
async function faultGateway (
  t: Test,
  { uri, more, limits, out }: Failing & { out?: readonly MediatorDefinition[] }
): Promise<Gateway> {
  const proxied: Proxy = {
    in: [{ kind: 'send', endpoint: { kind: 'address', uri, ...more } }],
    ...(out && { out: [...out, { kind: 'send' }] })
  }
  const fault: MediatorDefinition[] = [
    {
      kind: 'makefault',
      version: 'soap11',
      code: { expression: { xpath: "'Server'" } },
      reason: { expression: { xpath: "concat(get-property('ERROR_MESSAGE'), ' ', get-property('ERROR_DETAIL'))" } }
    },
    { kind: 'respond' }
  ]
  return await gateway(t, {
    limits: { connectTimeout: 60_000, ...limits },
    definitions: { proxies: { P: proxied, Detailed: { ...proxied, fault } } }
  })
}

t.test('no fault names the endpoint to a client', async t => {
  for (const [way, make] of Object.values(WAYS).flatMap(ways => Object.entries(ways))) {
    const failing = await make(t)
    const proxy = await faultGateway(t, failing)
    const { hostname, port } = new URL(failing.uri)
    for (const when of ['fails', 'is suspended, or fails again']) {
      for (const name of ['P', 'Detailed']) {
        const response = await send(proxy, name)
        const text = await response.text()
        t.ok(name === 'P' ? response.status >= 502 : response.status === 500, `${way}, ${name}: ${response.status}`)
        t.ok(
          text.length > 20 && !text.includes(hostname) && (port === '' || !text.includes(port)),
          `${way}, ${when}: ${text}`
        )
      }
    }
    await proxy.app.close()
  }
})

t.test(FAILURE_CLASSES.clientDisconnected.description, async t => {
  let arrived = (): void => {}
  const requested = new Promise<void>(resolve => {
    arrived = resolve
  })
  let ended = (): void => {}
  const over = new Promise<void>(resolve => {
    ended = resolve
  })
  const { proxy, well } = await group(t, {
    uri: await misbehaving(t, socket => {
      socket.once('close', () => ended())
      arrived()
    })
  })
  const leaving = new AbortController()
  const response = fetch(`${proxy.url}/services/P`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: REQUEST,
    signal: leaving.signal
  })
  await requested
  leaving.abort()
  await t.rejects(response)
  await over
  t.same(well.requests, [])
  t.match(proxy.app.endpointRegistry.endpoints.get('failing'), {
    health: { state: 'active' },
    failures: 0,
    inFlight: 0
  })
})

t.test(FAILURE_CLASSES.requestTruncated.description, async t => {
  let ended = (): void => {}
  const over = new Promise<void>(resolve => {
    ended = resolve
  })
  const port = await rawBackend(t, socket => socket.on('data', () => {}).once('close', () => ended()))
  const { proxy, well } = await group(t, { uri: `http://127.0.0.1:${port}/`, limits: { replayBufferLimit: 10 } })
  const client = wire(
    t,
    Number(new URL(proxy.url).port),
    `POST /services/P HTTP/1.1\r\nHost: a\r\nContent-Type: application/xml\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`
  )
  await once(client.socket, 'connect')
  client.socket.destroySoon()
  await over
  t.same(well.requests, [])
  t.match(proxy.app.endpointRegistry.endpoints.get('failing'), { health: { state: 'active' }, failures: 0 })
})

t.test(FAILURE_CLASSES.invalidRequest.description, async t => {
  const well = await backend(t, 'well')
  const proxy = await bareProxy(t, {
    handle: async (self, message, exchange) => {
      self.outcomes.push(
        await self.forwarder.forward(
          self.call(origin(well.port), { ...message, headers: ['not a header', 'x'] }),
          exchange,
          'nothing'
        )
      )
      return made(200, [], '')
    }
  })
  await wire(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n').until(whole)
  t.match(proxy.outcomes, [
    { kind: 'refused', fault: { code: CODES[FAILURE_CLASSES.invalidRequest.code], requestSent: false } }
  ])
  t.same(well.requests, [])
})

t.test('a response truncated while it streams is truncated for the client, and suspends no endpoint', async t => {
  const { proxy } = await group(t, {
    uri: await misbehaving(t, socket =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 10\r\n\r\n<a>')
    )
  })
  const response = await send(proxy)
  t.equal(response.status, 200)
  await t.rejects(response.text())
  t.match(proxy.app.endpointRegistry.endpoints.get('failing'), { health: { state: 'active' }, responses: 1 })
})

t.test('every failure has its class: counted, or suspending at once', async t => {
  for (const each of Object.values<FailureClass>(FAILURE_CLASSES)) {
    const { code, passThroughCode: alias, countsAgainstEndpoint: counts } = each
    if (!counts) continue
    const patient = { ...DEFAULT_POLICY, retriesBeforeSuspension: 1 }
    t.equal(
      transition(
        ACTIVE,
        { kind: 'fault', fault: fault(code, 'x', { ...(alias !== undefined && { passThroughCode: alias }) }) },
        patient,
        0
      ).state,
      isCounted(each) ? 'timeout' : 'suspended',
      each.description
    )
  }
})

t.test('docs/failures.md lists exactly the classes of failures', async t => {
  const text = readFileSync(new URL('../../../docs/failures.md', import.meta.url), 'utf8')
  const rows = text.split('<!-- plugins/http/upstream/failure-classes.ts -->\n')[1]!.split('\n\n', 1)[0]!.split('\n').slice(2)
  t.strictSame(rows, Object.values(FAILURE_CLASSES).map((each: FailureClass) => {
    const {
      description: what,
      code,
      passThroughCode: alias,
      countsAgainstEndpoint: counts,
      mayFailOver: isRepeatable,
      requestSent: sent
    } = each
    const state = !counts ? '–' : isCounted(each) ? 'counted' : 'suspends'
    return `| ${what} | ${CODES[code]} |${alias === undefined ? '' : ` ${alias}`} | ${state} | ${isRepeatable ? 'yes' : 'no'} | ${isRepeatable && !sent ? 'yes' : 'no'} |`
  }))
})

async function secure (t: Test): Promise<string> {
  const server = createHttps({ key: KEY, cert: CERTIFICATE }, (_request, response) => response.end('<e/>'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
