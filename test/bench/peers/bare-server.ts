import { createServer } from 'node:http'
import { RESPONSE } from '../load.js'

/**
 * Node's own server, which reads each request and responds by itself: no proxy costs less. `node bare-server.js PORT`
 */
const body = Buffer.from(`<Value>${RESPONSE}</Value>`.padEnd(140))

createServer((request, response) => {
  request
    .on('data', () => {})
    .on('end', () => {
      response.writeHead(200, ['Content-Type', 'application/soap+xml', 'Content-Length', String(body.length)])
      response.end(body)
    })
}).listen(Number(process.argv[2]), '127.0.0.1', 4096)
