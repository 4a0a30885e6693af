import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { median, ratios, verdict } from './figures.js'
import type { Latency } from './fixed-rate.js'
import { sendOne, fixedRate } from './load.js'
import { backendCommand, BACKENDS, portOf } from './peers.js'
import { cpuSeconds, LOAD_CORE, PROXY_CORE, start } from '../support/processes/processes.js'
import { recordedMessageCost } from './recorded-message.js'
import { workingFolder } from './working-folder.js'

/**
 * What recording costs: the CPU time of one recorded message by itself; then the latency of one gateway at a fixed rate
 * and its CPU time for one request, in turn without a recording and with one that keeps heads and bodies, so that what
 * else the machine does meets both.
 *
 *     npm run bench:recording [-- --rate 2000 --seconds 3 --rounds 5 --bytes 4096]     # 40 seconds
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    bytes: { type: 'string', default: '4096' }
  }
})
const { passing, idle } = recordedMessageCost(Number(values.bytes))
console.log(
  `CPU time of a recorded message by itself: ${passing.toFixed(1)} µs while it passes, ${idle.toFixed(1)} µs in an idle ` +
    'turn of the event loop'
)
const TOKEN = 'bench'
/** What recording may add to p99, as the console promises. */
const MAX_RATIO = 1.05

const folder = workingFolder('recording')
const [port, adminPort] = [portOf(80), portOf(81)]
const member = (at: number): object => ({
  kind: 'address',
  name: `E${at}`,
  uri: `http://127.0.0.1:${BACKENDS[at]}/services/LBService${at + 1}`
})
const endpoint = {
  kind: 'loadbalance',
  name: 'LB',
  members: [0, 1, 2].map(member),
  session: { kind: 'simpleClientSession' }
}
const config = join(folder, 'lb.json')
writeFileSync(config, JSON.stringify({ proxies: { LBProxy: { in: [{ kind: 'send', endpoint }] } } }))

await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
const binary = fileURLToPath(new URL('../../lib/cli.js', import.meta.url))
const words = ['serve', config, '--port', `${port}`, '--host', '127.0.0.1', '--admin-port', `${adminPort}`]
const gateway = await start(PROXY_CORE, [process.execPath, binary, ...words, '--log-level', 'error'], port, {
  PROXY_SERVICES_ADMIN_TOKEN: TOKEN
})

interface Measured extends Latency {
  readonly cpu: number
}

async function admin (method: string, body?: object): Promise<{ count: number; bytes: number; dropped: number }> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/recording`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) })
  })
  if (!response.ok) throw new Error(`the admin API responds ${response.status} ${await response.text()}`)
  return (await response.json()) as { count: number; bytes: number; dropped: number }
}

/** @returns with the CPU time of the gateway for one request, in microseconds */
async function measure (seconds = values.seconds): Promise<Measured> {
  const before = cpuSeconds(gateway.pid!)
  const latency = await fixedRate(port, { ...values, seconds })
  const all = Number(values.rate) * (Number(seconds) + 1)
  return { ...latency, cpu: ((cpuSeconds(gateway.pid!) - before) / all) * 1e6 }
}

await sendOne(port)
const record = async (): Promise<unknown> => await admin('POST', { minutes: 5, bytes: Number(values.bytes) })
// Both ways of the code are warm before they are measured.
await measure('2')
await record()
await measure('2')
const without: Measured[] = []
const recorded: Measured[] = []
let view = await admin('DELETE')
const measureRecorded = async (): Promise<void> => {
  await record()
  recorded.push(await measure())
  view = await admin('DELETE')
}
for (let round = 0; round < Number(values.rounds); round++) {
  if (round % 2 === 1) await measureRecorded()
  without.push(await measure())
  if (round % 2 === 0) await measureRecorded()
}

console.log(
  `Node ${process.version}; ${values.rate} requests/s over ${values.connections} connections, ${values.rounds} rounds ` +
    `of ${values.seconds} s each; µs since a request was due, medians of rounds`
)
for (const [name, rounds] of [['not recorded', without], ['recorded', recorded]] as const) {
  const cells = [median(rounds.map(({ p50 }) => p50)), median(rounds.map(({ p99 }) => p99))]
  const errors = rounds.reduce((sum, each) => sum + each.errors, 0)
  const late = median(rounds.map(({ late99 }) => late99))
  const cpu = median(rounds.map(each => each.cpu)).toFixed(1)
  console.log(`${name.padEnd(14)} p50 ${cells[0]}   p99 ${cells[1]}   own p99 ${late}   CPU ${cpu} a request   errors ${errors}`)
}
console.log(`kept at the end: ${view.count} messages, ${(view.bytes / 2 ** 20).toFixed(1)} MiB; not kept in the last round: ${view.dropped}`)
console.log('own p99: how late the generator itself was: above some 200 µs this machine has other work')
const p99 = ({ p99 }: Latency): number => p99
verdict('p99 × that without a recording', 'at most', MAX_RATIO, median(ratios(recorded.map(p99), without.map(p99))))
process.exit(0)
