import { spawnSync } from 'node:child_process'
import { median, quartiles, ratios } from './figures.js'

/** What one process printed: for each configuration its name, and the microseconds of the best round. */
interface FlowTime {
  readonly name: string
  readonly best: number
}

/** Runs the benchmark of the working tree in this folder. @throws Error with what it printed, if it fails */
function flowTimes (folder: string): FlowTime[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/test/bench/flow.js'], {
    cwd: folder,
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`the benchmark in ${folder} failed (is it built?): ${stderr.slice(-500)}`)
  return [...stdout.matchAll(/^(.*?) +[\d.]+ µs per request \(best ([\d.]+)/gm)].map(([, name = '', best]) => ({
    name,
    best: Number(best)
  }))
}

/**
 * Compares the time of flows in this working tree with those in another one. Processes of both take turns, in a
 * changing order; printed are the least time of each, and the median of the ratios within a pair.
 */
export function compareFlows (other: string, pairs: number): void {
  const here: FlowTime[][] = []
  const there: FlowTime[][] = []
  for (let pair = 0; pair < pairs; pair++) {
    const [first, second] = pair % 2 === 0 ? [here, there] : [there, here]
    for (const times of [first, second]) times.push(flowTimes(times === here ? process.cwd() : other))
  }
  for (const [at, { name }] of here[0]!.entries()) {
    const of = (times: readonly FlowTime[][]): number[] => times.map(each => each[at]?.best ?? NaN)
    const least = [here, there].map(times => Math.min(...of(times)).toFixed(2))
    const between = ratios(of(here), of(there))
    const line = `${least[0]} µs against ${least[1]}, × ${quartiles(between)}`
    console.log(`${name.padEnd(50)} ${line}${median(between) > 1.03 ? ', slower by more than 3 %' : ''}`)
  }
}
