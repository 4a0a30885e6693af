import t from 'tap'
import { BufferBudget } from '../../plugins/http/message/buffer-budget.js'
import { ExchangeScope } from '../../plugins/http/message/exchange-scope.js'
import { createForwarder } from '../../plugins/http/upstream/forwarder.js'
import { LIMITS } from '../../plugins/http/message/limits.js'
import type { OpenTransport, ResponseListener, UpstreamCall } from '../../plugins/http/upstream/upstream-transport.js'
import { FORWARD } from '../support/http/bare-proxy.js'

const EXCHANGE = {
  pause () {},
  resume () {},
  write: () => true,
  finishWriting () {},
  abort () {},
  bodyConsumed: false,
  reused: true
}

/** Connections that have ended by the time of the next request: `written` says whether any byte of it was written. */
const endedConnections = (written: boolean, calls: UpstreamCall[]): OpenTransport => () => ({
  counters: { open: 0, idle: 0, queued: 0, connects: undefined, reuses: undefined, connectTimes: undefined },

  send (call: UpstreamCall, listener: ResponseListener): typeof EXCHANGE {
    calls.push(call)
    setImmediate(() => {
      if (call.fresh !== true) return listener.onError({ name: 'stale', requestSent: written })
      listener.onHead(204, [], true)
      listener.onEnd()
    })
    return EXCHANGE
  },

  async close (): Promise<void> {},
  destroy (): void {}
})

t.test('with retry="unsent" a message is sent again only if nothing of it was written', async t => {
  for (const [written, unsentOnly, expected] of [
    [false, true, 'answered'],
    [true, true, 'refused'],
    [true, false, 'answered']
  ] as const) {
    const calls: UpstreamCall[] = []
    const budget = new BufferBudget(LIMITS.bufferBudget)
    const forwarder = createForwarder({ limits: LIMITS, budget, openTransport: endedConnections(written, calls) })
    const forward = { ...FORWARD, unsentOnly }
    const { kind } = await forwarder.forward(forward, new ExchangeScope(budget), 'nothing')
    t.equal(kind, expected)
    t.same(calls.map(({ fresh }) => fresh), expected === 'answered' ? [false, true] : [false])
    await forwarder.close(0)
  }
})
