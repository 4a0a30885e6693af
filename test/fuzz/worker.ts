import { parentPort, workerData } from 'node:worker_threads'
import { Corpus, VALID_SUFFIX } from './corpus-file.js'
import { Execution } from './execution.js'
import { superlinearInput } from './growth.js'
import { Mutator } from './mutator.js'
import { Progress, type SharedProgress } from './progress.js'
import type { Target } from './target.js'
import { TARGETS } from './targets/index.js'

/** What one thread is to do. */
export interface WorkerTask {
  readonly target: string
  readonly seed: number
  /** 0: as many as there is time for. */
  readonly executions: number
  readonly seconds: number
  readonly shared: SharedProgress
}

/** What it has done. */
export interface WorkerReport {
  readonly executions: number
  readonly failures: readonly string[]
}

const MAX_FAILURES = 10
/** Of failures that come from one line, only the first are kept. */
const MAX_OF_ONE_PLACE = 3
const DEFAULT_LENGTH = 4096
/** Generated inputs that are mutated later. */
const MAX_SEEDS = 500
/** Executions between looks at the clock, and between measurements of growth. */
const CLOCK_INTERVAL = 64
const GROWTH_INTERVAL = 20_000

class Run {
  readonly #target: Target
  readonly #task: WorkerTask
  readonly #execution: Execution
  readonly #corpus: Corpus
  readonly #mutator: Mutator
  readonly #progress: Progress
  readonly #until: number
  readonly #places = new Map<string, number>()
  readonly failures: string[] = []
  executions = 0

  constructor (task: WorkerTask) {
    const target = TARGETS.find(({ name }) => name === task.target)
    if (target === undefined) throw new Error(`unknown target ${task.target}`)
    this.#target = target
    this.#task = task
    this.#execution = new Execution(target)
    this.#corpus = new Corpus(target.name)
    const seeds = (target.seeds ?? []).map(each => Buffer.from(each))
    this.#mutator = new Mutator(seeds, target.snippets, target.maxLength ?? DEFAULT_LENGTH, task.seed)
    this.#progress = new Progress(task.shared)
    this.#until = performance.now() + task.seconds * 1000
  }

  /** The inputs that failed once, then the seeds, then mutations. */
  all (): void {
    for (const { bytes, isValid } of this.#corpus.read()) this.#execute(bytes, isValid)
    for (const seed of this.#target.seeds ?? []) this.#execute(Buffer.from(seed), false)
    while (this.#goesOn()) {
      if (this.#target.generate !== undefined && this.executions % 4 === 0) this.#generate(this.#target.generate)
      else this.#execute(this.#mutator.next(), false)
      if (this.executions % GROWTH_INTERVAL === 0) this.#measureGrowth()
    }
  }

  #goesOn (): boolean {
    if (this.failures.length >= MAX_FAILURES) return false
    if (this.#task.executions > 0) return this.executions < this.#task.executions
    return this.executions % CLOCK_INTERVAL !== 0 || performance.now() < this.#until
  }

  #generate (generate: NonNullable<Target['generate']>): void {
    const input = Buffer.from(generate(this.#mutator.random))
    this.#mutator.addSeed(input, MAX_SEEDS)
    this.#execute(input, true)
  }

  #execute (input: Buffer, isValid: boolean): void {
    this.executions++
    this.#progress.begin(input)
    try {
      this.#execution.run(input, isValid)
    } catch {
      this.#keep(Buffer.from(input), isValid)
    }
  }

  /** A shorter form of a valid input need not be valid. */
  #keep (input: Buffer, isValid: boolean): void {
    const reason = this.#execution.failureOf(input, isValid)
    if (reason === undefined) {
      this.failures.push('a failure that does not come again')
      return
    }
    const [place = reason] = /\n\s+at .*/.exec(reason.replace(/\n\s+at expect.*/g, '')) ?? []
    const before = this.#places.get(place) ?? 0
    this.#places.set(place, before + 1)
    if (before >= MAX_OF_ONE_PLACE) return
    const fails = (shorter: Buffer): boolean => !isValid && this.#execution.failureOf(shorter, false) !== undefined
    const file = this.#corpus.keep(input, fails, isValid ? VALID_SUFFIX : '')
    this.failures.push(`${file}: ${reason.split('\n').slice(0, 4).join('\n  ')}`)
  }

  #measureGrowth (): void {
    if (this.#target.isBudgeted === true) return
    const input = Buffer.from(this.#mutator.next())
    const large = superlinearInput(input, this.#execution, this.#mutator.random)
    if (large === undefined) return
    const file = this.#corpus.keep(large, () => false, '.growth')
    this.failures.push(`${file}: its cost grows faster than its length`)
  }
}

const run = new Run(workerData as WorkerTask)
run.all()
const report: WorkerReport = { executions: run.executions, failures: run.failures }
parentPort!.postMessage(report)
