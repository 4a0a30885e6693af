import { createServer, request as httpRequest } from 'node:http'
import { parseArgs } from 'node:util'
import { HEADERS } from './load.js'
import { BACKENDS, PEERS, portOf } from './peers.js'
import { cpuSeconds, peakMemory, PROXY_CORE, residentMemory, start, stop } from '../support/processes/processes.js'
import { workingFolder } from './working-folder.js'

/**
 * One large message at a time: when its first byte reaches the back-end, how fast all of it does, and how much memory
 * the proxy takes for it. Each proxy is a fresh process, each size is sent once to warm up (but for the largest) and
 * then measured.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, largest: { type: 'string', default: '1000' } } })
const SIZES = [1e3, 1e5, 1e6, 1e7, 1e8, 1e9].filter(size => size <= Number(values.largest) * 1e6)
const PROXIES = ['http-proxy', 'ours: round robin', 'ours: ClientID', 'ours: seed 000', 'nginx', 'haproxy round robin']

let arrived = (): void => {}
const backend = createServer((request, response) => {
  let received = 0
  request.once('data', () => arrived())
  request
    .on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    .on('end', () => response.setHeader('Content-Type', 'text/plain').end(String(received)))
})
await Promise.all(BACKENDS.map(port => new Promise<void>(resolve => {
  const server =
    port === BACKENDS[0] ? backend : createServer((request, response) => backend.emit('request', request, response))
  server.listen(port, '127.0.0.1', () => resolve())
})))

const head = Buffer.from(
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>' +
  '<syn:ClientID xmlns:syn="http://ws.apache.org/ns/synapse">client-1</syn:ClientID></s:Header><s:Body><Value>'
)
const tail = Buffer.from('</Value></s:Body></s:Envelope>')
const filling = Buffer.alloc(65_536, 'x')

/** Milliseconds until the first byte arrived, and until the response was there. */
async function send (port: number, size: number): Promise<{ first: number, whole: number }> {
  return await new Promise((resolve, reject) => {
    const begin = process.hrtime.bigint()
    const since = (): number => Number(process.hrtime.bigint() - begin) / 1e6
    let first = NaN
    arrived = () => { first = since() }
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/services/LBProxy',
        headers: { ...HEADERS, 'Content-Length': size }
      },
      response => {
        let text = ''
        response
          .on('data', chunk => {
            text += String(chunk)
          })
          .on('end', () => {
            if (Number(text) > 0.5 * size) resolve({ first, whole: since() })
            else reject(new Error(`${response.statusCode} ${text.slice(0, 200)}`))
          })
      }
    ).on('error', reject)
    let left = size - head.length - tail.length
    const pump = (): void => {
      while (left > 0) {
        const piece = left < filling.length ? filling.subarray(0, left) : filling
        left -= piece.length
        if (!request.write(piece)) { request.once('drain', pump); return }
      }
      request.end(tail)
    }
    request.write(head)
    pump()
  })
}

const folder = workingFolder('size')
console.log(
  `Node ${process.version}; one message at a time; first byte at the back-end in ms, MB/s, growth of the proxy's memory in MB, its CPU in ms`
)
console.log(
  `${'proxy'.padEnd(22)} ${SIZES.map(size => `${size >= 1e9 ? `${size / 1e9} GB` : size >= 1e6 ? `${size / 1e6} MB` : `${size / 1e3} KB`}`.padStart(30)).join('')}`
)
for (const [at, peer] of PEERS.entries()) {
  if (
    !PROXIES.includes(peer.name) ||
    (values.only && !values.only.split(',').some(each => peer.name.includes(each)))
  ) { continue }
  if (peer.missing !== undefined) { console.log(`left out: ${peer.name}: ${peer.missing}`); continue }
  const port = portOf(at)
  const cells: string[] = []
  for (const size of SIZES) {
    const child = await start(PROXY_CORE, peer.command(port, folder), port, peer.env)
    try {
      for (let warm = 0; warm < 20; warm++) await send(port, 2000)
      const [memory, cpu] = [residentMemory(child.pid!), cpuSeconds(child.pid!)]
      const { first, whole } = await send(port, size)
      cells.push(
        `${first.toFixed(1)} / ${(size / whole / 1e3).toFixed(0)} / ${Math.max(0, peakMemory(child.pid!) - memory).toFixed(0)} / ${((cpuSeconds(child.pid!) - cpu) * 1000).toFixed(0)}`
      )
    } catch (error) {
      cells.push((error as Error).message.slice(0, 28))
    } finally {
      await stop(child)
    }
  }
  console.log(`${peer.name.padEnd(22)} ${cells.map(cell => cell.padStart(30)).join('')}`)
}
process.exit(0)
