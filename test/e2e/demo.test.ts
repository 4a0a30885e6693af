import { cp, readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type Test } from 'tap'
import { demo, type DemoOptions } from '../../lib/cli/demo.js'
import { freePorts } from '../support/free-port.js'

const CONFIG = fileURLToPath(new URL('../../../config', import.meta.url))
/** What the documented configuration says, 20 s, and what these tests wait for. */
const SUSPENSION = ['<initialDuration>20000<', '<initialDuration>500<'] as const

/** The demo on ports of its own, with the documented configuration naming these, and a shorter suspension. */
async function setUp (t: Test, more: DemoOptions = {}) {
  const [one, two, three, lbProxy, stockQuote] = await freePorts(5) as [number, number, number, number, number]
  const backends = [one, two, three]
  const config = t.testdir()
  await cp(CONFIG, config, { recursive: true })
  for (const file of ['lb-proxy.xml', 'stock-quote/proxy-services/LoadBalanceProxy.xml']) {
    let xml = (await readFile(join(config, file), 'utf8')).replaceAll(...SUSPENSION)
    for (const [at, port] of backends.entries()) xml = xml.replaceAll(`localhost:900${at + 1}/`, `localhost:${port}/`)
    await writeFile(join(config, file), xml)
  }
  const lines: string[] = []
  const errors: string[] = []
  const options = {
    ...more,
    ports: { backends, lbProxy, stockQuote },
    config,
    out: (line: string) => lines.push(line),
    err: (line: string) => errors.push(line)
  }
  return { options, lines, errors, backends, lbProxy, stockQuote }
}

/** One session after the other. */
const inTurn = () => { let at = 0; return () => (at++ % 3) / 3 }

test('demo: sessions keep their server, one server fails and returns, orders are spread', async t => {
  const { options, lines, errors } = await setUp(t, { random: inTurn() })
  t.equal(await demo(options), 0)
  t.same(errors, [])
  const requests = lines.filter(line => line.startsWith('Request: '))
  t.equal(requests.length, 100)
  t.equal(requests[0], 'Request: 1 with Session ID: 0 ---- Response : with    Response from server: MyServer1')
  t.equal(requests[2], 'Request: 3 with Session ID: 2 ---- Response : with    Response from server: MyServer3')
  t.equal(requests[49], 'Request: 50 with Session ID: 1 ---- Response : with    Response from server: MyServer2')
  t.equal(requests[52], "Request: 53 with Session ID: 1 ---- Fault : COULDN'T SEND THE MESSAGE TO THE SERVER.")
  t.equal(requests[53], 'Request: 54 with Session ID: 2 ---- Response : with    Response from server: MyServer3')
  t.ok(lines.indexOf('*** MyServer2 stops') === lines.indexOf(requests[49]!) + 1)
  t.match(
    lines.find(line => line.startsWith('*** After')),
    /^\*\*\* After \d+\.\d s: Response from server: MyServer2$/
  )
  const table = lines
    .find(line => line.includes('ClientID'))!
    .trim()
    .split('\n')
    .map(row => row.split(/\s+/))
  t.same(
    table.map(row => row.slice(0, 4)),
    [
      ['Session', 'ClientID', 'Server', 'Requests'],
      ['0', 'c1', 'MyServer1', '34'],
      ['1', 'c2', 'MyServer2', '33'],
      ['2', 'c3', 'MyServer3', '33']
    ]
  )
  t.match(
    table.map(row => row[4]),
    ['Faults', '0', /^[1-9]\d*$/, '0']
  )
  t.same(
    lines.filter(line => line.startsWith('Order: ')),
    [1, 2, 3].map(number => `Order: ${number} ---- HTTP status 202, accepted by MyServer${number}`)
  )
})

test('with keep, the demo runs until it is aborted', async t => {
  const controller = new AbortController()
  const kept = await setUp(t, { keep: true, signal: controller.signal })
  const responses: Promise<number>[] = []
  const code = await demo({
    ...kept.options,
    out: line => {
      if (!line.includes('Ctrl+C')) return
      responses.push(
        ...[kept.lbProxy, kept.stockQuote].map(
          async port => (await fetch(`http://127.0.0.1:${port}/no-such-path`)).status
        )
      )
      Promise.all(responses).finally(() => controller.abort())
    }
  })
  t.equal(code, 0)
  t.same(await Promise.all(responses), [404, 404], 'both gateways responded')
  await t.rejects(fetch(`http://127.0.0.1:${kept.lbProxy}/`), 'and are gone')
})

test('a busy port is named before anything starts', async t => {
  const { options, lines, errors, backends, lbProxy } = await setUp(t)
  const taken = [backends[1]!, lbProxy]
  for (const port of taken) {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
  }
  t.equal(await demo(options), 1)
  t.same(errors, [`port ${taken.join(', port ')} is in use: stop what listens there`])
  t.same(lines, [])
})

test('a configuration that does not load ends the demo in one line', async t => {
  const { options, errors } = await setUp(t)
  t.equal(await demo({ ...options, config: join(options.config, 'nowhere') }), 1)
  t.equal(errors.length, 1)
  t.match(errors[0]!, /^the demo stopped: /)
  t.notMatch(errors.join(), /\n\s+at /)
})
