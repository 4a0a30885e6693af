import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

t.test('a task that throws holds up no other', async t => {
  const turn = new URL('../../../plugins/timing/turn-tasks.js', import.meta.url)
  const code = `import { scheduleTurn } from ${JSON.stringify(turn.href)}
    process.on('uncaughtException', () => console.log('thrown'))
    scheduleTurn({ onTurn () { throw new Error('x') } })
    scheduleTurn({ onTurn () { console.log('second') } })`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
  t.equal(stdout, 'thrown\nsecond\n')
})
