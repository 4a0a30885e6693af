import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'

/**
 * The base line: `@fastify/http-proxy` as it comes, in turn over three back-ends. `node http-proxy.js PORT BACKEND …`
 */
const [port, ...backends] = process.argv.slice(2).map(Number)
const upstreams = backends.map(each => `http://127.0.0.1:${each}`)
let at = 0

const app = Fastify()
await app.register(httpProxy, {
  prefix: '/services/LBProxy',
  rewritePrefix: '/services/LBService1',
  upstream: '',
  replyOptions: {
    getUpstream () {
      at = (at + 1) % upstreams.length
      return upstreams[at]!
    }
  }
})
await app.listen({ port: port!, host: '127.0.0.1', backlog: 4096 })
