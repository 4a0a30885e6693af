import { createServer } from 'node:http'
import { ANSWER } from '../load.js'

/**
 * Node's own server, which reads each request and answers by itself: no proxy costs less. `node bare-server.js PORT`
 */
const answer = Buffer.from(`<Value>${ANSWER}</Value>`.padEnd(140))

createServer((request, response) => {
  request
    .on('data', () => {})
    .on('end', () => {
      response.writeHead(200, ['Content-Type', 'application/soap+xml', 'Content-Length', String(answer.length)])
      response.end(answer)
    })
}).listen(Number(process.argv[2]), '127.0.0.1', 4096)
