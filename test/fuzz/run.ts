/**
 * The fuzzer: runs targets one after the other, each in a thread that is watched for hangs.
 *
 *     node dist/test/fuzz/run.js [--target NAME,…] [--executions N | --seconds S] [--seed N] [--list]
 *
 * `--executions` is divided among the targets by their shares, `--seconds` is for each of them. Each input is a
 * mutation of seeds or of inputs that a target generates, from the seed alone. What fails is kept in its shortest form
 * in test/fuzz/corpus/NAME (below the working folder), and tried first the next time. Prints a line for each target;
 * the exit code is 1 if one fails.
 */
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Corpus } from './corpus-file.js'
import { Progress, sharedProgress } from './progress.js'
import type { Target } from './target.js'
import { TARGETS } from './targets/index.js'
import { threadReport } from './thread-report.js'
import type { WorkerReport, WorkerTask } from './worker.js'

/** Milliseconds without the end of an execution that are a hang. */
const MAX_SILENCE = 30_000
const LOOK_INTERVAL = 500

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    executions: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    list: { type: 'boolean', default: false }
  }
})
const wanted = values.target?.split(',')
const unknown = wanted?.filter(name => !TARGETS.some(target => target.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`unknown targets: ${unknown.join(', ')} (--list prints all)`)
  process.exit(1)
}
const targets = TARGETS.filter(({ name }) => wanted === undefined || wanted.includes(name))
const shares = targets.reduce((sum, { share }) => sum + share, 0)

interface Result extends WorkerReport {
  readonly seconds: number
}

async function runTarget (target: Target, seed: number): Promise<Result> {
  const begin = performance.now()
  const executions = Math.ceil((Number(values.executions) * target.share) / shares)
  const task: WorkerTask = {
    target: target.name,
    seed,
    executions,
    seconds: Number(values.seconds),
    shared: sharedProgress()
  }
  const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: task })
  const over = new AbortController()
  const report = await Promise.race([
    threadReport(worker, error => ended(target, task, String(error.stack))),
    hang(target, task, over.signal)
  ])
  over.abort()
  await worker.terminate()
  return { ...report, seconds: (performance.now() - begin) / 1000 }
}

/** The thread has ended by itself: out of memory, for one. */
function ended ({ name }: Target, { shared }: WorkerTask, reason: string): WorkerReport {
  const progress = new Progress(shared)
  return { executions: progress.executions, failures: [`${keep(progress, '.end', name)}: ${reason}`] }
}

/** Resolves when an execution does not end. It counts looks: a process that was stopped has made no progress either. */
async function hang (target: Target, { shared }: WorkerTask, over: AbortSignal): Promise<WorkerReport> {
  const progress = new Progress(shared)
  let [last, looks] = [-1, 0]
  while (!over.aborted) {
    await new Promise(resolve => setTimeout(resolve, LOOK_INTERVAL).unref())
    // A thread that has not begun may be loading: there is no input yet that it could hang at.
    if (progress.executions === 0 || progress.executions !== last) [last, looks] = [progress.executions, 0]
    else if (++looks * LOOK_INTERVAL > MAX_SILENCE) {
      const reason = `an execution takes longer than ${MAX_SILENCE / 1000} s`
      return { executions: last, failures: [`${keep(progress, '.hang', target.name)}: ${reason}`] }
    }
  }
  return { executions: last, failures: [] }
}

const keep = (progress: Progress, suffix: string, name: string): string =>
  new Corpus(name).keep(progress.input, () => false, suffix)

if (values.list) for (const { name, looksFor } of targets) console.log(`${name.padEnd(20)} ${looksFor}`)
else {
  let [executions, failed] = [0, 0]
  const begin = performance.now()
  for (const [index, target] of targets.entries()) {
    const seed = Number(values.seed) + index
    const result = await runTarget(target, seed)
    executions += result.executions
    failed += result.failures.length
    const rate = Math.round(result.executions / result.seconds)
    console.log(
      `${target.name.padEnd(20)} seed ${seed}  ${result.executions} executions, ${rate} a second, ` +
        `${result.failures.length} failures`
    )
    for (const failure of result.failures) console.error(failure)
  }
  const seconds = Math.round((performance.now() - begin) / 1000)
  console.log(`${executions} executions in ${seconds} s, ${failed} failures`)
  process.exitCode = failed > 0 ? 1 : 0
}
