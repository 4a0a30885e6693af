import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { ROWS } from '../hostile/rows/index.js'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const page = read('docs/reliability.md')

t.test('each row of bad input on the reliability page names an existing test', async t => {
  const section = page.split('## Bad input')[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/\| `(test\/[^`]+)`: (.+) \|$/gm)]
  t.ok(rows.length > 15)
  for (const [, path, name] of rows) t.ok(read(path!).includes(`'${name}'`), `${path}: ${name}`)
})

/** The rows of the table after a marker. */
const tableOf = (marker: string): string[] =>
  page.split(`<!-- table ${marker} -->\n`)[1]!.trim().split('\n\n', 1)[0]!.split('\n').slice(2)

/** Asserts that a row names tests that exist. */
function hasProofs (t: Test, row: string, what: string): void {
  const proofs = [...row.matchAll(/`(test\/[^`]+)`: "([^"]+)"/g)]
  t.ok(proofs.length > 0, what)
  for (const [, path, name] of proofs) t.ok(read(path!).includes(name!), `${what}: ${path} has "${name}"`)
}

/** Asserts that rows have all numbers up to `last` in their first column, and name tests that exist. */
function areNumbered (t: Test, rows: readonly string[], last: number): void {
  const numbers = new Set<number>()
  for (const row of rows) {
    const [number = '', promise = ''] = row.slice(2).split(' | ')
    numbers.add(Number(number))
    hasProofs(t, row, promise)
  }
  t.same([...numbers], Array.from({ length: last }, (_, at) => at + 1))
}

t.test('every promise about evidence, 1 to 16, names existing tests', async t => {
  areNumbered(t, tableOf('promises'), 16)
})

t.test('every report of the trade names existing tests', async t => {
  const rows = tableOf('reports')
  t.ok(rows.length > 15)
  for (const row of rows) hasProofs(t, row, row.slice(2).split(' | ')[0]!)
})

t.test('every kind of hostile input, 1 to 12, names existing tests and rows of the suite', async t => {
  const rows = tableOf('hostile kinds')
  areNumbered(t, rows, 12)
  for (const row of rows) {
    const groups = [...row.slice(2).split(' | ')[3]!.matchAll(/`([\w-]+)`/g)].map(([, group]) => group!)
    t.ok(groups.length > 0, row)
    for (const group of groups) t.ok(ROWS.some(({ id }) => id.startsWith(`${group}-`)), group)
  }
})

t.test('README: its figures of hostile exchanges are the sums of the table on the reliability page', async t => {
  const section = page.split('### Figures\n')[1]!.split('\n## ', 1)[0]!
  const rows = section.split('\n').filter(line => /^\| `(?:framing|responses|slow)` \|/.test(line))
  t.equal(rows.length, 3)
  const [gateways = []] = [...section.matchAll(/^\| \| (this gateway .+) \|$/gm)].map(([, names]) => names!.split(' | '))
  const held = (at: number): readonly [number, number] =>
    rows.reduce<readonly [number, number]>(([sum, of], row) => {
      const [, passed, all] = /([\d,]+) of ([\d,]+)/.exec(row.split(' | ')[at + 1]!)!
      return [sum + number(passed!), of + number(all!)]
    }, [0, 0])
  const sums = new Map(gateways.map((name, at) => [/(\w+)(?: [\d.]+)?$/.exec(name)![1]!.toLowerCase(), held(at)]))
  const readme = read('README.md').replaceAll('\n', ' ')
  const [, all, ours, rest = ''] = /Of the ([\d,]+) hostile and broken HTTP exchanges in its suite, this gateway passes ([\d,]+), (.+?);/
    .exec(readme)!
  t.same([number(ours!), number(all!)], sums.get('gateway'))
  const others = [...rest.matchAll(/(\w+) [\d.]+ passes ([\d,]+)/g)]
  t.same(
    Object.fromEntries(others.map(([, name, passed]) => [name!.toLowerCase(), number(passed!)])),
    Object.fromEntries([...sums].filter(([name]) => name !== 'gateway').map(([name, [passed]]) => [name, passed]))
  )
  for (const [, [, of]] of sums) t.equal(of, number(all!))
})

const number = (text: string): number => Number(text.replaceAll(',', ''))
