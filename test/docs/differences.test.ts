import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { DIFFERENCES, EVERYWHERE } from '../compatibility/differences.js'
import { PENDING } from '../compatibility/pending.js'
import { recording, TOPICS } from '../compatibility/record.js'
import { covers } from '../compatibility/verdict.js'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

const [page = '', gaps = ''] = read('docs/differences.md').split('## Not there yet')
const rows = [...page.matchAll(/^\| <a id="([^"]+)">.*$/gm)].map(([text, id]) => ({ id: id!, text }))
const idsOf = (text: string): string[] => [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)
const used = new Set([...DIFFERENCES.map(({ row }) => row), ...Object.values(EVERYWHERE)])

const exchanges = TOPICS.flatMap(topic => recording(topic).cases).flatMap(({ name, exchanges }) =>
  exchanges.map((_, at) => ({ name, number: at + 1 }))
)

t.test('every difference has an id of its own, and describes the engine and this gateway', async t => {
  const all = [...idsOf(page), ...idsOf(gaps)]
  t.same(all, [...new Set(all)])
  t.equal(rows.length, idsOf(page).length)
  for (const { id, text } of rows) {
    const cells = text.split(/(?<!\\) \| /)
    t.ok(cells.length >= 3 && cells.slice(0, 3).every(cell => cell.trim().length > 2), `${id} has three cells or four`)
  }
})

t.test('the page has every difference by which the engine suite explains a result', async t => {
  const known = rows.map(({ id }) => id)
  for (const id of used) t.ok(known.includes(id), `${id} is a row`)
  for (const { gap } of PENDING) t.ok(idsOf(gaps).includes(gap), `${gap} is listed as not there yet`)
})

t.test('every row is shown by a recorded exchange, or by a test that names it', async t => {
  for (const { id, text } of rows) {
    const tests = [...text.matchAll(/\(`(test\/[^`]+)`\)/g)].map(([, path]) => path!)
    t.ok(used.has(id) || tests.length > 0, `${id} is shown by something`)
    for (const path of tests) {
      t.ok(existsSync(new URL(path, root)), path)
      t.match(read(path), new RegExp(`test\\(\\s*'${id}:`), `${path} has a test of ${id}`)
    }
  }
})

t.test('every exchange in the lists of the engine suite was recorded', async t => {
  for (const { where } of [...DIFFERENCES, ...PENDING]) {
    const [name, ...numbers] = where.split(' ')
    const found = exchanges.filter(each => covers(where, each.name, each.number))
    t.equal(found.length, numbers.length || exchanges.filter(each => each.name === name).length, where)
    t.ok(found.length > 0, where)
  }
})

t.test('every topic is replayed by one file', async t => {
  const files = readdirSync(new URL('test/compatibility/', root))
    .filter(name => name.endsWith('.test.ts'))
    .map(name => read(`test/compatibility/${name}`))
  const replayed = files.flatMap(text => /^await suite\(\[(.*)\]\)$/m.exec(text)?.[1]?.match(/[\w-]+/g) ?? [])
  t.same(replayed.sort(), [...TOPICS].sort())
})
