/** The gateway as the manifests run it, with as many large messages in flight as its memory limit is meant for. */
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { serve } from '../support/processes/serve-process.js'
import { message } from '../support/gateway.js'

t.setTimeout(600_000)

const POSTS = 4_000
/** Two for each post here, and two in the gateway. */
const DESCRIPTORS = 2 * POSTS + 200
/** The part of the limit that it may need at most. From Node 24 on V8 needs some 90 MiB more; the image has Node 22. */
const MARGIN = Number.parseInt(process.versions.node, 10) >= 24 ? 0.95 : 0.85

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly resources: { readonly limits: { readonly memory: string } }
}
const manifest = readFileSync(new URL('../../../config/kubernetes/deployment.yaml', import.meta.url), 'utf8')
const [container] = parse(manifest).spec.template.spec.containers as [Container]

/** Why it cannot be measured here; false: it can. */
function missing (): string | false {
  if (process.platform !== 'linux') return 'needs /proc'
  const [, limit = ''] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return Number(limit) < DESCRIPTORS && `needs ${DESCRIPTORS} open files (ulimit -n)`
}

/** The most memory that a process has had, in MiB. */
const peakOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

t.test(
  '4,000 posts of 100 KB that wait for a slow back-end stay within the memory limit of the manifests',
  { skip: missing() },
  async t => {
    const held: ServerResponse[] = []
    let onAll = (): void => {}
    const all = new Promise<void>(resolve => {
      onAll = resolve
    })
    const server = createServer((request, response) => {
      request.resume().once('end', () => {
        held.push(response)
        if (held.length === POSTS) onAll()
      })
    })
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    await once(server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }), 'listening')
    const config = t.testdir({
      'p.xml':
        '<proxy name="P" xmlns="http://ws.apache.org/ns/synapse"><target><endpoint>' +
        '<session type="simpleClientSession"/><loadbalance><endpoint>' +
        `<address uri="http://127.0.0.1:${(server.address() as AddressInfo).port}/"/></endpoint></loadbalance>` +
        '</endpoint><outSequence><send/></outSequence></target></proxy>'
    })
    const settings = container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))
    const gateway = serve(t, join(config, 'p.xml'), [], { environment: Object.fromEntries(settings) })
    const port = await gateway.port('Server')
    const body = Buffer.from(message('s1', `<a>${'x'.repeat(100_000)}</a>`))
    const head =
      'POST /services/P HTTP/1.1\r\nHost: a\r\nContent-Type: application/soap+xml\r\n' +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`
    const post = async (): Promise<string> => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk
      }).on('error', () => {})
      socket.write(head)
      socket.write(body)
      await once(socket, 'close')
      return text.slice(0, 'HTTP/1.1 200'.length)
    }
    const responses = Promise.all(Array.from({ length: POSTS }, post))
    await all
    for (const response of held) response.end('ok')
    const statuses = await responses
    t.equal(statuses.filter(each => each === 'HTTP/1.1 200').length, POSTS)
    const limit = Number.parseInt(container.resources.limits.memory, 10)
    const peak = peakOf(gateway.child.pid!)
    t.match(container.resources.limits.memory, /^\d+Mi$/)
    t.ok(peak < MARGIN * limit, `${peak.toFixed(0)} of ${limit} MiB`)
    t.comment(`${POSTS} posts of ${(body.length / 1000).toFixed(0)} KB: ${peak.toFixed(0)} MiB at most, limit ${limit} MiB`)
  }
)
