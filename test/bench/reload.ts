/**
 * Prints how long a configuration of many proxies takes to load, and how long a reload keeps messages waiting: the
 * longest time for which the event loop does not turn.
 *
 *     node dist/test/bench/reload.js [--proxies 10000]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import proxyServices from '../../plugins/index.js'

const { values } = parseArgs({ options: { proxies: { type: 'string', default: '10000' } } })
const count = Number(values.proxies)
const folder = mkdtempSync(join(tmpdir(), 'bench-load-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const address = (proxy: number, member: number): string =>
  `<endpoint><address uri="http://h${proxy}:${8001 + member}/s"><suspendOnFailure><initialDuration>1000</initialDuration>` +
  '</suspendOnFailure></address></endpoint>'
const proxy = (at: number): string =>
  `<proxy name="P${at}"><target><inSequence><send><endpoint><session type="simpleClientSession"/><loadbalance>` +
  `${address(at, 0)}${address(at, 1)}</loadbalance></endpoint></send></inSequence><outSequence><send/></outSequence>` +
  '</target></proxy>'
const config = join(folder, 'synapse.xml')
writeFileSync(config, '<definitions xmlns="http://ws.apache.org/ns/synapse">' +
  `${Array.from({ length: count }, (_, at) => proxy(at)).join('\n')}</definitions>`)

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`
const app = Fastify()
const began = performance.now()
await app.register(proxyServices, { config })
await app.ready()
console.log(`${count} proxies load in ${seconds(performance.now() - began)}`)

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const reloadBegan = performance.now()
await app.proxyServices.reload()
const took = performance.now() - reloadBegan
await new Promise(resolve => setTimeout(resolve, 10))
delay.disable()
console.log(`a reload takes ${seconds(took)}, and messages wait for up to ${seconds(delay.max / 1e6)}`)
await app.close()
