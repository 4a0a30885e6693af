import t from 'tap'
import { defineProxy } from '../../../lib/definitions/define-proxy.js'
import { parse } from '../../../lib/definitions/load.js'

const A = 'http://a/'

t.test('defineProxy: one upstream is an endpoint, several are a group with sessions and timeouts', async t => {
  t.same(defineProxy({ upstreams: [A] }), { endpoint: { kind: 'address', uri: A } })
  t.same(defineProxy({ upstreams: [A, { url: 'http://b', name: 'b' }], sticky: { cookie: 'sid' }, timeout: 5_000 }), {
    endpoint: {
      kind: 'loadbalance',
      session: { kind: 'http', cookies: ['sid'] },
      members: [
        { kind: 'address', uri: A, timeout: { duration: 5_000 } },
        { kind: 'address', uri: 'http://b', name: 'b', timeout: { duration: 5_000 } }
      ]
    }
  })
})

t.test('defineProxy: a weight chooses the weighted algorithm, unless one is named', async t => {
  const upstreams = [A, { url: 'http://b', weight: 3 }]
  t.match(defineProxy({ upstreams }), {
    endpoint: {
      algorithm: { kind: 'weightedRoundRobin' },
      members: [{}, { properties: [{ name: 'loadbalance.weight', value: '3' }] }]
    }
  })
  t.match(defineProxy({ upstreams, algorithm: { kind: 'rendezvous' } }), {
    endpoint: { algorithm: { kind: 'rendezvous' } }
  })
})

t.test('defineProxy: every option is a valid definition', async t => {
  const sticky = [{ cookie: 'sid', timeout: 5 }, { header: 'X-Session', timeout: 5 }, { kind: 'soap' }] as const
  for (const each of sticky) {
    const P = defineProxy({ upstreams: [A, 'http://b/'], sticky: each, failureStatus: [503] })
    t.same(parse(JSON.stringify({ proxies: { P } })).problems, [])
  }
})

t.test('defineProxy: without upstreams it fails', async t => {
  t.throws(() => defineProxy({ upstreams: [] }), { name: 'TypeError', message: /at least one upstream/ })
})
