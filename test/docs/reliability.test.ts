import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const page = read('docs/reliability.md')

t.test('each row of bad input on the reliability page names an existing test', async t => {
  const section = page.split('## Bad input')[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/\| `(test\/[^`]+)`: (.+) \|$/gm)]
  t.ok(rows.length > 15)
  for (const [, path, name] of rows) t.ok(read(path!).includes(`'${name}'`), `${path}: ${name}`)
})

/** The rows of the table behind a marker. */
const tableOf = (marker: string): string[] =>
  page.split(`<!-- table ${marker} -->\n`)[1]!.trim().split('\n\n', 1)[0]!.split('\n').slice(2)

/** Asserts that a row names tests that exist. */
function hasProofs (t: Test, row: string, what: string): void {
  const proofs = [...row.matchAll(/`(test\/[^`]+)`: "([^"]+)"/g)]
  t.ok(proofs.length > 0, what)
  for (const [, path, name] of proofs) t.ok(read(path!).includes(name!), `${what}: ${path} has "${name}"`)
}

t.test('every promise about evidence, 1 to 16, names existing tests', async t => {
  const numbers = new Set<number>()
  for (const row of tableOf('promises')) {
    const [number = '', promise = ''] = row.slice(2).split(' | ')
    numbers.add(Number(number))
    hasProofs(t, row, promise)
  }
  t.same([...numbers], Array.from({ length: 16 }, (_, at) => at + 1))
})

t.test('every report of the trade names existing tests', async t => {
  const rows = tableOf('reports')
  t.ok(rows.length > 15)
  for (const row of rows) hasProofs(t, row, row.slice(2).split(' | ')[0]!)
})
