import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { envelope, HEADERS, wrkScript } from './load.js'
import { backendCommand, BACKENDS, PEERS } from './peers.js'
import { LOAD_CORE, PROXY_CORE, residentMemory, start, stop } from './processes.js'

/** From the start of a process to its first answer; its memory then, and after many requests. */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' }, requests: { type: 'string', default: '1000000' } } })
const folder = mkdtempSync(join(tmpdir(), 'bench-start-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const script = wrkScript(folder)
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!

console.log(`Node ${process.version}; median of ${values.runs} starts`)
for (const [at, peer] of PEERS.entries()) {
  if (peer.missing !== undefined || !['http-proxy', 'ours: ClientID', 'ours: seed 000', 'nginx'].includes(peer.name)) continue
  const port = 19400 + at
  const [times, idle]: [number[], number[]] = [[], []]
  for (let run = 0; run < Number(values.runs); run++) {
    const begin = process.hrtime.bigint()
    const child = await start(PROXY_CORE, peer.command(port, folder), port, peer.env)
    const answer = await fetch(`http://127.0.0.1:${port}/services/LBProxy`, { method: 'POST', headers: HEADERS, body: envelope(1) })
    await answer.text()
    times.push(Number(process.hrtime.bigint() - begin) / 1e6)
    idle.push(residentMemory(child.pid!))
    await stop(child)
  }
  const child = await start(PROXY_CORE, peer.command(port, folder), port, peer.env)
  let served = 0
  while (served < Number(values.requests)) {
    const { stdout } = await promisify(execFile)('taskset', ['-c', LOAD_CORE, 'wrk', '-t1', '-c64', '-d10s', '-s', script, `http://127.0.0.1:${port}/services/LBProxy`])
    served += Number(/RESULT (\d+)/.exec(stdout)![1])
  }
  console.log(`${peer.name.padEnd(20)} first answer after ${median(times).toFixed(0)} ms, ${median(idle).toFixed(0)} MB; after ${served} requests ${residentMemory(child.pid!).toFixed(0)} MB`)
  await stop(child)
}
await stop(backend)
process.exit(0)
