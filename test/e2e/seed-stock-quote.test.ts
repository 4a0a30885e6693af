import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { backend, type Backend } from '../support/backend.js'
import { configured, gateway, post, SOAP_11 } from '../support/gateway.js'

const ORDER = `<soapenv:Envelope xmlns:soapenv="${SOAP_11}"><soapenv:Header/><soapenv:Body><m0:placeOrder xmlns:m0="http://services.samples"><m0:order><m0:symbol>IBM</m0:symbol></m0:order></m0:placeOrder></soapenv:Body></soapenv:Envelope>`
/** As the documentation sends it: without a SOAPAction, and with an HTTP header that names no session. */
const HEADERS = { 'content-type': 'text/xml;charset=UTF-8', simpleClientSession: '123' }

/** config/stock-quote, the layout of many files, its back-ends replaced. */
async function folder (t: Test, backends: readonly Backend[]): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'stock-quote-'))
  t.teardown(() => rm(place, { recursive: true }))
  for (const file of ['proxy-services/LoadBalanceProxy.xml', 'sequences/errorHandler.xml']) {
    await mkdir(join(place, file.split('/')[0]!), { recursive: true })
    await writeFile(join(place, file), configured(`stock-quote/${file}`, backends))
  }
  return place
}

t.test('StockQuote: call and respond run, and the nested errorHandler handles failures', async t => {
  const backends = await Promise.all(['one', 'two', 'three'].map(name => backend(t, name)))
  const { url } = await gateway(t, { config: await folder(t, backends) })
  const at = `${url}/services/LoadBalanceProxy`
  const received = []
  for (let order = 0; order < 4; order++) received.push((await post(at, ORDER, HEADERS)).from)
  t.same(received, ['one', 'two', 'three', 'one'], 'an HTTP header is no session: round robin')
  const [seen] = backends[0]!.requests
  t.equal(seen!.headers['soapaction'], '"urn:placeOrder"', 'the Action that the sequence set')
  t.match(seen!.body, /<wsa:Action[^>]*>urn:placeOrder</)
  t.match(seen!.body, '<m0:placeOrder xmlns:m0="http://services.samples"><m0:order>')

  await Promise.all(backends.map(each => each.stop()))
  t.match(await post(at, ORDER, HEADERS), {
    status: 500,
    type: /^text\/xml/,
    body: /soap11Env:VersionMismatch<\/faultcode><faultstring>COULDN'T SEND THE MESSAGE TO THE SERVER\./
  })
})

t.test('an empty 202 of a back-end goes through', async t => {
  const backends = await Promise.all(
    ['one', 'two', 'three'].map(name =>
      backend(t, name, (_request, response) => {
        response.writeHead(202).end()
      })
    )
  )
  const { url } = await gateway(t, { config: await folder(t, backends) })
  t.match(await post(`${url}/services/LoadBalanceProxy`, ORDER, HEADERS), { status: 202, body: '' })
})
