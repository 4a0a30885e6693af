import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { Corpus } from './corpus-file.js'
import { Execution } from './execution.js'
import { TARGETS } from './targets/index.js'

const MAX_BYTES = 100_000

const kept = TARGETS.flatMap(target => new Corpus(target.name).read().map(input => ({ target, ...input })))

t.test('fuzzer: what failed once does not fail again', async t => {
  for (const { target, name, bytes, isValid } of kept) {
    t.equal(new Execution(target).failureOf(bytes, isValid), undefined, `${target.name}: ${name}`)
  }
})

t.test('fuzzer: each input that is kept belongs to a target, and all of them are small', async t => {
  const folders = readdirSync('test/fuzz/corpus').sort()
  t.same(folders, [...new Set(kept.map(({ target }) => target.name))].sort())
  t.ok(kept.length >= 15)
  t.ok(kept.reduce((sum, { bytes }) => sum + bytes.length, 0) < MAX_BYTES)
})

t.test('fuzzer: a run executes what is kept before anything else', async t => {
  const cwd = t.testdir({
    config: {},
    test: { fixtures: { configurations: {} }, fuzz: { corpus: { json: { one: '[', 'two.valid': '{}' } } } }
  })
  const command = new URL('./run.js', import.meta.url).pathname
  const run = async (target: string): Promise<string> =>
    (await promisify(execFile)(process.execPath, [command, '--target', target, '--executions', '1'], { cwd })).stdout
  const { seeds = [] } = TARGETS.find(({ name }) => name === 'json')!
  t.match(await run('json'), `  ${2 + seeds.length} executions`)
})
