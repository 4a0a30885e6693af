import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const folder = new URL('../../../test/', import.meta.url).pathname
const document = readFileSync(join(folder, 'browser/journeys.md'), 'utf8')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))

/** The titles of the tests of a file; what a title has in common with others of a loop ends at its first `, ${`. */
function titlesIn (file: string): readonly string[] {
  const text = readFileSync(join(folder, file), 'utf8')
  const found = text.matchAll(/t\.test\(\s*(?:'((?:[^'\\]|\\.)*)'|`([^`]*)`)/g)
  return [...found].map(([, plain, loop]) => plain ?? loop!.replace(/, \$\{.*$/, ''))
}

const isNamed = (file: string, title: string): boolean =>
  files.some(each => `/${each}`.endsWith(`/${file}`) && titlesIn(each).includes(title))

const rows = document.split('\n').filter(line => /^\| (?!Rule|#|-)/.test(line) && !/^\|-/.test(line))
const named = rows.flatMap(row =>
  [...row.matchAll(/`([\w./-]+\.ts)`: (.*?)(?= · `| \(`npm| \|$)/g)].map(([, file, title]) => ({ file: file!, title: title! }))
)

t.test('every journey and every rule of the console names existing tests', async t => {
  t.ok(named.length > 60, `${named.length} tests are named`)
  for (const { file, title } of named) t.ok(isNamed(file, title), `${file}: ${title}`)
})

t.test('no journey and no rule of the console is without a test', async t => {
  for (const row of rows) {
    t.ok(/`[\w./-]+\.ts`: /.test(row) || row.endsWith('| the table below |'), row.slice(0, 80))
  }
})

t.test('all 26 journeys have a row', async t => {
  const numbers = rows.flatMap(row => /^\| (\d+) \|/.exec(row)?.[1] ?? [])
  t.strictSame(numbers.map(Number), Array.from({ length: 26 }, (_, at) => at + 1))
})
