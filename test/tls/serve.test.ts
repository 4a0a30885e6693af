/** The port with TLS of `serve`: versions, cipher suites, several certificates, client certificates, reload. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import { serve, type Running } from '../support/processes/serve-process.js'
import { Authority, noOpenssl, type Issued } from '../support/http/authority.js'
import { backend, type Backend } from '../support/backend.js'
import { message, post } from '../support/gateway.js'
import { sendOverTls } from '../support/http/tls-client.js'

if (noOpenssl !== false) t.plan(0, noOpenssl)
t.setTimeout(600_000)

interface TlsGateway {
  readonly running: Running
  readonly port: number
  readonly up: Backend
  /** Where the files of certificates are. */
  readonly folder: string
  readonly metrics: () => Promise<string>
}

/** Copies what a client is from scope axis2 to headers that the back-end sees. */
const HEADERS = ['SUBJECT', 'ISSUER', 'SERIAL', 'SAN', 'FINGERPRINT', 'ERROR']
const configuration = (uri: string): string =>
  '<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="A"><target><inSequence>' +
  // What the client claims itself is removed first: a property that is absent sets nothing.
  HEADERS.map(
    name =>
      `<header name="X-${name}" scope="transport" action="remove"/>` +
      `<header name="X-${name}" scope="transport" expression="$axis2:CLIENT_CERT_${name}"/>`
  ).join('') +
  `<send><endpoint><address uri="${uri}"/></endpoint></send></inSequence></target></proxy></definitions>`

async function tlsGateway (t: Test, files: Record<string, string>, flags: readonly string[]): Promise<TlsGateway> {
  const up = await backend(t, 'up')
  const folder = t.testdir({ 'p.xml': configuration(up.uri), tls: files })
  const inFolder = flags.map(flag => flag.replaceAll('@', `${join(folder, 'tls')}/`))
  const running = serve(t, join(folder, 'p.xml'), ['--https-port', '0', ...inFolder], { adminPort: '0' })
  const admin = await running.port('Admin')
  const metrics = async (): Promise<string> => await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()
  return { running, port: await running.port('https'), up, folder: join(folder, 'tls'), metrics }
}

const files = (name: string, { pem }: Issued): Record<string, string> => ({
  [`${name}.pem`]: pem.cert,
  [`${name}-key.pem`]: pem.key
})
const ONE = ['--tls-cert', '@a.pem', '--tls-key', '@a-key.pem']

t.test('versions and cipher suites are those of the flags', { skip: noOpenssl }, async t => {
  const ca = new Authority(t)
  const flags = [...ONE, '--tls-min-version', 'TLSv1.2', '--tls-max-version', 'TLSv1.2']
  const { port, running, metrics } = await tlsGateway(t, files('a', ca.issue('/CN=a')), [
    ...flags,
    '--tls-ciphers',
    'ECDHE-ECDSA-AES256-GCM-SHA384'
  ])
  t.match(await sendOverTls(port, '/services/A', { ca: ca.pem }), { status: 200, protocol: 'TLSv1.2' })
  t.match(await sendOverTls(port, '/services/A', { ca: ca.pem, minVersion: 'TLSv1.3' }), {
    status: 0,
    error: /alert/i
  })
  const other = { ca: ca.pem, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }
  t.match(await sendOverTls(port, '/services/A', other), { status: 0, error: /alert/i })
  const old = ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0', '-connect', `127.0.0.1:${port}`]
  t.match(
    spawnSync('openssl', ['s_client', ...old], { input: '', encoding: 'utf8' }).stderr,
    /alert protocol version/
  )
  t.match(await running.line(/TLS handshakes of clients fail/), { level: 30, reason: /^ERR_SSL_/, client: '127.0.0.1' })
  t.match(await metrics(), /^proxy_services_tls_handshake_failures_total\{reason="ERR_SSL_[A-Z_]+"\} [1-9]/m)
})

t.test('several certificates: a client gets the one for the host that it names', { skip: noOpenssl }, async t => {
  const ca = new Authority(t)
  const { port } = await tlsGateway(
    t,
    {
      ...files('a', ca.issue('/CN=first')),
      ...files('b', ca.issue('/CN=shop', { names: 'DNS:shop.example,DNS:www.shop.example' })),
      ...files('c', ca.issue('/CN=any', { names: 'DNS:*.any.example' }))
    },
    ['--tls-cert', '@a.pem,@b.pem, @c.pem', '--tls-key', '@a-key.pem,@b-key.pem, @c-key.pem']
  )
  const presented = async (servername?: string): Promise<string | undefined> => {
    const options = {
      ca: ca.pem,
      checkServerIdentity: () => undefined,
      ...(servername !== undefined && { servername })
    }
    return (await sendOverTls(port, '/services/A', options)).server
  }
  t.equal(await presented(), 'CN=first', 'a client that names none gets the first one')
  t.equal(await presented('shop.example'), 'CN=shop')
  t.equal(await presented('WWW.Shop.Example'), 'CN=shop')
  t.equal(await presented('x.any.example'), 'CN=any')
  t.equal(await presented('y.x.any.example'), 'CN=first', 'a wildcard is one label')
  t.equal(await presented('unknown.example'), 'CN=first')
})

t.test('mutual TLS: a client needs a certificate of the authority', { skip: noOpenssl }, async t => {
  const [ca, clients, strangers] = [new Authority(t), new Authority(t, 'Clients'), new Authority(t, 'Strangers')]
  const alice = clients.issue('/O=Acme, Inc./CN=alice', { names: 'DNS:alice.example' })
  const { port, up, running, metrics } = await tlsGateway(
    t,
    { ...files('a', ca.issue('/CN=a')), 'clients.pem': clients.pem },
    [...ONE, '--tls-client-ca', '@clients.pem', '--forwarded-client-cert']
  )
  const send = async (from?: Issued, headers = {}) =>
    await sendOverTls(port, '/services/A', { ca: ca.pem, ...from?.pem, headers })
  const claimed = { 'client-cert': ':AAAA:', 'client-cert-chain': ':AAAA:', 'x-subject': 'CN=root' }
  t.equal((await send(alice, claimed)).status, 200)
  t.match(up.requests[0]?.headers, {
    'x-subject': 'CN=alice,O=Acme\\, Inc.',
    'x-issuer': 'CN=Clients',
    'x-san': 'DNS:alice.example',
    'x-serial': /^[0-9A-F]+$/,
    'x-fingerprint': /^[0-9a-f]{64}$/,
    'client-cert': `:${alice.pem.cert.replace(/-----.*-----|\n/g, '')}:`
  })
  t.equal(up.requests[0]?.headers['client-cert-chain'], undefined, 'what a client claims is not forwarded')
  t.equal((await send()).status, 0, 'no certificate')
  t.equal((await send(strangers.issue('/CN=mallory'))).status, 0, 'an unknown authority')
  t.equal((await send(clients.issue('/CN=late', { days: -1 }))).status, 0, 'it has expired')
  t.equal(up.requests.length, 1, 'none of them reached the back-end')
  await running.line(/TLS handshakes/)
  const counted = await metrics()
  for (const reason of ['CERT_HAS_EXPIRED', 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE']) {
    t.match(counted, `proxy_services_tls_handshake_failures_total{reason="${reason}"} 1`, reason)
  }
  t.notMatch(running.text, 'alice', 'the log does not contain who the clients are')
})

t.test('mutual TLS if the client wants it', { skip: noOpenssl }, async t => {
  const [ca, clients] = [new Authority(t), new Authority(t, 'Clients')]
  const { port, up } = await tlsGateway(t, { ...files('a', ca.issue('/CN=a')), 'clients.pem': clients.pem }, [
    ...ONE,
    '--tls-client-ca',
    '@clients.pem',
    '--tls-client-auth',
    'optional',
    '--forwarded-client-cert'
  ])
  const claimed = { headers: { 'client-cert': ':AAAA:', 'x-subject': 'CN=root' } }
  for (const from of [clients.issue('/CN=alice').pem, clients.issue('/CN=late', { days: -1 }).pem, {}]) {
    t.equal((await sendOverTls(port, '/services/A', { ca: ca.pem, ...from, ...claimed })).status, 200)
  }
  const [alice, late, none] = up.requests.map(({ headers }) => headers)
  t.match(alice, { 'x-subject': 'CN=alice', 'client-cert': /^:MII/ })
  t.match(late, { 'x-error': 'CERT_HAS_EXPIRED' })
  for (const headers of [late, none]) {
    t.notOk(headers?.['x-subject'], 'it has no subject, whatever the client claims')
    t.equal(headers?.['client-cert'], undefined)
  }
})

t.test(
  'a resumed session has the client of its first handshake, and none after a reload',
  { skip: noOpenssl },
  async t => {
    const [ca, clients] = [new Authority(t), new Authority(t, 'Clients')]
    const { port, up, running } = await tlsGateway(
      t,
      {
        ...files('a', ca.issue('/CN=a')),
        ...files('b', ca.issue('/CN=b', { names: 'DNS:b.example' })),
        'c.pem': clients.pem
      },
      ['--tls-cert', '@a.pem,@b.pem', '--tls-key', '@a-key.pem,@b-key.pem', '--tls-client-ca', '@c.pem']
    )
    const { cert, key } = clients.issue('/CN=alice').pem
    const connection = async (servername: string, session?: Buffer): Promise<{ reused: boolean; session: Buffer }> =>
      await new Promise((resolve, reject) => {
        const identity = { ca: ca.pem, checkServerIdentity: () => undefined, cert, key }
        const socket = connect({ port, host: '127.0.0.1', servername, ...identity, ...(session && { session }) })
        let reused = false
        socket.on('error', reject).on('secureConnect', () => {
          reused = socket.isSessionReused()
          socket.write('GET /services/A HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
        })
        let ticket: Buffer | undefined
        socket
          .on('session', (received: Buffer) => {
            ticket = received
          })
          .resume()
        socket.on('close', () => resolve({ reused, session: ticket! }))
      })
    for (const name of ['localhost', 'b.example']) {
      const first = await connection(name)
      t.equal((await connection(name, first.session)).reused, true, name)
      t.same(
        up.requests.map(({ headers }) => headers['x-subject']),
        ['CN=alice', 'CN=alice'],
        name
      )
      up.requests.length = 0
    }
    const { session } = await connection('localhost')
    running.child.kill('SIGHUP')
    await running.line(/configuration reloaded/)
    t.equal((await connection('localhost', session)).reused, false, 'the authorities may be others by now')
  }
)

t.test(
  'a reload under traffic: new certificates, authorities and revocations; broken files refuse it as a whole',
  { skip: noOpenssl },
  async t => {
    const [ca, clients] = [new Authority(t), new Authority(t, 'Clients')]
    const [alice, bob] = [clients.issue('/CN=alice'), clients.issue('/CN=bob')]
    const { port, running, folder, metrics } = await tlsGateway(
      t,
      { ...files('a', ca.issue('/CN=old')), 'clients.pem': clients.pem, 'crl.pem': clients.revoke() },
      [...ONE, '--tls-client-ca', '@clients.pem', '--tls-client-crl', '@crl.pem', '--workers', '2', '--watch']
    )
    const send = async (from: Issued) => await sendOverTls(port, '/services/A', { ca: ca.pem, ...from.pem })
    t.match([await send(alice), await send(bob)], [{ status: 200, server: 'CN=old' }, { status: 200 }])

    const over = new AbortController()
    const results = new Map<string, number>()
    const traffic = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const { status, server } = await send(alice)
        results.set(`${status} ${server}`, (results.get(`${status} ${server}`) ?? 0) + 1)
      }
    }
    const clientsOfTest = [traffic(), traffic()]
    const renewed = ca.issue('/CN=new')
    writeFileSync(join(folder, 'crl.pem'), clients.revoke(bob))
    writeFileSync(join(folder, 'a.pem'), renewed.pem.cert)
    // The key that does not belong to it yet: a reload between the two is refused.
    writeFileSync(join(folder, 'a-key.pem'), renewed.pem.key)
    await running.line(/configuration reloaded/)
    t.match(await send(alice), { status: 200, server: 'CN=new' })
    t.match(await send(bob), { status: 0 }, 'a revoked certificate is refused')

    const broken = { 'a.pem': 'no certificate', 'clients.pem': '', 'crl.pem': '-----BEGIN X509 CRL-----' }
    for (const [file, text] of Object.entries(broken)) {
      const path = join(folder, file)
      const before = running.lines.filter(({ msg }) => msg.startsWith('reload failed')).length
      renameSync(path, `${path}.saved`)
      writeFileSync(path, text)
      const { err } = await running.line(/^reload failed/, before + 1)
      t.match((err as { message: string }).message, file, `the log names ${file}`)
      t.match(await send(alice), { status: 200, server: 'CN=new' }, `${file} is broken: nothing changes`)
      renameSync(`${path}.saved`, path)
      const reloads = running.lines.filter(({ msg }) => msg.startsWith('configuration reloaded')).length
      running.child.kill('SIGHUP')
      await running.line(/^configuration reloaded/, reloads + 1)
    }
    t.match(await metrics(), /^proxy_services_configuration_up_to_date 1$/m)

    const gone = running.lines.filter(({ msg }) => msg.startsWith('reload failed')).length
    rmSync(folder, { recursive: true })
    running.child.kill('SIGHUP')
    const { err } = await running.line(/^reload failed/, gone + 1)
    t.match((err as { message: string }).message, /a\.pem cannot be read: there is no such file/)
    t.match(await metrics(), /^proxy_services_configuration_up_to_date 0$/m)
    const [pid] = running.lines.flatMap(({ msg }) => /^worker (\d+) listening/.exec(msg)?.[1] ?? [])
    const listening = running.lines.filter(({ msg }) => /^worker \d+ listening at https/.test(msg)).length
    process.kill(Number(pid), 'SIGKILL')
    await running.line(/^worker \d+ listening at https/, listening + 1)
    t.match(
      [await send(alice), await send(alice)],
      [{ status: 200 }, { status: 200 }],
      'a worker that starts later presents what the others do'
    )
    over.abort()
    await Promise.all(clientsOfTest)
    const [lost] = [...results].filter(([result]) => result.startsWith('0'))
    t.ok((lost?.[1] ?? 0) <= 2, `no request is lost but those of the killed worker (${JSON.stringify([...results])})`)
  }
)

t.test(
  'flags that do not belong together, and files that are broken, are reported at the start',
  { skip: noOpenssl },
  async t => {
    const ca = new Authority(t)
    const [one, two] = [ca.issue('/CN=one'), ca.issue('/CN=two')]
    const folder = t.testdir({ ...files('a', one), ...files('b', two), 'empty.pem': '', 'ca.pem': ca.pem })
    const rows: [flags: string, code: number, expected: RegExp][] = [
      ['--https-port 0 --tls-cert @a.pem', 2, /--https-port needs --tls-key and --tls-cert/],
      ['--tls-cert @a.pem --tls-key @a-key.pem', 2, /--tls-cert needs --https-port/],
      ['--https-port 0 --tls-cert @a.pem,@b.pem --tls-key @a-key.pem', 2, /--tls-cert has 2 files and --tls-key 1/],
      [
        '--https-port 0 --tls-cert @a.pem --tls-key @b-key.pem',
        1,
        /a\.pem and .*b-key\.pem are not a certificate and its/
      ],
      [
        '--https-port 0 --tls-cert @none.pem --tls-key @a-key.pem',
        1,
        /none\.pem cannot be read: there is no such file/
      ],
      ['--https-port 0 --tls-cert @empty.pem --tls-key @a-key.pem', 1, /empty\.pem contains no certificate \(PEM\)/],
      ['@ --tls-min-version TLSv1.4', 2, /--tls-min-version expects TLSv1, TLSv1\.1, TLSv1\.2 or TLSv1\.3/],
      ['@ --tls-min-version TLSv1.3 --tls-max-version TLSv1.2', 2, /TLSv1\.3 is above --tls-max-version TLSv1\.2/],
      ['@ --tls-ciphers NO-SUCH-CIPHER', 1, /the cipher suites "NO-SUCH-CIPHER" are invalid/],
      ['@ --tls-client-auth required', 2, /--tls-client-auth required needs --tls-client-ca/],
      ['@ --tls-client-crl @ca.pem', 2, /--tls-client-crl needs --tls-client-ca/],
      ['@ --tls-client-ca @empty.pem', 1, /empty\.pem contains no certificate/],
      ['--endpoint-cert @a.pem', 2, /--endpoint-cert and --endpoint-key need each other/],
      ['@ --tls-client-auth maybe', 2, /--tls-client-auth expects none, optional or required/]
    ]
    const whole = '--https-port 0 --tls-cert @a.pem --tls-key @a-key.pem'
    await Promise.all(
      rows.map(async ([flags, code, expected]) => {
        const words = flags
          .replace(/^@(?= )/, whole)
          .replaceAll('@', `${folder}/`)
          .split(' ')
        const running = serve(t, 'config/lb-proxy.xml', words)
        t.equal(await running.exited, code, flags)
        t.match(running.text, expected)
        t.notMatch(running.text, /^ +at /m, 'without a stack')
      })
    )
  }
)

t.test('NODE_EXTRA_CA_CERTS adds an authority for all back-ends, --endpoint-ca replaces all', { skip: noOpenssl }, async t => {
  const ca = new Authority(t)
  const { pem } = ca.issue('/CN=back-end')
  const served = createServer({ ...pem }, (_request, response) => {
    response.end('<from>secure</from>')
  })
  await once(served.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    served.close()
  })
  const { port } = served.address() as AddressInfo
  const config = join(t.testdir({ 'p.xml': configuration(`https://localhost:${port}/`) }), 'p.xml')
  const status = async (environment: Record<string, string>, ...flags: string[]): Promise<number> => {
    const running = serve(t, config, flags, { environment })
    const { status } = await post(`http://127.0.0.1:${await running.port('Server')}/services/A`, message())
    running.child.kill('SIGTERM')
    await running.exited
    return status
  }
  t.equal(await status({ NODE_EXTRA_CA_CERTS: ca.file }), 200)
  t.equal(await status({}), 500, 'an unknown authority is not trusted')
  t.equal(await status({}, '--endpoint-ca', ca.file), 200)
  const other = new Authority(t, 'Other')
  t.equal(await status({ NODE_EXTRA_CA_CERTS: ca.file, PROXY_SERVICES_ENDPOINT_CA: other.file }), 500)
})
