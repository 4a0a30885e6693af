import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { examine } from '../../lib/cli/configuration/check.js'
import { explain } from '../../lib/cli/configuration/explain.js'
import { parse } from '../../lib/definitions/load.js'
import { formatProblem } from '../../lib/definitions/model/problem.js'
import { writeXml } from '../../lib/definitions/write-xml.js'
import { backend, type Backend } from '../support/backend.js'
import { gateway, post, SOAP_11, type GatewayResponse } from '../support/gateway.js'

/**
 * Configurations in the manner of those that users of Synapse start from, one for each family, in `test/samples`:
 * `NAME.xml`, and what `check` says of it in `NAME.txt` (`UPDATE_GOLDEN=1` rewrites that). What is sound is
 * converted and back, and takes messages; of the others takes messages with `failSafe` what is sound in them.
 */
const FOLDER = new URL('../../../test/fixtures/configurations/', import.meta.url)
const NAMES = readdirSync(FOLDER).filter(name => name.endsWith('.xml')).map(name => name.slice(0, -4)).sort()
const text = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8')

interface Setup {
  readonly one: Backend
  readonly two: Backend
  /** Sends a message to a service. */
  readonly send: (service: string, body?: string, headers?: Record<string, string>) => Promise<GatewayResponse>
  readonly url: string
}

async function setUp (t: Test, name: string, failSafe: boolean): Promise<Setup> {
  const [one, two, unused] = [await backend(t, 'one'), await backend(t, 'two'), await backend(t, 'unused')]
  await unused.stop()
  const portFor = (number: string): number => [one.port, two.port][Number(number) - 1] ?? unused.port
  const definitions = text(`${name}.xml`)
    .replace(/localhost:900(\d)/g, (_, number: string) => `127.0.0.1:${portFor(number)}`)
    .replace(
      /hostName="localhost" httpPort="900(\d)"/g,
      (_, number: string) => `hostName="127.0.0.1" httpPort="${portFor(number)}"`
    )
  const { url } = await gateway(t, { definitions, failSafe })
  return {
    one,
    two,
    url,
    send: (service, body = '<m/>', headers = {}) =>
      post(
        `${url}/services/${service}`,
        `<s:Envelope xmlns:s="${SOAP_11}">${body.startsWith('<s:Header>') ? body : `<s:Body>${body}</s:Body>`}</s:Envelope>`,
        { 'content-type': 'text/xml; charset=UTF-8', soapaction: '"urn:example:do"', ...headers }
      )
  }
}

const respondingEndpoints = async (
  { send }: Setup,
  service: string,
  times: number
): Promise<(string | undefined)[]> => {
  const seen: (string | undefined)[] = []
  for (let time = 0; time < times; time++) seen.push((await send(service)).from)
  return seen
}

/** What a sound configuration does with a message. */
const RESPONSES: Readonly<Record<string, (t: Test, setup: Setup) => Promise<void>>> = {
  async apis (t, { url, one, two }) {
    const send = async (method: string, path: string) => await fetch(`${url}${path}`, { method })
    const order = await send('GET', '/shop/orders/a%20b?by=me&currency=EUR')
    t.equal(order.headers.get('x-out'), 'resource')
    t.match(one.requests[0], {
      url: /^\/api\/a%20b/,
      headers: { 'x-order': 'a b in EUR, sent by me', 'x-path': '/orders/a%20b?by=me&currency=EUR' }
    })
    t.equal((await send('GET', '/shop/lists/of/any')).status, 202, 'without an endpoint there is no response')
    await send('GET', '/shop/orders/exact')
    t.match(two.requests[0], { url: /^\/x/, headers: { 'x-tagged': 'yes' } }, 'a mapping precedes a template')
    t.equal((await send('GET', '/shop/2.0/anything?q=1')).status, 200)
    t.match(two.requests[1]!.url, /^\/two\/anything\?q=1/, 'the version is part of the path')
    const wrong = await send('PATCH', '/shop/orders/1?currency=EUR')
    t.strictSame([wrong.status, wrong.headers.get('allow')], [405, 'GET, POST'])
    const options = await send('OPTIONS', '/shop/orders/1?currency=EUR')
    t.strictSame([options.status, options.headers.get('allow')], [200, 'GET, POST'])
    t.equal((await send('GET', '/labelled/1')).status, 400, 'no resource takes http')
    t.equal((await send('PUT', '/shop/nothing')).status, 405, 'a resource without a pattern takes any path')
    t.equal((await send('GET', '/nothing')).status, 404)
  },
  async 'http-connections' (t, { url, one, two }) {
    t.equal((await fetch(`${url}/items/7`, { method: 'PUT', body: '{}' })).status, 200)
    const seen = ({ requests }: Backend): unknown[] => requests.map(({ method, url, body }) => [method, url, body])
    t.match(seen(one), [['GET', '/stock/7?all=true', ''], ['DELETE', '/stock/old']])
    t.match(one.requests[0]!.headers, { 'x-item': '7', authorization: /^Basic / })
    t.match(seen(two), [
      ['POST', '/json', '{"status": 200, "item": "7"}'],
      ['PUT', '/xml', /^<s:Envelope .*<s:Body><item>7<\/item><\/s:Body>/],
      ['PATCH', '/text', 'item 7'],
      ['HEAD', '/head', ''],
      ['OPTIONS', /^\/?$/]
    ])
  },
  async 'main-by-direction' (t, { send, one }) {
    const response = await send('anything/at/all')
    t.equal(response.from, 'one')
    t.match(one.requests[0]!.headers, { 'x-edition': 'winter', 'x-came': 'from outside' })
    t.equal(response.headers.get('x-passed'), 'out')
    t.notOk(one.requests[0]!.headers['x-passed'])
  },
  async 'routing-by-content' (t, { send, one, two }) {
    const parcel = (kind: string, headers?: Record<string, string>): Promise<GatewayResponse> =>
      send('Shipping', `<p:parcel xmlns:p="urn:example:parcels"><p:kind>${kind}</p:kind></p:parcel>`, headers)
    t.strictSame([(await parcel('tiny')).from, (await parcel('larger than life')).from], ['one', 'two'])
    t.strictSame([one.requests[0]!.url, two.requests[0]!.url], ['/small', '/large'])
    t.equal((await parcel('small')).headers.get('x-seen'), 'yes')
    const strange = await parcel('smallish')
    t.match([strange.status, strange.body], [500, /no such kind: smallish/])
    const closed = await parcel('small', { 'x-closed': 'true' })
    t.match([closed.status, closed.body], [500, /closed for today/])
    t.equal(one.requests.length, 2)
  },
  async 'entries-as-artefacts' (t, { send, one, url }) {
    t.equal((await send('Held', '<m/>', { 'x-wind': 'north' })).from, 'one')
    t.match(one.requests[0], { url: '/held', headers: { 'x-held': 'yes', 'x-road': 'north' } })
    t.match((await send('Held', '<m/>', { 'x-wind': 'west' })).status, 500)
    t.match(await (await fetch(`${url}/services/Held?wsdl`)).text(), /urn:example:held/)
  },
  async 'failing-on-the-way' (t, { send }) {
    for (const [service, handler] of [
      ['ByItself', 'guard'],
      ['ByProxy', 'last'],
      ['ByDefault', 'fault'],
      ['ByEndpoint', 'guard']
    ] as const) {
      const { status, body } = await send(service)
      t.match([status, body], [500, new RegExp(`${handler} code 10\\d{4}`)], service)
    }
  },
  async groups (t, setup) {
    const spread = await respondingEndpoints(setup, 'Spread', 5)
    t.strictSame(spread, ['one', 'two', 'one', 'two', 'one'], 'the third is passed over')
    t.match(setup.one.requests[0]!.body, /2005\/08\/addressing/)
    t.strictSame(await respondingEndpoints(setup, 'Reserve', 3), ['one', 'two', 'one'])
    t.strictSame(await respondingEndpoints(setup, 'Weighted', 6), ['one', 'two', 'two', 'one', 'two', 'two'])
    const before = [setup.one.requests.length, setup.two.requests.length]
    t.match((await setup.send('AllRecipients')).from, /one|two/)
    t.strictSame([setup.one.requests.length, setup.two.requests.length], before.map(count => count + 1))
  },
  async sticky (t, { send }) {
    const client = (id: string): Promise<GatewayResponse> =>
      send(
        'main by another name',
        `<s:Header><c:ClientID xmlns:c="http://ws.apache.org/ns/synapse">${id}</c:ClientID></s:Header><s:Body><m/></s:Body>`
      )
    const seen = [await client('a'), await client('b'), await client('a'), await client('a'), await client('b')]
    t.strictSame(seen.map(({ from }) => from), ['one', 'two', 'one', 'one', 'two'])
    t.strictSame([(await send('Cookies')).from, (await send('Cookies')).from], ['one', 'two'], 'a new session each')
    t.strictSame([(await send('Soap')).from, (await send('Soap')).from], ['one', 'two'])
  },
  async 'from-templates' (t, { send, one, two }) {
    t.strictSame([(await send('Made')).from, (await send('MadeInPlace')).from], ['one', 'two'])
    t.strictSame([one.requests[0]!.url, two.requests[0]!.url], ['/made', '/made'])
  },
  async 'passing-through' (t, { send, one, two, url }) {
    t.equal((await send('Through', '<m>as it is</m>')).from, 'one')
    t.match(one.requests[0]!.body, '<m>as it is</m>')
    t.match(await (await fetch(`${url}/services/Through?wsdl`)).text(), /urn:example:through/)
    const later = await send('Later')
    t.match([later.status, later.body], [500, /inactive service: Later/])
    const sent = await send('OneWay')
    t.match([sent.status, sent.body], [202, /^$/])
    t.equal((await send('Addressed')).from, 'two')
    t.match(two.requests.find(({ url }) => url === '/addressed'), { headers: { soapaction: '"urn:example:do"' } })
  },
  async 'one-after-the-other' (t, { send, one, two }) {
    const chained = await send('Chained')
    t.equal(chained.from, 'two')
    t.equal(chained.headers.get('x-out'), 'yes')
    t.match(
      two.requests[0],
      { url: '/second', headers: { 'x-after': 'one' }, body: /<from>one</ },
      'the second gets the response of the first'
    )
    const answered = await send('Answered')
    t.strictSame(
      [answered.from, answered.headers.get('x-finally'), answered.headers.get('x-out')],
      ['one', 'yes', null],
      'a response that its own sequence sends does not come to the out sequence'
    )
    const swallowed = await send('Swallowed')
    t.match([swallowed.status, swallowed.body], [202, /^$/])
    t.equal(one.requests.length, 3)
    t.equal(two.requests.length, 1)
  }
}

/** What of the others runs with `failSafe`: its name below `/services`. */
const LEFT: Readonly<Record<string, string>> = {
  'changing-bodies': 'Untouched',
  'from-a-registry': 'Near',
  'members-from-elsewhere': 'Here',
  'other-transports': 'Plain',
  'security-and-templates': 'Open',
  'splitting-and-keeping': 'by main',
  'starting-by-itself': 'by main'
}

t.strictSame(NAMES, [...Object.keys(RESPONSES), ...Object.keys(LEFT)].sort(), 'each sample takes a message')

for (const name of NAMES) {
  t.test(`sample configuration ${name}: check reports what is recorded, and messages pass`, async t => {
    const { definitions, problems } = await examine(`test/fixtures/configurations/${name}.xml`)
    const said = problems.map(problem => `${formatProblem({ ...problem, file: '' }).slice(1)}\n`).join('')
    if (process.env['UPDATE_GOLDEN']) writeFileSync(new URL(`${name}.txt`, FOLDER), said)
    else t.equal(said, text(`${name}.txt`), 'what check says')
    const wrong = problems.filter(({ severity }) => severity !== 'hint')
    for (const { message, hint } of wrong) {
      t.ok(hint !== undefined || /: (send to|write|messageType)/.test(message), `says what to do: ${message}`)
    }

    const responses = RESPONSES[name]
    t.equal(wrong.length === 0, responses !== undefined, 'what is sound takes messages as it is')
    if (responses === undefined) {
      t.equal((await (await setUp(t, name, true)).send(LEFT[name]!)).from, 'one')
      return
    }
    for (const [language, converted] of [
      ['JSON', JSON.stringify(definitions)],
      ['XML', writeXml(definitions)]
    ] as const) {
      const again = parse(converted)
      t.strictSame(again.problems, [], `its ${language} is sound`)
      t.strictSame(again.definitions, definitions, `its ${language} means the same`)
    }
    await responses(t, await setUp(t, name, false))
  })
}

t.test('explain shows what happens to messages that no proxy takes', async t => {
  const lines = t.capture(console, 'log')
  t.equal(await explain('test/fixtures/configurations/sticky.xml'), 0)
  t.match(
    lines().map(({ args }) => String(args[0])),
    [/^main {2}POST \/services\/main$/, /reads header/, /sends POST http:\/\/localhost:9001\/s /]
  )
  await t.rejects(explain('test/fixtures/configurations/sticky.xml', { proxy: 'Missing' }), {
    message: /unknown proxy "Missing": known are main, Cookies, Soap/
  })
})
