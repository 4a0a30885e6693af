import { readFileSync } from 'node:fs'
import t from 'tap'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const page = read('docs/reliability.md')

t.test('each row of bad input on the reliability page names an existing test', async t => {
  const section = page.split('## Bad input')[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/\| `(test\/[^`]+)`: (.+) \|$/gm)]
  t.ok(rows.length > 15)
  for (const [, path, name] of rows) t.ok(read(path!).includes(`'${name}'`), `${path}: ${name}`)
})

t.test('every promise about evidence, 1 to 16, names existing tests', async t => {
  const rows = page.split('<!-- table promises -->\n')[1]!.trim().split('\n\n', 1)[0]!.split('\n').slice(2)
  const numbers = new Set<number>()
  for (const row of rows) {
    const [number = '', promise = ''] = row.slice(2).split(' | ')
    numbers.add(Number(number))
    const proofs = [...row.matchAll(/`(test\/[^`]+)`: "([^"]+)"/g)]
    t.ok(proofs.length > 0, promise)
    for (const [, path, name] of proofs) t.ok(read(path!).includes(name!), `${promise}: ${path} has "${name}"`)
  }
  t.same([...numbers], Array.from({ length: 16 }, (_, at) => at + 1))
})
