import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Linter, type Rule } from 'eslint'
import t from 'tap'

const LINT_DOCUMENTS = fileURLToPath(new URL('../../../.ci/lint-documents.js', import.meta.url))
const { default: rule } = (await import(new URL('../../../.ci/plain-words.js', import.meta.url).href)) as {
  default: Rule.RuleModule
}

/** The findings of the ESLint rule in a text of code. */
const lint = (code: string): string[] =>
  new Linter()
    .verify(code, [
      {
        languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } },
        plugins: { house: { rules: { 'plain-words': rule } } },
        rules: { 'house/plain-words': 'error' }
      }
    ])
    .map(({ line, message }) => `${line}: ${message}`)

t.test('lint rejects banned words in comments, strings, templates and the text of pages', async t => {
  const name = '1: "nobody": name the actor: endpoint, client, gateway, caller'
  t.same(lint('// for nobody'), [name])
  t.same(lint('/** For Nobody. */'), [name.replace('nobody', 'Nobody')])
  t.same(lint("f('nobody')"), [name])
  t.same(lint('f(`${1} nobody`)'), [name])
  t.same(lint('f(<p>nobody</p>)'), [name])
  t.same(lint("f('as told')"), ['1: "told": write reported, sent, configured'])
  t.same(lint("t.test('the answer has a body')"), ['1: "the answer": write response'])
  t.same(lint("t.test('a server that answers', 'what the log says')"), [], 'the verb is no noun')
  t.same(lint("t.test('a member is asked, and the log says so')"), [
    '1: "asked": write requested, received, tried',
    '1: "says so": write reports it, logs it, requires it'
  ])
  t.same(lint("f('nobodyElse', 'kind')"), [], 'words are whole')
})

t.test('lint rejects names that say nothing of what they name', async t => {
  t.same(lint('const leaf = 1'), ['1: the name "leaf" says nothing of what it names'])
  t.same(lint('const PATIENCE = 1'), ['1: the name "PATIENCE" says nothing of what it names'])
  t.same(lint('class LiveFeed {}'), ['1: the name "LiveFeed" says nothing of what it names'], 'one word of several')
  t.same(lint('const endpoint = 1, trailers = 2, isMemberOfWorldwideGroup = 3'), [])
})

t.test('lint of documents names file, line and column of banned words and of long lines', async t => {
  const file = join(t.testdir(), 'page.md')
  writeFileSync(file, `# Page\n\nSent to nobody.\n\n${'x'.repeat(201)}\n\n| ${'x'.repeat(300)} |\n`)
  const { status, stderr } = spawnSync(process.execPath, [LINT_DOCUMENTS, file], { encoding: 'utf8' })
  t.equal(status, 1)
  t.same(stderr.trim().split('\n'), [
    `${file}:3:9 "nobody": name the actor: endpoint, client, gateway, caller`,
    `${file}:5:201 longer than 200 columns`
  ])
})
