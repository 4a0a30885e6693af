import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { cpuSeconds, start } from './processes.js'

/**
 * What metrics and traces cost: the CPU time of a gateway for one request, with nothing, with metrics that are scraped
 * once a second, and with spans of OpenTelemetry for all requests; with nothing twice, which shows how much two equal
 * processes differ. All gateways run at the same time, and get their load in turn, so that what else the machine does
 * meets all of them. Prints the median of the rounds.
 *
 *     npm run bench:observability [-- ROUNDS]        # default: 8, half a minute
 */
const CONNECTIONS = 64
const WINDOW_MS = 1_000
const BODY = Buffer.alloc(600, 'x')

interface Variant {
  readonly name: string
  readonly port: number
  readonly adminPort: number
  readonly environment: Record<string, string>
}

const rounds = Number(process.argv[2] ?? 8)
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

const backend = createServer((incoming, response) => incoming.pipe(response)).listen(0, '127.0.0.1')
await once(backend, 'listening')
const backendPort = (backend.address() as AddressInfo).port

const variants: readonly Variant[] = [
  { name: 'nothing', port: 18_471, adminPort: 0, environment: {} },
  { name: 'metrics', port: 18_472, adminPort: 18_482, environment: {} },
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
async function measure ({ port, adminPort }: Variant, { pid }: ChildProcess): Promise<number> {
  const end = performance.now() + WINDOW_MS
  let count = 0
  const scraped = adminPort === 0 ? undefined : send(adminPort, 'GET', '/metrics')
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

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const children: ChildProcess[] = []
for (const { port, adminPort, environment } of variants) {
  const words = [process.execPath, here('./peers/observed.js'), String(port), String(adminPort), String(backendPort)]
  children.push(await start('0-1', words, port, environment))
}
const results = variants.map((): number[] => [])
for (let round = -1; round < rounds; round++) {
  for (const [index, variant] of variants.entries()) {
    const microseconds = await measure(variant, children[index]!)
    // The first round warms up.
    if (round >= 0) results[index]!.push(microseconds)
  }
}
for (const [index, { name }] of variants.entries()) {
  const share = median(results[index]!.map((each, round) => each / results[0]![round]!))
  console.log(`${name.padEnd(14)} ${median(results[index]!).toFixed(1)} µs a request, ${share.toFixed(3)} of nothing`)
}
process.exit(0)
