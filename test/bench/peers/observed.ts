import { startGateway } from '../../../lib/cli/serve/gateway.js'

/**
 * A gateway with one proxy to a back-end, and an admin port if it is not 0.
 * `node observed.js PORT ADMIN_PORT BACKEND_PORT`
 */
const [port, adminPort, backend] = process.argv.slice(2).map(Number)
await startGateway({
  port: port!,
  host: '127.0.0.1',
  logLevel: 'error',
  definitions: { proxies: { P: { endpoint: { kind: 'address', name: 'E', uri: `http://127.0.0.1:${backend}/` } } } },
  ...(adminPort !== 0 && { admin: { port: adminPort!, host: '127.0.0.1' } })
})
