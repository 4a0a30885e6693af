import { readFileSync } from 'node:fs'
import t from 'tap'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

t.test('each row of bad input on the reliability page names a test that exists', async t => {
  const section = read('docs/reliability.md').split('## Bad input')[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/\| `(test\/[^`]+)`: (.+) \|$/gm)]
  t.ok(rows.length > 15)
  for (const [, path, name] of rows) t.ok(read(path!).includes(`'${name}'`), `${path}: ${name}`)
})
