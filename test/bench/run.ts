import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { wrkScript } from './load.js'
import { BACKENDS, backendCommand, BASE, PEERS, portOf, type Peer } from './peers.js'
import { cpuSeconds, isInstalled, LOAD_CORE, peakMemory, PROXY_CORE, start, stop } from './processes.js'

/**
 * Every proxy before the same back-ends under the same load, in turn, round by round: figures are medians of rounds, ratios are made within a round.
 * The proxy has a core of its own; load and back-ends share the other one.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '5' }, connections: { type: 'string', default: '64,256,1' }, only: { type: 'string' }, warmup: { type: 'string', default: '6' }
  }
})
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

for (const tool of ['wrk', 'nginx', 'taskset']) {
  if (isInstalled(tool)) continue
  console.error(`${tool} is needed for load and back-ends, and is not installed`)
  process.exit(2)
}

interface Sample { readonly rate: number, readonly cpu: number, readonly p50: number, readonly p99: number, readonly errors: number }
const run = promisify(execFile)
const script = wrkScript(folder)

async function measure (port: number, connections: number, duration: number, pid?: number): Promise<Sample> {
  const before = pid === undefined ? 0 : cpuSeconds(pid)
  const { stdout } = await run('taskset', ['-c', LOAD_CORE, 'wrk', '-t1', `-c${connections}`, `-d${duration}s`, '-s', script, `http://127.0.0.1:${port}/services/LBProxy`])
  const [requests = 0, micros = 1, errors = 0, statuses = 0, p50 = 0, p99 = 0] = /RESULT (.*)/.exec(stdout)![1]!.split(' ').map(Number)
  return { rate: requests / micros * 1e6, cpu: pid === undefined ? 0 : (cpuSeconds(pid) - before) / requests * 1e4, p50, p99, errors: errors + statuses }
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN
const quartiles = (numbers: readonly number[]): string => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return `${median(sorted).toFixed(2)} [${sorted[Math.floor(sorted.length / 4)]!.toFixed(2)}-${sorted[Math.floor(sorted.length * 3 / 4)]!.toFixed(2)}]`
}

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}; ${rounds} rounds of ${seconds} s`)
const backend = await start(LOAD_CORE, backendCommand(folder), BACKENDS[0])
const alone = await measure(BACKENDS[0], 64, seconds)
console.log(`load and back-end without a proxy: ${Math.round(alone.rate)} requests/s on one core, ${alone.errors} errors\n`)

const wanted = values.only?.split(',')
const peers: { peer: Peer, port: number, pid: number, end: () => Promise<void> }[] = []
for (const [at, peer] of PEERS.entries()) {
  if (wanted && peer.name !== BASE && !wanted.some(each => peer.name.includes(each))) continue
  if (peer.missing !== undefined) {
    console.log(`left out: ${peer.name}: ${peer.missing}`)
    continue
  }
  try {
    const port = portOf(peer, at)
    const child = await start(PROXY_CORE, peer.command(port, folder), port, peer.env)
    peers.push({ peer, port, pid: child.pid!, end: () => stop(child) })
  } catch (error) {
    console.log(`left out: ${peer.name}: ${(error as Error).message.slice(0, 300)}`)
  }
}
for (const { port } of peers) await measure(port, 64, Number(values.warmup))

for (const connections of values.connections.split(',').map(Number)) {
  const samples = new Map<Peer, Sample[]>(peers.map(({ peer }) => [peer, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { peer, port, pid } of round % 2 === 0 ? peers : peers.toReversed()) samples.get(peer)!.push(await measure(port, connections, seconds, pid))
  }
  const find = (name: string): Sample[] | undefined => [...samples].find(([peer]) => peer.name === name)?.[1]
  const [base, nginx] = [find(BASE)!, find('nginx')]
  console.log(`\n${connections} connections`)
  console.log(`${'proxy'.padEnd(22)} ${'req/s'.padStart(8)} ${'× http-proxy'.padStart(18)} ${'CPU s/10k'.padStart(10)} ${'CPU × nginx'.padStart(18)} ${'p50 µs'.padStart(8)} ${'p99 µs'.padStart(8)} ${'peak MB'.padStart(8)} errors`)
  for (const { peer, pid } of peers) {
    const own = samples.get(peer)!
    const against = quartiles(own.map(({ rate }, round) => rate / base[round]!.rate))
    const cpu = nginx === undefined ? '-' : quartiles(own.map((sample, round) => sample.cpu / nginx[round]!.cpu))
    console.log(`${peer.name.padEnd(22)} ${String(Math.round(median(own.map(({ rate }) => rate)))).padStart(8)} ${against.padStart(18)} ${median(own.map(sample => sample.cpu)).toFixed(3).padStart(10)} ${cpu.padStart(18)} ${String(median(own.map(({ p50 }) => p50))).padStart(8)} ${String(median(own.map(({ p99 }) => p99))).padStart(8)} ${peakMemory(pid).toFixed(0).padStart(8)} ${own.reduce((sum, { errors }) => sum + errors, 0)}`)
  }
}
await Promise.all(peers.map(({ end }) => end()))
await stop(backend)
process.exit(0)
