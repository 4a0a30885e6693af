import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

t.test('documents: the output of commands is what they print', async t => {
  const cwd = fileURLToPath(new URL('../../../', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, ['.ci/documents.js', '--check'], { cwd, encoding: 'utf8' })
  t.equal(status, 0, stderr)
})
