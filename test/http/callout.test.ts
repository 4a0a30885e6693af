import t from 'tap'
import { backend } from '../support/backend.js'
import { freePort } from '../support/free-port.js'
import { gateway, post } from '../support/gateway.js'

// `callout` on real connections.

const NS = 'http://ws.apache.org/ns/synapse'
const XML = { 'content-type': 'application/xml' }
const proxy = (inside: string, fault = ''): string =>
  `<definitions xmlns="${NS}"><proxy name="P"><target><inSequence>${inside}</inSequence>` +
  `<outSequence><send/></outSequence>${fault && `<faultSequence>${fault}</faultSequence>`}</target></proxy></definitions>`
const FIRST = 'xpath="$body/*[1]"'

for (const upstreamClient of ['own', 'undici'] as const) {
  t.test(
    `callout puts the response of one back-end into the message, which goes to another (${upstreamClient})`,
    async t => {
      const rates = await backend(t, 'rates', (_, response) =>
        response.setHeader('content-type', 'application/xml').end('<rate>2</rate>')
      )
      const shop = await backend(t, 'shop', ({ body }, response) =>
        response.setHeader('content-type', 'application/xml').end(body)
      )
      const { url } = await gateway(t, {
        upstreamClient,
        definitions: proxy(
          `<callout serviceURL="${rates.uri}" action="urn:rate"><source xpath="//currency"/><target xpath="//currency"/></callout>` +
            `<send><endpoint><address uri="${shop.uri}"/></endpoint></send>`
        )
      })
      const { status, body } = await post(
        `${url}/services/P`,
        '<order><currency>EUR</currency><id>7</id></order>',
        XML
      )
      t.strictSame([status, body], [200, '<order><rate>2</rate><id>7</id></order>'])
      t.strictSame(
        rates.requests.map(({ method, body }) => [method, body]),
        [['POST', '<currency>EUR</currency>']]
      )
      t.equal(shop.requests.length, 1)
    }
  )

  t.test(`callout passes a large message that nothing reads, and its response (${upstreamClient})`, async t => {
    const echo = await backend(t, 'echo', ({ body }, response) =>
      response.setHeader('content-type', 'application/xml').end(body)
    )
    const { url } = await gateway(t, {
      upstreamClient,
      definitions: proxy(`<callout serviceURL="${echo.uri}"/><respond/>`)
    })
    const large = `<a>${'x'.repeat(3_000_000)}</a>`
    const { status, body } = await post(`${url}/services/P`, large, XML)
    t.equal(status, 200)
    t.ok(body === large, 'the response has the same 3 MB')
  })
}

t.test('a back-end that refuses the connection, and one that is late, run the fault sequence', async t => {
  const late = await backend(t, 'late', () => {})
  const fault = '<property name="X-Code" expression="$ctx:ERROR_CODE" scope="transport"/><respond/>'
  const codes = async (callout: string): Promise<string | null> => {
    const { url } = await gateway(t, { definitions: proxy(`${callout}<respond/>`, fault) })
    return (await post(`${url}/services/P`, '<a/>', XML)).headers.get('x-code')
  }
  t.equal(
    await codes(`<callout serviceURL="http://127.0.0.1:${await freePort()}/"><target ${FIRST}/></callout>`),
    '101503'
  )
  const timeout = '<timeout><duration>50</duration><responseAction>fault</responseAction></timeout>'
  t.equal(
    await codes(
      `<callout><endpoint><address uri="${late.uri}">${timeout}</address></endpoint><target ${FIRST}/></callout>`
    ),
    '101504'
  )
})

t.test('the status of the response is that of the message, which ends with it', async t => {
  const broken = await backend(t, 'broken', (_, response) => {
    response.writeHead(409, { 'content-type': 'application/xml' }).end('<taken/>')
  })
  const { url } = await gateway(t, {
    definitions: proxy(`<callout serviceURL="${broken.uri}"><target ${FIRST}/></callout><respond/>`)
  })
  const { status, body } = await post(`${url}/services/P`, '<a/>', XML)
  t.strictSame([status, body], [409, '<taken/>'])
})
