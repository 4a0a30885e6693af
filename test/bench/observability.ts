import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { LatencyHistogram } from '../../lib/state/latency-histogram.js'
import { ProxyTraffic } from '../../plugins/gateway/request/proxy-traffic.js'
import { median, quartiles, ratios, verdict } from './figures.js'
import { cpuSeconds, start } from '../support/processes/processes.js'

/**
 * What metrics and traces cost: the CPU time of a gateway for one request, with nothing, with metrics that are scraped
 * once a second, and with spans of OpenTelemetry for all requests; with nothing twice, which shows how much two equal
 * processes differ. All gateways run at the same time, and get their load in turn, so that what else the machine does
 * meets all of them. Prints the median of the rounds. What metrics cost is the ratio of two windows of one process,
 * with and without a scrape; what is counted for them while messages pass is in every gateway, and is printed apart.
 *
 *     npm run bench:observability [-- ROUNDS]        # default: 20, two minutes
 */
const CONNECTIONS = 64
const WINDOW_MS = 1_000
const BODY = Buffer.alloc(600, 'x')

interface Variant {
  readonly name: string
  readonly port: number
  readonly adminPort: number
  readonly environment: Record<string, string>
  /** Whether its metrics are read in each window. */
  readonly isScraped?: boolean
}

const rounds = Number(process.argv[2] ?? 20)
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

const backend = createServer((incoming, response) => incoming.pipe(response)).listen(0, '127.0.0.1')
await once(backend, 'listening')
const backendPort = (backend.address() as AddressInfo).port

const variants: readonly Variant[] = [
  { name: 'nothing', port: 18_471, adminPort: 0, environment: {} },
  { name: 'admin port', port: 18_472, adminPort: 18_482, environment: {} },
  { name: 'metrics', port: 18_472, adminPort: 18_482, environment: {}, isScraped: true },
  { name: 'nothing, again', port: 18_474, adminPort: 0, environment: {} },
  { name: 'traces', port: 18_473, adminPort: 0, environment: { NODE_OPTIONS: `--import ${here('./peers/sdk.js')}` } }
]

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

const send = async (port: number, method: 'GET' | 'POST', path: string): Promise<void> =>
  await new Promise((resolve, reject) => {
    request({ agent, host: '127.0.0.1', port, method, path, ...(method === 'POST' && { headers: HEADERS }) })
      .on('error', reject)
      .on('response', response => {
        if (response.statusCode !== 200) reject(new Error(`${port}${path} responds ${response.statusCode}`))
        response.resume().on('end', resolve)
      })
      .end(method === 'POST' ? BODY : undefined)
  })

const HEADERS = { 'content-type': 'text/plain', 'content-length': String(BODY.length) }

/** Microseconds of CPU time for one request, over one window of load. */
async function measure ({ port, adminPort, isScraped = false }: Variant, { pid }: ChildProcess): Promise<number> {
  const end = performance.now() + WINDOW_MS
  let count = 0
  const scraped = isScraped ? send(adminPort, 'GET', '/metrics') : undefined
  const before = cpuSeconds(pid!)
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await send(port, 'POST', '/services/P')
      count++
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, client))
  await scraped
  return ((cpuSeconds(pid!) - before) / count) * 1e6
}

/** Microseconds for what is counted for metrics with each request: once for its proxy, once for its endpoint. */
function countingTime (): number {
  const traffic = new ProxyTraffic()
  const latency = new LatencyHistogram()
  const none = { isAborted: false, faultCode: undefined, traceId: undefined }
  const requests = 5_000_000
  const begin = performance.now()
  for (let count = 0; count < requests; count++) {
    const ms = count & 63
    traffic.record({ status: 200, ms, requestBytes: ms, responseBytes: ms, ...none })
    latency.record(ms)
  }
  return ((performance.now() - begin) / requests) * 1e3
}

const processes = new Map<number, ChildProcess>()
for (const { port, adminPort, environment } of variants) {
  if (processes.has(port)) continue
  const words = [process.execPath, here('./peers/observed.js'), String(port), String(adminPort), String(backendPort)]
  processes.set(port, await start('0-1', words, port, environment))
}
const results = variants.map((): number[] => [])
for (let round = -1; round < rounds; round++) {
  for (const [index, variant] of variants.entries()) {
    const microseconds = await measure(variant, processes.get(variant.port)!)
    // The first round warms up.
    if (round >= 0) results[index]!.push(microseconds)
  }
}
for (const [index, { name }] of variants.entries()) {
  const share = median(ratios(results[index]!, results[0]!))
  console.log(`${name.padEnd(14)} ${median(results[index]!).toFixed(1)} µs a request, ${share.toFixed(3)} of nothing`)
}
const indexOf = (wanted: string): number => variants.findIndex(({ name }) => name === wanted)
const [unread, read] = [results[indexOf('admin port')]!, results[indexOf('metrics')]!]
const scraping = ratios(read, unread)
console.log(`metrics against admin port, in one process: ${quartiles(scraping, 3)}`)
const counting = countingTime()
console.log(`what is counted, in all of them: ${counting.toFixed(3)} µs a request`)
const share = median(scraping) - 1 + counting / median(unread)
verdict('what metrics add to the CPU time of a request', 'at most', 3, share * 100, ' %')
process.exit(0)
