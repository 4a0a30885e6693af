import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { Random } from '../support/random.js'
import { Execution } from './execution.js'
import { superlinearInput } from './growth.js'
import { Mutator } from './mutator.js'
import type { Target } from './target.js'
import { TARGETS } from './targets/index.js'
import { threadReport } from './thread-report.js'

const target = (run: Target['run']): Target => ({
  name: 'made',
  looksFor: 'nothing',
  share: 1,
  seeds: ['a'],
  snippets: [],
  run
})
const inputsOf = (seed: number, count: number): readonly string[] => {
  const mutator = new Mutator([Buffer.from('hello'), Buffer.from('<a b="c"/>')], ['<', '>'], 64, seed)
  return Array.from({ length: count }, () => mutator.next().toString('latin1'))
}

t.test('fuzzer: the same seed makes the same inputs, none of them too long', async t => {
  const inputs = inputsOf(7, 5000)
  // As one text: a report of thousands of differences takes longer than the test.
  t.equal(inputs.join('\n'), inputsOf(7, 5000).join('\n'))
  t.not(inputs.join('\n'), inputsOf(8, 5000).join('\n'))
  t.ok(inputs.every(({ length }) => length <= 64))
  t.ok(new Set(inputs).size > 1000, 'inputs differ')
})

t.test('fuzzer: an input gets the same random numbers whenever it is executed', async t => {
  const seen: number[] = []
  const execution = new Execution(
    target((_, { below }) => {
      seen.push(below(1e9))
    })
  )
  for (const input of ['a', 'b', 'a']) execution.run(Buffer.from(input), false)
  t.equal(seen[0], seen[2])
  t.not(seen[0], seen[1])
})

t.test('fuzzer: an exception is a failure with its stack', async t => {
  const execution = new Execution(
    target(input => {
      if (input.includes('x')) throw new TypeError('it has an x')
    })
  )
  t.match(execution.failureOf(Buffer.from('x'), false), /TypeError: it has an x\n +at /)
  t.equal(execution.failureOf(Buffer.from('y'), false), undefined)
})

t.test('fuzzer: a cost that grows faster than the length is found, a linear one is not', async t => {
  const busyFor = (milliseconds: number): void => {
    const begin = process.cpuUsage()
    for (let used = 0; used < milliseconds;) {
      const { user, system } = process.cpuUsage(begin)
      used = (user + system) / 1000
    }
  }
  const square = new Execution(target(({ length }) => busyFor(150 * (length / 65_536) ** 2)))
  const linear = new Execution(target(({ length }) => busyFor((150 * length) / 65_536)))
  const random = new Random(1)
  t.equal(superlinearInput(Buffer.from('abc'), square, random)!.length >= 64 * 1024, true)
  t.equal(superlinearInput(Buffer.from('abc'), linear, random), undefined)
})

t.test('fuzzer: a thread that ends by an error, such as too little memory, is reported as ended', async t => {
  const reportOf = async (code: string): Promise<unknown> => {
    const worker = new Worker(code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 20 } })
    return await threadReport<unknown>(worker, error => ({ ended: 'code' in error ? error.code : error.message }))
  }
  const full = 'const all = []; for (;;) all.push(new Array(100_000).fill(0))'
  t.same(await reportOf(full), { ended: 'ERR_WORKER_OUT_OF_MEMORY' })
  t.same(await reportOf("throw new Error('it broke')"), { ended: 'it broke' })
  t.equal(await reportOf("require('node:worker_threads').parentPort.postMessage('done')"), 'done')
})

const NAMES = ['json', 'response', 'flow'] as const

t.test('fuzzer: each kind of target runs from the command line, and finds nothing', async t => {
  const command = new URL('./run.js', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--target', NAMES.join(), '--executions', '2000', '--seed', '2026'])
  t.match(stdout, /, 0 failures\n$/)
  for (const name of NAMES) t.match(stdout, new RegExp(`^${name} +seed \\d+ +\\d+ executions`, 'm'))
})

t.test('fuzzer: names of targets are unique, and the reliability page has each', async t => {
  const page = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8')
  t.equal(new Set(TARGETS.map(({ name }) => name)).size, TARGETS.length)
  for (const { name } of TARGETS) t.ok(page.includes(`\`${name}\``), name)
})
