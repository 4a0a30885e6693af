import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Limits } from '../../plugins/http/message/limits.js'
import { gateway, SOAP_11, SOAP_12 } from '../support/gateway.js'
import { whole, wire } from '../support/http/bare-proxy.js'

// A response in the other version of SOAP is converted however it comes, as long as it can be kept.

const proxy = (
  port: number,
  out = ''
): string => `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target><inSequence><send>
  <endpoint><address uri="http://127.0.0.1:${port}/s"/></endpoint></send></inSequence>${out}</target></proxy></definitions>`
const envelope = (namespace: string, body: string, header = ''): string =>
  `<s:Envelope xmlns:s="${namespace}"><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
const TYPE = { [SOAP_11]: 'text/xml; charset=UTF-8', [SOAP_12]: 'application/soap+xml; charset=UTF-8' }

/** A back-end that responds in pieces, each in a packet of its own, with or without saying how much it will be. */
async function responding (
  t: Test,
  body: string,
  type: string,
  { status = '200 OK', said = true, pieces = 5 } = {}
): Promise<number> {
  const size = Math.ceil(body.length / pieces)
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    let received = ''
    socket
      .on('error', () => {})
      .on('data', chunk => {
        received += chunk.toString('latin1')
        if (!whole(received)) return
        const next = (at: number): void => {
          if (at < body.length) {
            socket.write(body.slice(at, at + size), () => setImmediate(() => setImmediate(next, at + size)))
          } else socket.end()
        }
        socket.write(
          `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\n${said ? `Content-Length: ${body.length}\r\n` : ''}Connection: close\r\n\r\n`,
          () => next(0)
        )
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

async function send (
  t: Test,
  definitions: string,
  type: string,
  body: string,
  limits: Partial<Limits> = {}
): Promise<{ head: string; body: string }> {
  const { url } = await gateway(t, { definitions, limits })
  const client = wire(
    t,
    Number(new URL(url).port),
    `POST /services/P HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${type}\r\nSOAPAction: ""\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  )
  await client.closed
  const at = client.text.indexOf('\r\n\r\n')
  const head = client.text.slice(0, at)
  const rest = client.text.slice(at + 4)
  return {
    head,
    body: /^transfer-encoding: chunked/im.test(head) ? rest.replace(/(^|\r\n)[0-9a-f]+\r\n/g, '') : rest
  }
}

const FILL = '<x>y</x>'.repeat(50_000)
const OUT = {
  nothing: '',
  header: '<outSequence><log/><send/></outSequence>',
  body: '<outSequence><log level="full"/><send/></outSequence>'
}

t.test('a response gets the SOAP version of its client, whatever its size and pieces, read or not', async t => {
  for (const [theirs, ours] of [
    [SOAP_11, SOAP_12],
    [SOAP_12, SOAP_11]
  ] as const) {
    for (const [need, out] of Object.entries(OUT)) {
      for (const said of [true, false]) {
        const port = await responding(t, envelope(ours, FILL), TYPE[ours]!, { said })
        const response = await send(t, proxy(port, out), TYPE[theirs]!, envelope(theirs, '<q/>'))
        t.ok(response.head.includes(`Content-Type: ${TYPE[theirs]!}`), `${need}: ${response.head}`)
        t.equal(response.body, envelope(theirs, FILL), need)
      }
    }
  }
})

t.test('a fault has the SOAP version of its client', async t => {
  const fault = envelope(
    SOAP_12,
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">why</s:Text></s:Reason><s:Detail>${FILL}</s:Detail></s:Fault>`
  )
  const response = await send(
    t,
    proxy(await responding(t, fault, TYPE[SOAP_12]!, { status: '500 Internal Server Error' })),
    TYPE[SOAP_11]!,
    envelope(SOAP_11, '<q/>')
  )
  t.match(response.head, /^HTTP\/1\.1 500 /)
  t.match(response.body, /<faultcode>s:Client<\/faultcode><faultstring>why<\/faultstring>/)
})

t.test('a client of plain XML gets plain XML also where a mediator reads the response', async t => {
  const port = await responding(t, envelope(SOAP_11, `<r>${FILL}</r>`), TYPE[SOAP_11]!)
  const response = await send(t, proxy(port, OUT.header), 'application/xml', '<q/>')
  t.equal(response.body, `<r>${FILL}</r>`)
})

t.test(
  'other-soap-version: a response in the version of the client, or too large to be kept, passes unchanged',
  async t => {
    const body = envelope(SOAP_12, FILL)
    for (const [client, limits] of [
      [SOAP_12, {}],
      [SOAP_11, { inspectionLimit: 100_000 }],
      [SOAP_11, { bufferBudget: 100_000 }]
    ] as const) {
      for (const out of [OUT.nothing, OUT.header]) {
        for (const said of [true, false]) {
          const port = await responding(t, body, TYPE[SOAP_12]!, { said })
          const response = await send(t, proxy(port, out), TYPE[client]!, envelope(client, '<q/>'), limits)
          t.ok(response.head.includes(`Content-Type: ${TYPE[SOAP_12]!}`))
          t.ok(response.body.includes(FILL) && response.body.includes(SOAP_12))
        }
      }
    }
  }
)
