import t from 'tap'
import { publicAddresses } from '../../../plugins/wsdl/public-addresses.js'

const received = { protocol: 'http', host: 'proxy.local:8280', path: '/services/P', headers: {} }
const trusting = (headers: Record<string, string | string[]>) =>
  publicAddresses({ ...received, headers }, { trustProxy: true })

t.test('without other settings the address is that of the request', async t => {
  t.same(publicAddresses(received, { trustProxy: false }), { http: 'http://proxy.local:8280/services/P' })
  t.same(publicAddresses({ ...received, protocol: 'https', host: '[::1]:8243' }, { trustProxy: false }), {
    https: 'https://[::1]:8243/services/P'
  })
})

t.test('forwarding headers of an untrusted sender are ignored', async t => {
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/x',
    forwarded: 'host=evil.example'
  }
  t.same(publicAddresses({ ...received, headers }, { trustProxy: false }), {
    http: 'http://proxy.local:8280/services/P'
  })
})

t.test('X-Forwarded-Proto, -Host and -Prefix of a trusted sender determine the address', async t => {
  t.same(
    trusting({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example', 'x-forwarded-prefix': '/esb/' }),
    { https: 'https://api.example/esb/services/P' }
  )
  t.same(trusting({ 'x-forwarded-proto': 'HTTPS' }), { https: 'https://proxy.local:8280/services/P' })
  t.same(trusting({ 'x-forwarded-proto': 'ftp' }), { http: 'http://proxy.local:8280/services/P' })
  t.same(
    trusting({ 'x-forwarded-host': 'spoofed.example, api.example' }),
    { http: 'http://api.example/services/P' },
    'of a list, the last'
  )
  t.same(trusting({ 'x-forwarded-host': ['spoofed.example', 'api.example'] }), {
    http: 'http://api.example/services/P'
  })
})

t.test('X-Forwarded-Port of a trusted sender is the port of a host without one', async t => {
  t.same(trusting({ 'x-forwarded-host': 'api.example', 'x-forwarded-port': '8243', 'x-forwarded-proto': 'https' }), {
    https: 'https://api.example:8243/services/P'
  })
  t.same(trusting({ 'x-forwarded-host': 'api.example', 'x-forwarded-port': '443', 'x-forwarded-proto': 'https' }), {
    https: 'https://api.example/services/P'
  })
  t.same(trusting({ 'x-forwarded-host': 'api.example:9000', 'x-forwarded-port': '8243' }), {
    http: 'http://api.example:9000/services/P'
  })
  t.same(
    trusting({ 'x-forwarded-host': 'api.example', 'x-forwarded-port': '8243, 9443' }),
    { http: 'http://api.example:9443/services/P' },
    'of a list, the last'
  )
  for (const port of ['0', 'x', '-1', '123456', '']) {
    t.same(
      trusting({ 'x-forwarded-host': 'api.example', 'x-forwarded-port': port }),
      { http: 'http://api.example/services/P' },
      port
    )
  }
})

t.test('Forwarded of a trusted sender determines the address (RFC 7239)', async t => {
  t.same(trusting({ forwarded: 'for=1.2.3.4;proto=https;host=api.example' }), {
    https: 'https://api.example/services/P'
  })
  t.same(
    trusting({
      forwarded: 'host=spoofed.example;proto=http , For="[2001:db8::1]:80"; Proto="https" ;Host="api.example:8443"'
    }),
    { https: 'https://api.example:8443/services/P' }
  )
  t.same(trusting({ forwarded: 'host="a\\pi.example"' }), { http: 'http://api.example/services/P' })
  t.same(trusting({ forwarded: ['host=a.example', 'host=b.example'] }), { http: 'http://b.example/services/P' })
  t.same(
    trusting({ forwarded: 'host="unfinished' }),
    { http: 'http://proxy.local:8280/services/P' },
    'a malformed one says nothing'
  )
  t.same(trusting({ forwarded: 'host=a.example,' }), { http: 'http://a.example/services/P' })
  t.same(
    trusting({ forwarded: 'host=a.example', 'x-forwarded-proto': 'https' }),
    { https: 'https://proxy.local:8280/services/P' },
    'X-Forwarded-* goes before'
  )
  t.same(trusting({ forwarded: '\\'.repeat(50_000) + '"'.repeat(50_000) + 'a='.repeat(50_000) }), {
    http: 'http://proxy.local:8280/services/P'
  })
})

t.test('a configured public URL takes precedence', async t => {
  t.same(
    publicAddresses({ ...received, host: undefined }, { publicUrl: 'https://api.example:8443/esb/', trustProxy: true }),
    { https: 'https://api.example:8443/esb/services/P' }
  )
  t.same(publicAddresses(received, { publicUrl: 'http://api.example', trustProxy: false }), {
    http: 'http://api.example/services/P'
  })
  t.throws(() => publicAddresses(received, { publicUrl: 'ftp://api.example', trustProxy: false }), TypeError)
  t.throws(() => publicAddresses(received, { publicUrl: 'api', trustProxy: false }), TypeError)
})

t.test('what is not a host is refused, wherever it comes from', async t => {
  for (const host of [
    undefined,
    '',
    'a b',
    'a"b',
    'a<b>',
    "a'b",
    'a/b',
    'user@a',
    'a?b',
    'a#b',
    'a:b',
    'a:123456',
    'a\r\nX: y',
    '[::1',
    '-a',
    'a\\b',
    'a&b',
    'a'.repeat(300),
    'a,b'
  ]) {
    t.equal(publicAddresses({ ...received, host }, { trustProxy: false }), undefined, String(host))
  }
  for (const host of ['a"b', 'a/b', '<script>']) t.equal(trusting({ 'x-forwarded-host': host }), undefined, host)
  t.equal(trusting({ forwarded: 'host="a\\"b"' }), undefined)
})

t.test('a prefix that is not a plain path is ignored', async t => {
  for (const prefix of ['esb', '//evil.example', '/../x', '/a/./b', '/a b', '/a?b', '/a#b', '/"', '/<', '/a/..']) {
    t.same(trusting({ 'x-forwarded-prefix': prefix }), { http: 'http://proxy.local:8280/services/P' }, prefix)
  }
  t.same(trusting({ 'x-forwarded-prefix': '/a.b/%20/..c' }), {
    http: 'http://proxy.local:8280/a.b/%20/..c/services/P'
  })
})
