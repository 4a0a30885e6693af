import t from 'tap'
import { backend } from '../support/backend.js'
import { gateway } from '../support/gateway.js'

t.test(
  'without an SDK nothing of OpenTelemetry is loaded, and a traceparent of the client passes as it is',
  async t => {
    const up = await backend(t, 'up')
    const { app, url } = await gateway(t, {
      definitions: { proxies: { Orders: { endpoint: { kind: 'address', uri: up.uri } } } }
    })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await (
      await fetch(`${url}/services/Orders`, { method: 'POST', headers: { traceparent }, body: 'abc' })
    ).arrayBuffer()
    t.equal(up.requests[0]!.headers['traceparent'], traceparent)
    t.same(
      [...app.proxyServices].map(({ tracing }) => tracing),
      [undefined]
    )
    t.equal(Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1')), undefined)
  }
)
