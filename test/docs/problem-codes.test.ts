import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { PROBLEM_CODES } from '../../lib/contracts/problem-code.js'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

t.test('the reference has each code of a problem, and no other', async t => {
  const [, table = ''] = read('docs/reference.md').split(/^## Problems$/m)
  const listed = Array.from(table.matchAll(/^\| `([a-z-]+)` \|/gm), ([, code]) => code)
  t.strictSame(listed.sort(), Object.keys(PROBLEM_CODES).sort())
})

t.test('each code of a problem is used', async t => {
  const sources = ['lib', 'plugins'].flatMap(folder =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.endsWith('problem-code.ts'))
      .map(name => read(`${folder}/${name}`)))
  for (const code of Object.keys(PROBLEM_CODES)) t.ok(sources.some(text => text.includes(`'${code}'`)), code)
})
