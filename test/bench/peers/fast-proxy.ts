import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'

/** fast-proxy with undici, in turn over three back-ends. `node fast-proxy.js PORT BACKEND …` */
interface FastProxy { proxy (request: IncomingMessage, response: ServerResponse, url: string, options: object): void }
const create = createRequire(import.meta.url)('fast-proxy') as (options: object) => FastProxy
const [port, ...backends] = process.argv.slice(2).map(Number)
const proxies = backends.map(each =>
  create({ base: `http://127.0.0.1:${each}`, undici: { connections: 1024, pipelining: 1 } })
)
let at = 0

createServer((request, response) => {
  proxies[at = (at + 1) % proxies.length]!.proxy(request, response, '/services/LBService1', {})
}).listen(port, '127.0.0.1', 4096)
