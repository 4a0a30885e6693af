import { brotliCompressSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { backend, type Backend } from '../support/backend.js'
import { gateway, message, post, SOAP_12 } from '../support/gateway.js'

const NS = 'http://ws.apache.org/ns/synapse'
const group = (kind: string, backends: readonly Backend[]): string =>
  `<endpoint><session type="${kind}"/><loadbalance>${backends.map(({ uri }) => `<endpoint><address uri="${uri}"/></endpoint>`).join('')}</loadbalance></endpoint>`
const proxy = (inside: string): string =>
  `<definitions xmlns="${NS}"><proxy name="P"><target><inSequence>${inside}</inSequence><outSequence><send/></outSequence></target></proxy></definitions>`

async function sessions (t: Test, kind = 'simpleClientSession') {
  const backends = [await backend(t, 'a'), await backend(t, 'b'), await backend(t, 'c')]
  const { url } = await gateway(t, { definitions: proxy(`<send>${group(kind, backends)}</send>`) })
  const received = (): number => backends.reduce((sum, { requests }) => sum + requests.length, 0)
  return {
    received,
    send: async (header: string) =>
      await post(`${url}/services/P`, message().replace('</s:Header>', `${header}</s:Header>`))
  }
}

const clientId = (content: string): string => `<y:ClientID xmlns:y="${NS}">${content}</y:ClientID>`

t.test('two session ids that differ are two sessions, up to 65,536 characters', async t => {
  const { send } = await sessions(t)
  const long = 'x'.repeat(65_535)
  const [one, two] = [await send(clientId(`${long}1`)), await send(clientId(`${long}2`))]
  t.not(one.from, two.from)
  t.equal((await send(clientId(`${long}1`))).from, one.from)
  t.equal((await send(clientId(`${long}2`))).from, two.from)
})

t.test('a session id of more than 65,536 characters is refused with 400, and no back-end sees the message', async t => {
  const { send, received } = await sessions(t)
  for (const length of [65_537, 500_000]) {
    const response = await send(clientId('x'.repeat(length)))
    t.equal(response.status, 400)
    t.match(response.body, 'session id is longer than 65536 characters')
  }
  t.equal(received(), 0)
})

t.test('odd-session-ids: session headers that receivers could read differently are refused with 400', async t => {
  const { send, received } = await sessions(t)
  const odd: Record<string, string> = {
    'one inside the other': clientId(`a${clientId('b')}`),
    'one inside the other, alone': clientId(clientId('b')),
    'an element inside': clientId('a<b/>'),
    'two with different ids': clientId('a') + clientId('b'),
    'an empty one before another': clientId('') + clientId('b')
  }
  for (const [what, header] of Object.entries(odd)) t.equal((await send(header)).status, 400, what)
  t.equal(received(), 0)
})

t.test('the session id is the one that a conforming parser reads', async t => {
  const { send } = await sessions(t)
  const { from } = await send(clientId('a&amp;b'))
  const spellings = ['\n a&#38;b\t', '<![CDATA[a&b]]>', 'a<!-- x -->&amp;<?p?>b', 'a&#x26;b']
  for (const same of spellings) t.equal((await send(clientId(same))).from, from, same)
  t.equal((await send(clientId('a&amp;b') + clientId(' a&amp;b '))).from, from, 'twice the same')
  t.equal(
    (await send(`<x xmlns="urn:x">${clientId('other')}</x>${clientId('a&amp;b')}`)).from,
    from,
    'one that is no child of Header does not count'
  )
})

t.test('a ServiceGroupId that receivers could read differently is refused with 400', async t => {
  const { send } = await sessions(t, 'soap')
  const id = (content: string): string =>
    `<x:ServiceGroupId xmlns:x="http://ws.apache.org/namespaces/axis2">${content}</x:ServiceGroupId>`
  t.equal((await send(id('a'))).status, 200)
  for (const header of [id(id('a')), id('a') + id('b'), id('x'.repeat(65_537))]) {
    t.equal((await send(header)).status, 400, header.slice(0, 100))
  }
})

t.test('a message with a DOCTYPE is refused with 400, whatever its proxy reads of it', async t => {
  const one = await backend(t, 'a')
  const send = (inside = ''): string =>
    `<send><endpoint><address uri="${one.uri}">${inside}</address></endpoint></send>`
  const proxies: Record<string, string> = {
    'a session': `<send>${group('simpleClientSession', [one])}</send>`,
    addressing: send('<enableAddressing/>'),
    'a property of the header': `<property name="a" expression="get-property('Action')"/>${send()}`,
    'a value of the header': `<property name="a" expression="$header/x"/>${send()}`,
    'a value of the body': `<filter xpath="//Value"><then><drop/></then></filter>${send()}`,
    'the log': `<log level="full"/>${send()}`,
    conversion: `<send><endpoint><address uri="${one.uri}" format="soap11"/></endpoint></send>`,
    'plain XML': `<send><endpoint><address uri="${one.uri}" format="pox"/></endpoint></send>`
  }
  const documents: Record<string, string> = {
    soap: `<!DOCTYPE x [<!ENTITY y "z">]>${message('&y;')}`,
    'after a declaration': `<?xml version="1.0"?><!DOCTYPE x>${message('a')}`,
    plain: '<!DOCTYPE x><x/>'
  }
  for (const [reads, inside] of Object.entries(proxies)) {
    const { url } = await gateway(t, { definitions: proxy(inside) })
    for (const [what, body] of Object.entries(documents)) {
      for (const type of ['text/xml', 'application/soap+xml; charset=UTF-8', 'application/xml']) {
        const response = await post(`${url}/services/P`, body, { 'content-type': type })
        t.equal(response.status, 400, `${reads}: ${what} as ${type}`)
      }
    }
  }
  t.equal(one.requests.length, 0)
})

t.test('a DOCTYPE in a compressed body, or in the root part of a MIME body, is refused with 400 where it is read', async t => {
  const one = await backend(t, 'a')
  const send = `<send><endpoint><address uri="${one.uri}"/></endpoint></send>`
  const proxies: Record<string, string> = {
    'a session': `<send>${group('simpleClientSession', [one])}</send>`,
    'a value of the body': `<property name="a" expression="//Value"/>${send}`,
    'the log': `<log level="full"/>${send}`
  }
  const types = { soap11: 'text/xml; charset=UTF-8', soap12: 'application/soap+xml; charset=UTF-8' }
  const related = (document: string, type: string): string =>
    `--b\r\nContent-Type: ${type}\r\nContent-ID: <root>\r\n\r\n${document}\r\n--b\r\nContent-ID: <a>\r\n\r\nx\r\n--b--\r\n`
  const xop = 'application/xop+xml; charset=UTF-8; type="text/xml"'
  const documents = {
    'a DOCTYPE': `<!DOCTYPE x>${message('c')}`,
    'an entity': `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y "z">]>${message(undefined, '<Value>&y;</Value>')}`
  }
  for (const [reads, inside] of Object.entries(proxies)) {
    const { url } = await gateway(t, { definitions: proxy(inside) })
    const status = async (body: string | Buffer, headers: Record<string, string>): Promise<number> => {
      const response = await fetch(`${url}/services/P`, { method: 'POST', body, headers })
      await response.arrayBuffer()
      return response.status
    }
    for (const [what, document] of Object.entries(documents)) {
      for (const type of Object.values(types)) {
        for (const [coding, coded] of Object.entries({ gzip: gzipSync(document), br: brotliCompressSync(document) })) {
          const headers = { 'content-type': type, 'content-encoding': coding }
          t.equal(await status(coded, headers), 400, `${reads}: ${what} in ${coding} as ${type}`)
        }
        const swa = { 'content-type': `multipart/related; boundary="b"; type="${type.split(';')[0]}"; start="<root>"` }
        t.equal(await status(related(document, type), swa), 400, `${reads}: ${what} in MIME as ${type}`)
        t.equal(
          await status(gzipSync(related(document, type)), { ...swa, 'content-encoding': 'gzip' }),
          400, `${reads}: ${what} in MIME in gzip as ${type}`
        )
      }
      const mtom = {
        'content-type': 'multipart/related; boundary="b"; type="application/xop+xml"; start="<root>"; start-info="text/xml"'
      }
      t.equal(await status(related(document, xop), mtom), 400, `${reads}: ${what} in XOP`)
    }
  }
  t.equal(one.requests.length, 0)
})

t.test('doctype-response: a DOCTYPE in a response is a fault of the back-end, not of the client: 500', async t => {
  const one = await backend(t, 'a', (_, response) => {
    response.setHeader('content-type', 'text/xml').end(`<!DOCTYPE a>${message()}`)
  })
  for (const reading of ['<log level="full"/>', '<property name="a" expression="//x"/>']) {
    const xml = proxy(`<send><endpoint><address uri="${one.uri}"/></endpoint></send>`).replace(
      '<outSequence>',
      `<outSequence>${reading}`
    )
    const { url } = await gateway(t, { definitions: xml })
    const response = await post(`${url}/services/P`, message())
    t.equal(response.status, 500)
    t.match(response.body, SOAP_12)
  }
})
