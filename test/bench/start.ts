import { spawnSync, type ChildProcess } from 'node:child_process'
import { parseArgs } from 'node:util'
import { median, ratios, verdict } from './figures.js'
import { sendOne, wrk, wrkScript } from './load.js'
import { backendCommand, BACKENDS, BASE, PEERS, portOf, SYNAPSE } from './peers.js'
import { cpuSeconds, LOAD_CORE, PROXY_CORE, residentMemory, start, stop } from '../support/processes/processes.js'
import { workingFolder } from './working-folder.js'

/**
 * From the start of a process to its first response: milliseconds, milliseconds of CPU (of user and system), and its
 * memory then; and its memory after many requests. All are started in turn, round by round: figures are medians,
 * ratios are made within a round. On a busy machine CPU says more.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '15' },
    requests: { type: 'string', default: '1000000' },
    only: { type: 'string', default: `${BASE},ours: ClientID,ours: seed 000,nginx,${SYNAPSE}` }
  }
})
const folder = workingFolder('start')
const script = wrkScript(folder)
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
spawnSync('taskset', ['-cp', LOAD_CORE, String(process.pid)])

interface Start { readonly ms: number, readonly cpu: number, readonly memory: number }
const peers = PEERS.map((peer, at) => ({ ...peer, port: portOf(at) })).filter(
  ({ name, missing }) => missing === undefined && values.only.split(',').includes(name)
)
const starts = new Map<string, Start[]>(peers.map(({ name }) => [name, []]))

const started = async ({ command, port, env }: (typeof peers)[number]): Promise<ChildProcess> =>
  await start(PROXY_CORE, command(port, folder), port, env)

async function firstResponse (peer: typeof peers[number]): Promise<Start> {
  const begin = performance.now()
  const child = await started(peer)
  await sendOne(peer.port)
  const ms = performance.now() - begin
  const start = { ms, cpu: cpuSeconds(child.pid!) * 1e3, memory: residentMemory(child.pid!) }
  await stop(child)
  return start
}

// The first time, files are read from the disk, and what asks is not warm.
for (let run = -1; run < Number(values.runs); run++) {
  for (const peer of peers) {
    const start = await firstResponse(peer)
    if (run >= 0) starts.get(peer.name)!.push(start)
  }
}

const figures = (name: string, what: keyof Start): number[] => (starts.get(name) ?? []).map(start => start[what])
function figure (name: string, what: keyof Start, unit: string): string {
  const [own, base] = [figures(name, what), figures(BASE, what)]
  const ratio = base.length > 0 ? ` (${median(ratios(own, base)).toFixed(2)})` : ''
  return `${median(own).toFixed(0)} ${unit}${ratio}`
}

console.log(`Node ${process.version}; median of ${values.runs} starts, in brackets against ${BASE}`)
for (const { name } of peers) {
  console.log(
    `${name.padEnd(20)} first response after ${figure(name, 'ms', 'ms')}, ${figure(name, 'cpu', 'ms CPU')}, ${figure(name, 'memory', 'MB')}`
  )
}

for (const peer of Number(values.requests) > 0 ? peers : []) {
  const child = await started(peer)
  let served = 0
  while (served < Number(values.requests)) served += (await wrk(script, peer.port, 64, 10)).requests
  console.log(`${peer.name.padEnd(20)} after ${served} requests ${residentMemory(child.pid!).toFixed(0)} MB`)
  await stop(child)
}
const OURS = 'ours: ClientID'
if (starts.has(OURS)) {
  console.log()
  verdict(`${OURS}: start to first response`, 'at most', 250, median(figures(OURS, 'ms')), ' ms')
  verdict(`${OURS}: memory then`, 'at most', 85, median(figures(OURS, 'memory')), ' MB')
  if (starts.has(SYNAPSE)) {
    verdict(
      `${OURS}: start to first response × ${SYNAPSE}`,
      'at most',
      0.2,
      median(ratios(figures(OURS, 'ms'), figures(SYNAPSE, 'ms')))
    )
  }
}
await stop(backend)
process.exit(0)
