import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const DAY = 'test/e2e/operators-day.test.ts'

/** The promises of the page for operators: the file and the name of the test of each. */
const [, section = ''] = read('docs/operations.md').split('\n## What is promised\n')
const promises = [...section.matchAll(/^\| (.+?) \| `(\S+)`: (.+) \|$/gm)].map(([, promise, file, name]) => ({
  promise: promise!,
  file: file!,
  name: name!
}))

/** The names of the tests of a file, `…` in place of what varies. */
const testsIn = (file: string): string[] =>
  [...read(file).matchAll(/\.test\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`),/g)].map(([, ...quoted]) =>
    quoted
      .find(text => text !== undefined)!
      .replace(/\$\{.*?\}/g, '…')
      .replaceAll("\\'", "'")
  )

t.test('each promise to operators has a test of that name', async t => {
  t.ok(promises.length > 20)
  for (const { promise, file, name } of promises) {
    t.ok(existsSync(new URL(file, root)) && testsIn(file).includes(name), `${promise}: ${file}: ${name}`)
  }
})

t.test("each step of the operator's day is a promise", async t => {
  const steps = testsIn(DAY).filter(name => name !== "an operator's day")
  t.ok(steps.length > 10)
  t.strictSame(
    promises.filter(({ file }) => file === DAY).map(({ name }) => name),
    steps
  )
})
