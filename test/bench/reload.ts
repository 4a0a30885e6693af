/**
 * Prints how long a configuration of many proxies takes to load, and how long a reload keeps messages waiting: the
 * longest time for which the event loop does not turn, while one message after the other is sent. On Linux, also the
 * CPU time of the longest turn: that is what it would take on a machine without other work.
 *
 *     node dist/test/bench/reload.js [--proxies 10000] [--json]
 */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { verdict } from './figures.js'
import { parse } from '../../lib/definitions/load.js'
import proxyServices from '../../plugins/index.js'
import { workingFolder } from './working-folder.js'

const { values } = parseArgs({
  options: { proxies: { type: 'string', default: '10000' }, json: { type: 'boolean', default: false } }
})
const count = Number(values.proxies)
const folder = workingFolder('reload')

const address = (proxy: number, member: number): string =>
  `<endpoint><address uri="http://h${proxy}:${8001 + member}/s"><suspendOnFailure><initialDuration>1000</initialDuration>` +
  '</suspendOnFailure></address></endpoint>'
const proxy = (at: number): string =>
  `<proxy name="P${at}"><target><inSequence><send><endpoint><session type="simpleClientSession"/><loadbalance>` +
  `${address(at, 0)}${address(at, 1)}</loadbalance></endpoint></send></inSequence><outSequence><send/></outSequence>` +
  '</target></proxy>'
const config = join(folder, values.json ? 'synapse.json' : 'synapse.xml')
const backend = createServer((_request, response) => response.end('served'))
await once(backend.listen(0, '127.0.0.1'), 'listening')
const live =
  '<proxy name="Live"><target><endpoint><address ' +
  `uri="http://127.0.0.1:${(backend.address() as AddressInfo).port}/"/></endpoint></target></proxy>`
const xml = '<definitions xmlns="http://ws.apache.org/ns/synapse">' +
  `${Array.from({ length: count }, (_, at) => proxy(at)).join('\n')}${live}</definitions>`
writeFileSync(config, values.json ? JSON.stringify(parse(xml).definitions, null, 2) : xml)

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`
const app = Fastify()
const began = performance.now()
await app.register(proxyServices, { config })
await app.ready()
const loading = performance.now() - began
const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/services/Live`

const during = { reload: true }
let served = 0
async function sendMessages (): Promise<void> {
  while (during.reload) {
    if ((await (await fetch(url)).text()) !== 'served') throw new Error('a message was not served')
    served++
  }
}

/** CPU time of the main thread in milliseconds; undefined where the system does not say it. */
function cpuTime (): number | undefined {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ', 1)[0]) / 1e6
  } catch {
    return undefined
  }
}

let longestTurn = 0
function measureTurns (before: number | undefined): void {
  const now = cpuTime()
  if (before === undefined || now === undefined || !during.reload) return
  longestTurn = Math.max(longestTurn, now - before)
  setImmediate(measureTurns, cpuTime())
}

measureTurns(cpuTime())
const traffic = sendMessages()
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const reloadBegan = performance.now()
await app.proxyServices.reload()
const reloading = performance.now() - reloadBegan
await new Promise(resolve => setTimeout(resolve, 10))
delay.disable()
during.reload = false
await traffic
const [longest, p99] = [delay.max, delay.percentile(99)].map(nanoseconds => nanoseconds / 1e6)
console.log(`Node ${process.version}; ${count} proxies load in ${seconds(loading)}`)
console.log(
  `a reload takes ${seconds(reloading)}, and ${served} messages are served meanwhile; the event loop turns after ` +
    `${longest!.toFixed(0)} ms at most, ${p99!.toFixed(0)} ms in 99 % of turns`
)
if (longestTurn > 0) console.log(`the longest turn takes ${longestTurn.toFixed(0)} ms of CPU time`)
verdict(`${count} proxies load`, 'at most', 5000, loading, ' ms')
verdict('the longest time for which a reload keeps messages waiting', 'at most', 50, longest!, ' ms')
await app.close()
backend.close()
