import type { ServerResponse } from 'node:http'
import t from 'tap'
import { CODES } from '../../lib/message/fault.js'
import { backend, bareProxy, origin, post, promised, whole, wire } from '../support/http/bare-proxy.js'

const isUndici = process.env['UPSTREAM_CLIENT'] === 'undici' && 'undici has no queue: further requests fail at once'

t.test('beyond maxRequestsPerOrigin requests wait for their turn, as many as may', { skip: isUndici }, async t => {
  const held: ServerResponse[] = []
  const received = [promised(), promised()]
  const port = await backend(t, (_, response) => {
    held.push(response)
    received[held.length - 1]!.resolve()
  })
  const proxy = await bareProxy(t, {
    origins: [origin(port)], limits: { maxRequestsPerOrigin: 1, maxQueuedPerOrigin: 1, queueTimeout: 0 }
  })
  const first = wire(t, proxy.port, post('<a/>'))
  await received[0]!.promise
  // Whichever of the two comes second is refused.
  const others = [wire(t, proxy.port, post('<b/>')), wire(t, proxy.port, post('<c/>'))]
  const refused = await Promise.race(others.map(async each => {
    await each.until(whole)
    return each
  }))
  t.match(refused.text, /X-Code: 303001/)
  t.match(proxy.outcomes, [{ kind: 'refused', fault: { code: CODES.NOT_READY, requestSent: false } }])
  held[0]!.end('one')
  t.match(await first.until(whole), /^HTTP\/1.1 200 /)
  await received[1]!.promise
  held[1]!.end('two')
  const waited = others.find(each => each !== refused)!
  t.match(await waited.until(whole), /^HTTP\/1.1 200 (.|\r\n)*two$/)
})

t.test('a request waits no longer than queueTimeout', { skip: isUndici }, async t => {
  const received = promised()
  const port = await backend(t, () => received.resolve())
  const proxy = await bareProxy(t, {
    origins: [origin(port)], limits: { maxRequestsPerOrigin: 1, maxQueuedPerOrigin: 10, queueTimeout: 30 }
  })
  wire(t, proxy.port, post('<a/>'))
  await received.promise
  t.match(await wire(t, proxy.port, post('<b/>')).until(whole), /X-Code: 303001/)
  t.equal(proxy.outcomes.at(-1)?.kind, 'refused')
})
