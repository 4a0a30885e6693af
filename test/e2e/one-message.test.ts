import type { Socket } from 'node:net'
import t from 'tap'
import { rawBackend } from '../support/http/bare-proxy.js'
import { operatedGateway } from '../support/operation/operated-gateway.js'

const BROKEN = 'break every server'
const LATE = 'are late'
/** Members respond within this time, however busy the machine is; only what is late lasts so long. */
const responseTimeout = (what: string): number => what === LATE ? 3_000 : 120_000

/** What a member does with the one message that breaks it, once it has received that message. */
const WAYS: Readonly<Record<string, (socket: Socket) => void>> = {
  'close the connection': socket => socket.end(),
  'reset the connection': socket => socket.resetAndDestroy(),
  [LATE]: () => {},
  'respond with what is not HTTP': socket => socket.write('220 mail.example ESMTP\r\n')
}

interface EndpointRow {
  readonly name: string
  readonly state: string
  readonly failures: number
  readonly responses: number
}

for (const [what, react] of Object.entries(WAYS)) {
  const promise = 'one is suspended, each counts it, the next message is served'
  t.test(`one message, after which all members ${what}: ${promise}`, async t => {
    const received: string[] = []
    const ports = await Promise.all(['A', 'B', 'C'].map(name => rawBackend(t, socket => {
      let text = ''
      socket.on('data', chunk => {
        text += chunk.toString('latin1')
        if (text.endsWith(BROKEN)) {
          received.push(name)
          react(socket)
        } else if (text.endsWith('well')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })))
    const members = ports.map((port, at) => ({
      kind: 'address' as const,
      name: 'ABC'[at]!,
      uri: `http://127.0.0.1:${port}/`,
      timeout: { duration: responseTimeout(what) }
    }))
    const { url, admin } = await operatedGateway(t, { proxies: { P: { endpoint: { kind: 'loadbalance', members } } } })
    const send = async (body: string): Promise<number> => {
      const headers = { 'content-type': 'text/plain' }
      const response = await fetch(`${url}/services/P`, { method: 'POST', headers, body })
      await response.arrayBuffer()
      return response.status
    }
    t.ok(await send(BROKEN) >= 500)
    t.same(received.sort(), ['A', 'B', 'C'], 'every member received it')
    const { list } = await (await fetch(`${admin}/endpoints`)).json() as { list: EndpointRow[] }
    t.same(list.map(({ failures }) => failures), [1, 1, 1])
    t.same(list.map(({ state }) => state).sort(), ['active', 'active', 'suspended'])
    for (let count = 0; count < 4; count++) t.equal(await send('well'), 200)
  })
}
