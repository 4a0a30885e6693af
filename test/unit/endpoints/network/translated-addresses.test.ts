import t from 'tap'
import { translateAddresses } from '../../../../lib/endpoints/network/translated-addresses.js'

const SERVICE = 'http://gateway:8280/services/P'
const translated = (
  name: string,
  value: string,
  uri = 'http://shop:9000/shop/Orders',
  status = 200
): string | undefined => translateAddresses(['X-Other', 'a', name, value], uri, SERVICE, status)[3]

t.test('set-cookie-path: a cookie for the endpoint, or for a path around it, comes back to the proxy', async t => {
  const cookie = (attributes: string, uri?: string): string | undefined =>
    translated('Set-Cookie', `JSESSIONID=1${attributes}`, uri)
  const cases: [string, string][] = [
    ['; Path=/shop; HttpOnly', '; Path=/services/P; HttpOnly'],
    ['; Path=/shop/', '; Path=/services/P'],
    ['; path=/shop/Orders ;Secure', '; Path=/services/P;Secure'],
    ['; Path=/shop/Orders/list', '; Path=/services/P/list'],
    ['; Path=/; Domain=backend.internal', '; Path=/'],
    ['; DOMAIN = .internal; Max-Age=5', '; Max-Age=5'],
    ['; Path=/shopping', '; Path=/shopping'],
    ['; Path=/other', '; Path=/other'],
    ['', ''],
    ['; Path', '; Path'],
    ['; Path=', '; Path='],
    ['; SameSite=None', '; SameSite=None']
  ]
  for (const [attributes, expected] of cases) t.equal(cookie(attributes), `JSESSIONID=1${expected}`, attributes)
  t.equal(cookie('; Path=/x', 'http://shop'), 'JSESSIONID=1; Path=/services/P/x', 'below an endpoint without a path')
  t.equal(
    translated('Set-Cookie', 'a=domain=x; Domain=y'),
    'a=domain=x',
    'a value that looks like an attribute stays'
  )
})

t.test('every Set-Cookie of a response is translated, and no other header', async t => {
  const headers = ['Set-Cookie', 'a=1; Path=/shop', 'Link', '</shop>', 'set-cookie', 'b=2; Path=/shop']
  t.same(translateAddresses(headers, 'http://shop/shop/Orders', SERVICE, 200), [
    'Set-Cookie',
    'a=1; Path=/services/P',
    'Link',
    '</shop>',
    'set-cookie',
    'b=2; Path=/services/P'
  ])
  const none = ['Content-Type', 'text/xml']
  t.equal(
    translateAddresses(none, 'http://shop/shop', SERVICE, 200),
    none,
    'the same list, if there is nothing to translate'
  )
})

t.test('a Location at or below the endpoint leads to the proxy, any other stays', async t => {
  const cases: [string, string][] = [
    ['http://shop:9000/shop/Orders', '/services/P'],
    ['http://shop:9000/shop/Orders/7?a=b#c', '/services/P/7?a=b#c'],
    ['/shop/Orders/7', '/services/P/7'],
    ['Orders/7', '/services/P/7'],
    ['http://shop:9000/shop/Other', 'http://shop:9000/shop/Other'],
    ['http://other:9000/shop/Orders', 'http://other:9000/shop/Orders'],
    ['http://[', 'http://[']
  ]
  for (const [location, expected] of cases) t.equal(translated('Location', location), expected, location)
  t.equal(translated('Location', '/shop/Orders/7', undefined, 201), '/services/P/7')
})

t.test('status-302: the Location of a 302 is unchanged, as in the engines', async t => {
  t.equal(translated('Location', '/shop/Orders/7', undefined, 302), '/shop/Orders/7')
})
