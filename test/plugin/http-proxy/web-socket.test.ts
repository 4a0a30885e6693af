import t from 'tap'
import { freePort } from '../../support/free-port.js'
import { webSocketBackend } from '../../support/http/web-socket-backend.js'
import { sides } from './sides.js'
import { WEB_SOCKET } from './web-socket.js'

for (const { name, backend: behave, isDown, host, run, expected, differs } of WEB_SOCKET) {
  t.test(`beside @fastify/http-proxy: ${name}`, async t => {
    const seen: unknown[] = []
    for (const at of [0, 1] as const) {
      const backend = await webSocketBackend(t, 'a', behave)
      const webSocketTo = `http://127.0.0.1:${isDown === true ? await freePort() : backend.port}`
      const { app } = (await sides(t, { webSocketTo, ...(host !== undefined && { host }) }))[at]
      const url = await app.listen({ port: 0, host: '127.0.0.1' })
      seen.push(await run(t, `${url}/services/P/x`, backend))
    }
    const [theirs, ours] = seen
    if (differs !== undefined) {
      t.strictSame(ours, differs.own, differs.why)
      t.strictNotSame(theirs, differs.own, 'http-proxy still differs')
    } else {
      t.strictSame(ours, theirs, 'as http-proxy')
      t.strictSame(ours, expected)
    }
  })
}
