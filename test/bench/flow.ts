import { parseArgs } from 'node:util'
import { compile } from '../../lib/compiler/compile.js'
import { load, definitionsOrThrow } from '../../lib/definitions/load.js'
import type { Outcome } from '../../lib/contracts/flow.js'
import { TABLE_SESSIONS } from '../../lib/pipeline/interpret.js'
import { runFlow, withRace, type FlowClient } from '../../lib/pipeline/run-flow.js'
import { NO_BODY, type Body, type Message } from '../../lib/message/message.js'
import { serveRequest } from '../../lib/pipeline/service.js'
import { scan } from '../../lib/soap/scan.js'
import { runtime } from '../../plugins/gateway/configuration/runtime.js'
import { compareFlows } from './compare-flows.js'

/**
 * What mediation costs by itself: the whole flow of a request, with a network that responds at once. Prints
 * microseconds per request.
 *
 *     npm run bench:flow -- [--against FOLDER] [--pairs 7]
 *
 * `--against` compares with another working tree that is built: processes of both take turns.
 */
const {
  values: { against, pairs }
} = parseArgs({
  options: { against: { type: 'string' }, pairs: { type: 'string', default: '7' } }
})
if (against !== undefined) {
  compareFlows(against, Number(pairs))
  process.exit(0)
}

const ROUNDS = 9
const REQUESTS = 20_000

const envelope = (id: number): Buffer =>
  Buffer.from(
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">client-${id}</syn:ClientID></s:Header><s:Body>${'<Value>v1</Value>'.repeat(24)}</s:Body></s:Envelope>`
  )
const bodies = Array.from({ length: 1000 }, (_, id) => envelope(id))
/** Scanned, as a body is when it arrives. */
const received = (bytes: Buffer): Body => ({ kind: 'bytes', bytes, scan: scan(bytes) })
const request = (index: number): Message => ({
  direction: 'request',
  method: 'POST',
  path: '',
  query: '',
  headers: ['Content-Type', 'application/soap+xml; charset=UTF-8; action="urn:sampleOperation"', 'Accept', '*/*'],
  addressing: { to: '/services/LBProxy', action: 'urn:sampleOperation' },
  properties: {},
  axis2: {},
  read: true,
  body: received(bodies[index % bodies.length]!)
})
const answered: Outcome = {
  kind: 'answered',
  message: {
    ...request(0),
    direction: 'response',
    status: 200,
    read: false,
    headers: ['Content-Type', 'application/soap+xml'],
    body: NO_BODY
  }
}
const client: FlowClient = { disconnected: false }
const handlers = withRace({ ...TABLE_SESSIONS, forward: async () => answered, log: () => {}, detach: () => false })

async function measure (name: string, path: string | object): Promise<void> {
  const definitions = typeof path === 'string' ? definitionsOrThrow(await load(path)) : path
  const [service] = [...compile(definitions, runtime).services.values()]
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const begin = process.hrtime.bigint()
    for (let index = 0; index < REQUESTS; index++) {
      await runFlow(serveRequest(service!, request(index), runtime.uuid), handlers, client)
    }
    times.push(Number(process.hrtime.bigint() - begin) / 1000 / REQUESTS)
  }
  times.sort((a, b) => a - b)
  console.log(
    `${name.padEnd(56)} ${times[ROUNDS >> 1]!.toFixed(2).padStart(7)} µs per request (best ${times[0]!.toFixed(2)}, worst ${times.at(-1)!.toFixed(2)})`
  )
}

const address = (port: number): object => ({ kind: 'address', uri: `http://localhost:${port}/service` })
const members = [9001, 9002, 9003].map(address)
await measure('one address', { proxies: { A: { in: [{ kind: 'send', endpoint: members[0] }] } } })
await measure('round robin over three', {
  proxies: { A: { in: [{ kind: 'send', endpoint: { kind: 'loadbalance', members } }] } }
})
await measure('ClientID sessions over three', {
  proxies: {
    A: {
      in: [{ kind: 'send', endpoint: { kind: 'loadbalance', session: { kind: 'simpleClientSession' }, members } }]
    }
  }
})
await measure('config/lb-proxy.xml (sessions and WS-Addressing)', 'config/lb-proxy.xml')
