import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { LogOutput } from '../../../../lib/cli/serve/log-output.js'

const MODULE = new URL('../../../../lib/cli/serve/log-output.js', import.meta.url).href

function toFile (t: Test): { readonly output: LogOutput, readonly text: () => string } {
  const file = join(t.testdir(), 'log')
  const descriptor = openSync(file, 'w')
  t.teardown(() => closeSync(descriptor))
  return { output: new LogOutput(descriptor), text: () => readFileSync(file, 'utf8') }
}

t.test('lines of one turn of the event loop are written together before the next one', async t => {
  const { output, text } = toFile(t)
  output.write('one\n')
  output.write('two\n')
  t.equal(text(), '')
  await nextTurn()
  t.equal(text(), 'one\ntwo\n')
  output.write('three\n')
  await nextTurn()
  t.equal(text(), 'one\ntwo\nthree\n')
})

t.test('flushSync writes what is pending at once', async t => {
  const { output, text } = toFile(t)
  output.write('fatal\n')
  output.flushSync()
  t.equal(text(), 'fatal\n')
  await nextTurn()
  t.equal(text(), 'fatal\n')
})

t.test('more than a pipe takes in one piece is written in several, which end with a line', async t => {
  const { output, text } = toFile(t)
  const line = `${'x'.repeat(1499)}\n`
  for (let count = 0; count < 3; count++) output.write(line)
  t.equal(text(), line.repeat(2))
  const long = `${'é'.repeat(10_000)}\n`
  output.write(long)
  await nextTurn()
  t.equal(text(), line.repeat(3) + long)
})

/** Runs a script that writes to its standard output. */
const run = (script: string): ReturnType<typeof spawn> => spawn(process.execPath, [
  '--input-type=module', '--eval', `import { standardOutput } from '${MODULE}'; ${script}`
], { stdio: ['ignore', 'pipe', 'inherit'] })

t.test('a process that ends loses no line, however slowly they are read', async t => {
  const child = run('for (let at = 0; at < 50_000; at++) standardOutput.write(`${at}\\n`); process.exit(3)')
  let text = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  const code = await new Promise(resolve => child.once('close', resolve))
  t.equal(code, 3)
  t.equal(text, Array.from({ length: 50_000 }, (_, at) => `${at}\n`).join(''))
})

t.test('a process whose log nothing reads any more goes on', async t => {
  const child = run(
    'let turns = 0; const write = () => { standardOutput.write("x".repeat(4000) + "\\n"); ' +
      'if (++turns < 2000) setImmediate(write); else process.exitCode = 4 }; write()'
  )
  child.stdout!.once('data', () => child.stdout!.destroy())
  t.equal(await new Promise(resolve => child.once('exit', resolve)), 4)
})

t.test('a disk that is full ends nothing', { skip: !existsSync('/dev/full') }, async t => {
  const descriptor = openSync('/dev/full', 'w')
  const output = new LogOutput(descriptor)
  output.write('lost\n')
  t.doesNotThrow(() => output.flushSync())
  closeSync(descriptor)
})
