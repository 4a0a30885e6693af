import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bannedWords } from './banned-words.js'

/**
 * Lints documents, configurations and pages: no banned words, and in Markdown at most 200 columns outside of tables
 * and code.
 * Prints each finding as `file:line:column`; the exit code is 1 if there is one.
 *
 *     node .ci/lint-documents.js [FILE…]        # default: all files of the repository
 */
const FILES = ['*.md', '*.yml', '*.yaml', '*.html', '*.css', '*.tpl', '*.wsdl', 'Dockerfile', '.ci/run']
/** The glossary names the words to avoid. */
const EXCEPT = [':!docs/glossary.md', ':!test/compatibility/recorded', ':!test/fuzz/corpus']
const MAX_COLUMNS = 200

const named = process.argv.slice(2)
const files = named.length > 0
  ? named
  : execFileSync('git', ['ls-files', '--', ...FILES, ...EXCEPT], { encoding: 'utf8' }).split('\n').filter(Boolean)

for (const file of files) {
  let isCode = false
  for (const [at, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    for (const { word, index, advice } of bannedWords(line)) problem(file, at, index, `"${word}": ${advice}`)
    if (line.startsWith('```')) isCode = !isCode
    const isText = file.endsWith('.md') && !isCode && !/^\||https?:\S{80,}/.test(line)
    if (isText && line.length > MAX_COLUMNS) problem(file, at, MAX_COLUMNS, `longer than ${MAX_COLUMNS} columns`)
  }
}

function problem (file, line, column, message) {
  console.error(`${file}:${line + 1}:${column + 1} ${message}`)
  process.exitCode = 1
}
