import { once } from 'node:events'
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { createClientAsync } from 'soap'
import t, { type Test } from 'tap'
import { createPublisher, publicAddresses, type PublisherOptions } from '../../plugins/wsdl/publisher.js'

const addresses = { http: 'http://proxy.example/services/Shop' }
const shop = (
  types: string,
  rest = ''
) => `<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:shop" targetNamespace="urn:shop">${rest}
<wsdl:types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${types}</xs:schema></wsdl:types>
<wsdl:message name="Order"><wsdl:part name="p" element="t:order"/></wsdl:message><wsdl:message name="Receipt"><wsdl:part name="p" element="t:receipt"/></wsdl:message>
<wsdl:portType name="Shop"><wsdl:operation name="buy"><wsdl:input message="t:Order"/><wsdl:output message="t:Receipt"/></wsdl:operation></wsdl:portType>
<wsdl:binding name="B" type="t:Shop"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="buy"><soap:operation soapAction="urn:buy"/><wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
<wsdl:service name="ShopService"><wsdl:port name="ShopPort" binding="t:B"><soap:address location="http://original.example/shop"/></wsdl:port></wsdl:service></wsdl:definitions>`
const schema = (content: string) =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:shop" targetNamespace="urn:shop" elementFormDefault="qualified">${content}</xs:schema>`
const importing = (location: string) => `<xs:import namespace="urn:shop" schemaLocation="${location}"/>`
const ELEMENTS =
  '<xs:element name="order"><xs:complexType><xs:sequence><xs:element name="item" type="xs:string"/></xs:sequence>' +
  '</xs:complexType></xs:element><xs:element name="receipt"><xs:complexType><xs:sequence>' +
  '<xs:element name="total" type="xs:int"/></xs:sequence></xs:complexType></xs:element>'

type Wsdl = PublisherOptions['proxies'][number]['wsdl']

/** A publisher of one proxy Shop, over the files of a folder of its own; what it logs can be waited for. */
async function publisher (
  t: Test,
  wsdl: Wsdl,
  {
    files = {},
    entries = {},
    retry
  }: {
    files?: Record<string, string | Buffer>
    entries?: Record<string, { text: string } | { src: string }>
    retry?: { first: number, most: number }
  } = {}
) {
  const folder = realpathSync(t.testdir())
  const write = (name: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  for (const [name, content] of Object.entries(files)) write(name, content)
  let done: () => void
  const published = new Promise<void>(resolve => {
    done = resolve
  })
  const warnings: object[] = []
  const it = createPublisher({
    proxies: [{ name: 'Shop', wsdl }],
    baseFolder: join(folder, 'conf'),
    entry: key => entries[key],
    log: { info: () => done(), warn: about => warnings.push(about) },
    retry
  })
  t.teardown(() => it.close())
  await it.tried
  const get = (query: string) => it.documentFor('Shop', query, addresses)!
  return { ...it, folder, write, published, warnings, get }
}

async function serve (t: Test, listener: RequestListener): Promise<{ server: Server, origin: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Serves the documents of a publisher and responds to every POST with a Body; the last message is kept. */
async function proxy (t: Test, documentFor: ReturnType<typeof createPublisher>['documentFor'], body: string) {
  const seen = { body: '', action: '' }
  const { origin } = await serve(t, (request, reply) => {
    const { pathname, search } = new URL(request.url!, 'http://x')
    const found =
      request.method === 'GET'
        ? documentFor(
          'Shop',
          search,
          publicAddresses(
            { protocol: 'http', host: request.headers.host, path: pathname, headers: request.headers },
            { trustProxy: false }
          )
        )
        : undefined
    if (found) return reply.writeHead(found.status, { 'content-type': found.contentType }).end(found.body)
    seen.body = ''
    seen.action = String(request.headers.soapaction)
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => {
        seen.body += chunk
      })
      .on('end', () =>
        reply
          .writeHead(200, { 'content-type': 'text/xml' })
          .end(
            `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`
          )
      )
  })
  return { seen, url: `${origin}/services/Shop?wsdl` }
}

t.test('the soap client of npm loads a generated WSDL and calls mediate', async t => {
  const { documentFor } = await publisher(t, undefined)
  const { seen, url } = await proxy(
    t,
    documentFor,
    '<m:mediateResponse xmlns:m="http://ws.apache.org/axis2"><total xmlns="urn:shop">42</total></m:mediateResponse>'
  )
  const client = await createClientAsync(url)
  t.same(Object.keys(client.describe().Shop), ['ShopHttpSoap11Endpoint', 'ShopHttpSoap12Endpoint'])
  const [result] = await client['mediateAsync']({ item: 'chair' })
  t.match(result, { total: '42' })
  t.match(seen, {
    action: '"urn:mediate"',
    body: /<soap:Body><mediate xmlns="http:\/\/ws\.apache\.org\/axis2"><item>chair<\/item><\/mediate><\/soap:Body>/
  })
  await client['mediateAsync']({ _xml: '<order xmlns="urn:shop"/>' })
  t.match(seen.body, '<soap:Body><order xmlns="urn:shop"/></soap:Body>', 'any body goes')
})

t.test('the soap client of npm loads a WSDL with its imports, and calls what it describes', async t => {
  const { documentFor } = await publisher(
    t,
    { uri: 'file:shop.wsdl' },
    {
      files: {
        'conf/shop.wsdl': shop(importing('types/shop.xsd')),
        'conf/types/shop.xsd': schema('<xs:include schemaLocation="../elements.xsd"/>'),
        'conf/elements.xsd': schema(ELEMENTS)
      }
    }
  )
  const { seen, url } = await proxy(t, documentFor, '<receipt xmlns="urn:shop"><total>42</total></receipt>')
  const client = await createClientAsync(url)
  const [result] = await client['buyAsync']({ item: 'chair' })
  t.same(result, { total: 42 }, 'the imported schema says that it is a number')
  t.match(seen, { action: '"urn:buy"', body: /<t:order [^>]*xmlns:t="urn:shop"[^>]*><t:item>chair<\/t:item>/ })
})

t.test('imports are found below the names that they are published by, each once, in circles too', async t => {
  const { get } = await publisher(
    t,
    { uri: 'sub/shop.wsdl' },
    {
      files: {
        'conf/sub/shop.wsdl': shop(
          importing('a b.xsd') + importing('http://elsewhere.example/x.xsd'),
          '<wsdl:import location="../other.wsdl"/>'
        ),
        'conf/sub/a b.xsd': schema(
          '<xs:include schemaLocation="b/c.xsd"/><xs:include schemaLocation="a%20b.xsd"/>'
        ),
        'conf/sub/b/c.xsd': schema('<xs:include schemaLocation="../a b.xsd"/>'),
        'conf/other.wsdl': shop('', '<wsdl:import location="sub/shop.wsdl"/>')
      }
    }
  )
  const locations = (query: string) =>
    [...get(query).body.matchAll(/(?:import|include)[^>]+ocation="([^"]*)"/g)].map(([, location]) => location)
  t.same(locations('?wsdl'), [
    `${addresses.http}?wsdl=../other.wsdl`,
    `${addresses.http}?xsd=a%2520b.xsd`,
    'http://elsewhere.example/x.xsd'
  ])
  t.same(locations('?xsd=a%2520b.xsd'), [`${addresses.http}?xsd=b/c.xsd`, `${addresses.http}?xsd=a%2520b.xsd`])
  t.same(locations('?xsd=b/c.xsd'), [`${addresses.http}?xsd=a%2520b.xsd`])
  t.same(locations('?wsdl=../other.wsdl'), [`${addresses.http}?wsdl`])
  t.match(get('?wsdl=../other.wsdl').body, addresses.http, 'addresses of an imported WSDL, too')
  t.same(
    ['?xsd=../other.wsdl', '?xsd=x.xsd', '?wsdl=shop.wsdl', '?xsd=../../etc/passwd', '?xsd=/etc/passwd'].map(
      query => get(query).status
    ),
    [404, 404, 404, 404, 404]
  )
})

t.test('key, inline, and resources: local entries stand for documents and what they import', async t => {
  const entries = {
    shop: { text: shop(importing('urn:elements')) },
    elements: { src: 'file:elements.xsd' },
    inner: { text: schema(ELEMENTS) }
  }
  const files = { 'conf/elements.xsd': schema('<xs:include schemaLocation="inner.xsd"/>') }
  const resources = [{ location: 'urn:elements', key: 'elements' }, { location: 'inner.xsd', key: 'inner' }]
  for (const wsdl of [{ key: 'shop', uri: 'file:ignored.wsdl', resources }, { inline: entries.shop.text, resources }]) {
    await t.test(`WSDL from local entries, by ${Object.keys(wsdl).join(' and ')}: it is published with its imports`, async t => {
      const { get } = await publisher(t, wsdl, { files, entries })
      t.match(get('?wsdl'), {
        status: 200,
        contentType: 'text/xml; charset=utf-8',
        body: `schemaLocation="${addresses.http}?xsd=urn%3Aelements"`
      })
      t.match(get('?xsd=urn%3Aelements').body, `schemaLocation="${addresses.http}?xsd=inner.xsd"`)
      t.equal(get('?xsd=inner.xsd').body, entries.inner.text)
    })
  }
})

t.test('the publisher leaves requests for other documents to their proxy', async t => {
  const { documentFor } = await publisher(t, undefined)
  t.equal(documentFor('Shop', '?Wsdl1', addresses), undefined)
  t.equal(documentFor('Shop', '', addresses), undefined)
  t.equal(documentFor('Nowhere', '?wsdl', addresses), undefined)
  t.match(documentFor('Shop', '?wsdl', undefined), { status: 400, contentType: /^text\/plain/ })
  t.same(
    ['?wsdl', '?wsdl2', '?xsd', '?xsd=unknown.xsd', '?wsdl=x'].map(
      query => documentFor('Shop', query, addresses)?.status
    ),
    [200, 200, 200, 404, 404]
  )
})

t.test('documents in any encoding are published in UTF-8', async t => {
  const text = `<?xml version="1.0" encoding="ISO-8859-1"?><!-- é -->${shop('')}`
  for (const [encoding, content] of [
    ['ISO-8859-1', Buffer.from(text, 'latin1')],
    ['UTF-16', Buffer.from('\uFEFF' + text.replace('ISO-8859-1', 'UTF-16'), 'utf16le')],
    ['UTF-8 with a byte order mark', '\uFEFF' + text.replace('ISO-8859-1', 'utf-8')],
    ['UTF-8 that declares ISO-8859-1', '\uFEFF' + text]
  ] as const) {
    await t.test(`WSDL in ${encoding} is published in UTF-8`, async t => {
      const { get } = await publisher(t, { uri: 'file:shop.wsdl' }, { files: { 'conf/shop.wsdl': content } })
      t.match(get('?wsdl').body, /^<\?xml version="1\.0" encoding="utf-8"\?><!-- é -->/i)
    })
  }
})

t.test('a document that cannot be read is 503 with a reason, which reveals nothing about the server', async t => {
  const cases: [why: RegExp, Wsdl, files?: Record<string, string | Buffer>][] = [
    [/^file:nowhere\.wsdl: there is no such file$/, { uri: 'file:nowhere.wsdl' }],
    [/^nowhere: there is no such local entry$/, { key: 'nowhere' }],
    [/^file:\.: it is not a file$/, { uri: 'file:.' }, { 'conf/x': '' }],
    [/^file:\/dev\/zero: it is not a file$/, { uri: 'file:/dev/zero' }],
    [/^conf:a: addresses that begin with conf: are not supported$/, { uri: 'conf:a' }],
    [/^http:\/\/: it is not an address$/, { uri: 'http://' }],
    [/^file:\/\/server\/a: it is not the address of a file$/, { uri: 'file://server/a' }],
    [/^a: neither a WSDL nor a schema: the root is <not-a-wsdl>$/, { uri: 'a' }, { 'conf/a': '<not-a-wsdl/>' }],
    [/^a: it is a schema, no WSDL$/, { uri: 'a' }, { 'conf/a': schema('') }],
    [
      /^a: line 1: it has a DOCTYPE, which is not accepted$/,
      { uri: 'a' },
      { 'conf/a': `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${shop('&b;')}` }
    ],
    [/^a: it is larger than 4 MiB$/, { uri: 'a' }, { 'conf/a': Buffer.alloc(4 * 1024 * 1024 + 1, shop('')) }],
    [/^a: its characters are not utf-8$/, { uri: 'a' }, { 'conf/a': Buffer.from([0x3c, 0xff]) }],
    [/^a: its characters are not klingon$/, { uri: 'a' }, { 'conf/a': '<?xml version="1.0" encoding="klingon"?>' }],
    [/^the inline WSDL: line 1: it is empty$/, { inline: '' }],
    [/^b\.xsd: there is no such file$/, { uri: 'a' }, { 'conf/a': shop(importing('b.xsd')) }],
    [
      /^b\.xsd: line 1: it has a DOCTYPE/,
      { uri: 'a' },
      { 'conf/a': shop(importing('b.xsd')), 'conf/b.xsd': '<!DOCTYPE b>' }
    ],
    [
      /^http:\/\/127\.0\.0\.1:1\/a: the server cannot be reached \(\w+\)$/,
      { uri: 'http://user:secret@127.0.0.1:1/a' }
    ],
    [
      /more than 64 documents/,
      { uri: 'a' },
      Object.fromEntries([
        ['conf/a', shop(Array.from({ length: 70 }, (_, index) => importing(`${index}.xsd`)).join(''))],
        ...Array.from({ length: 70 }, (_, index) => [`conf/${index}.xsd`, schema('')])
      ])
    ],
    [
      /larger than 16 MiB/,
      { uri: 'a' },
      Object.fromEntries([
        ['conf/a', shop(Array.from({ length: 6 }, (_, index) => importing(`${index}.xsd`)).join(''))],
        ...Array.from({ length: 6 }, (_, index) => [`conf/${index}.xsd`, schema(`<!--${'x'.repeat(3_000_000)}-->`)])
      ])
    ]
  ]
  for (const [why, wsdl, files = {}] of cases) {
    await t.test(`WSDL that cannot be published: ${why.source}`, async t => {
      const { get, problem, folder, warnings } = await publisher(t, wsdl, { files })
      t.match(problem('Shop'), why)
      t.match(warnings, [{ proxy: 'Shop', why }])
      const { status, contentType, body } = get('?wsdl')
      t.match({ status, contentType }, { status: 503, contentType: /^text\/plain/ })
      const reason = problem('Shop')!.replace(/http:\/\/127\.0\.0\.1:1\/a/, 'a document of another server')
      t.ok(body.includes(reason), 'the response has the reason')
      t.notMatch(body, /127\.0\.0\.1/, 'and no address of a back-end')
      t.notOk(body.includes(folder) || body.includes(basename(folder)), 'and no path of the server')
    })
  }
})

t.test('imports stay in the folder of the configuration', async t => {
  const secret = schema('<!-- secret -->')
  for (const location of [
    '../outside.xsd',
    '../../etc/passwd',
    '%2e%2e/outside.xsd',
    'file:///etc/passwd',
    'link/outside.xsd',
    'x/../../outside.xsd'
  ]) {
    await t.test(`WSDL import outside of the folder is refused: ${location}`, async t => {
      const folder = realpathSync(
        t.testdir({ 'outside.xsd': secret, conf: { 'shop.wsdl': shop(importing(location)) } })
      )
      symlinkSync('..', join(folder, 'conf/link'))
      const it = createPublisher({
        proxies: [{ name: 'Shop', wsdl: { uri: 'file:shop.wsdl' } }],
        baseFolder: join(folder, 'conf'),
        entry: () => undefined,
        log: { info () {}, warn () {} }
      })
      t.teardown(() => it.close())
      await it.tried
      t.match(it.problem('Shop'), /it lies outside of the folder of the configuration$/)
      t.equal(it.documentFor('Shop', `?xsd=${location}`, addresses)?.status, 503)
    })
  }
})

t.test('a WSDL outside of the configuration may import files below its own folder', async t => {
  const { get, folder, problem } = await publisher(
    t,
    { uri: '../elsewhere/shop.wsdl' },
    { files: { 'elsewhere/shop.wsdl': shop(importing('in/a.xsd')), 'elsewhere/in/a.xsd': schema('') } }
  )
  t.equal(problem('Shop'), undefined)
  t.equal(get('?xsd=in/a.xsd').status, 200)
  t.notOk(get('?wsdl').body.includes(folder))
})

t.test('a WSDL that could not be read is tried again, until it is there', async t => {
  await serve(t, () => {}) // keeps the process up, which the publisher does not
  const { get, write, published, problem } = await publisher(
    t,
    { uri: 'file:shop.wsdl' },
    { retry: { first: 1, most: 2 } }
  )
  t.match(problem('Shop'), /no such file/)
  write('conf/shop.wsdl', shop(''))
  await published
  t.equal(get('?wsdl').status, 200)
  t.equal(problem('Shop'), undefined)
})

t.test('a WSDL on a server: imports from the same server are read, others are left to clients', async t => {
  const requested: string[] = []
  const { origin } = await serve(t, (request, reply) => {
    requested.push(request.url!)
    reply.end(
      request.url === '/a/shop?wsdl'
        ? shop(importing('../shop?xsd=1') + importing('http://localhost:1/x.xsd'))
        : request.url === '/shop?xsd=1'
          ? schema('')
          : ''
    )
  })
  const { get, problem } = await publisher(t, { uri: `${origin}/a/shop?wsdl` })
  t.equal(problem('Shop'), undefined)
  t.same(requested, ['/a/shop?wsdl', '/shop?xsd=1'])
  t.match(get('?wsdl').body, `schemaLocation="${addresses.http}?xsd=../shop%3Fxsd%3D1"`)
  t.match(get('?wsdl').body, 'schemaLocation="http://localhost:1/x.xsd"')
  t.equal(get('?xsd=../shop%3Fxsd%3D1').body, schema(''))
})

t.test('a WSDL on a server: compressed, and at the end of a redirect, which its imports start from', async t => {
  const { origin } = await serve(t, (request, reply) => {
    if (request.url === '/old') reply.writeHead(301, { location: '/new/shop.wsdl' }).end()
    else if (request.url === '/new/shop.wsdl') {
      reply.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(shop(importing('types.xsd'))))
    } else if (request.url === '/new/types.xsd') {
      reply.writeHead(200, { 'content-encoding': 'br' }).end(brotliCompressSync(schema('')))
    } else reply.writeHead(404).end()
  })
  const { get, problem } = await publisher(t, { uri: `${origin}/old` })
  t.equal(problem('Shop'), undefined)
  t.equal(get('?xsd=types.xsd').body, schema(''))
})

t.test('the server of a WSDL cannot make the gateway read other addresses', async t => {
  const blanks = Buffer.alloc(50_000_000, ' ')
  const gzipBomb = gzipSync(gzipSync(blanks))
  const brotliBomb = brotliCompressSync(blanks, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
  for (const [why, respond] of [
    [
      /a document from a server may not import a file/,
      (reply: Parameters<RequestListener>[1]) => reply.end(shop(importing('file:///etc/passwd')))
    ],
    [
      /redirects more than 5 times/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(302, { location: '/b' }).end()
    ],
    [
      /redirects to another host or port/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(302, { location: 'http://localhost:1/b' }).end()
    ],
    [
      /redirects to another host or port/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(302, { location: 'http://127.0.0.1:1/b' }).end()
    ],
    [
      /redirects to another host or port/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(302, { location: 'file:///etc/passwd' }).end()
    ],
    [
      /larger than 4 MiB/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(gzipBomb)
    ],
    [
      /larger than 4 MiB/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(200, { 'content-encoding': 'br' }).end(brotliBomb)
    ],
    [
      /has the unknown content coding "compress"/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(200, { 'content-encoding': 'compress' }).end(shop(''))
    ],
    [
      /is not gzip, which its Content-Encoding names/,
      (reply: Parameters<RequestListener>[1]) => reply.writeHead(200, { 'content-encoding': 'gzip' }).end(shop(''))
    ],
    [/the server responds with the status 404/, (reply: Parameters<RequestListener>[1]) => reply.writeHead(404).end(shop(''))],
    [
      /larger than 4 MiB/,
      (reply: Parameters<RequestListener>[1]) => {
        const more = () => {
          while (reply.write(' '.repeat(65_536)));
          reply.once('drain', more)
        }
        more()
      }
    ],
    [/the server cannot be reached/, (reply: Parameters<RequestListener>[1]) => reply.destroy()]
  ] as const) {
    await t.test(`WSDL that its server does not give: ${why.source}`, async t => {
      const { origin } = await serve(t, (_, reply) => {
        respond(reply)
      })
      const { problem } = await publisher(t, { uri: `${origin}/shop.wsdl` })
      t.match(problem('Shop'), why)
    })
  }
})

t.test('while the server of a WSDL does not respond, clients get 503; close aborts the request', async t => {
  const { server, origin } = await serve(t, () => {})
  const it = createPublisher({
    proxies: [{ name: 'Shop', wsdl: { uri: origin } }],
    baseFolder: t.testdir(),
    entry: () => undefined,
    log: {
      info () {},
      warn () {
        t.fail('no state may change')
      }
    }
  })
  const [request] = await once(server, 'request')
  t.match(it.documentFor('Shop', '?wsdl', addresses), { status: 503, body: /is being loaded/ })
  const left = once(request.socket, 'close')
  it.close()
  await it.tried
  await left
})

t.test('the address and the key of a WSDL may stand for values outside of the configuration', async t => {
  process.env['WSDL_OF_SHOP'] = 'file:shop.wsdl'
  t.teardown(() => { delete process.env['WSDL_OF_SHOP'] })
  const files = { 'conf/shop.wsdl': shop(schema(ELEMENTS)), 'conf/file.properties': 'shop.key=entry\n' }
  const byAddress = await publisher(t, { uri: '$SYSTEM:WSDL_OF_SHOP' }, { files })
  t.equal(byAddress.get('wsdl').status, 200)
  const byKey = await publisher(t, { key: '$FILE:shop.key' }, { files, entries: { entry: { src: 'file:shop.wsdl' } } })
  t.equal(byKey.get('wsdl').status, 200)
  const unset = await publisher(t, { uri: '$SYSTEM:WSDL_OF_NOTHING' })
  t.match(unset.problem('Shop'), /WSDL_OF_NOTHING is not set/)
})
