import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { documentTables } from '../dist/test/docs/document-tables.js'

/**
 * Writes the output of commands into documents. A block of a document that follows the line
 *
 *     <!-- proxy-services check test/fixtures/project-to-migrate -->
 *
 * becomes what that command prints. The rows of a table that follows `<!-- table NAME -->` become those that
 * `test/docs/document-tables.ts` makes of the code. With `--check` nothing is written, and the exit code is 1 if
 * a document is out of date.
 *
 *     node .ci/documents.js [--check]
 */
const DOCUMENTS = ['docs/migrating.md', 'docs/operations.md', 'docs/fastify.md', 'docs/http-proxy.md']
const BLOCK = /(<!-- proxy-services (.+) -->\n```\n)[^]*?(```)/g
const TABLE = /(<!-- table (.+) -->\n(?:\|.*\n){2})(?:\|.*\n)*/g

const tables = await documentTables()
const isCheck = process.argv.includes('--check')
for (const file of DOCUMENTS) {
  const text = readFileSync(file, 'utf8')
  const current = text.replace(BLOCK, (_, head, command, tail) => `${head}${outputOf(command.split(' '))}${tail}`)
    .replace(TABLE, (_, head, name) => `${head}${tables[name].join('\n')}\n`)
  if (current === text) continue
  if (!isCheck) writeFileSync(file, current)
  else {
    console.error(`${file} is out of date: npm run docs`)
    process.exitCode = 1
  }
}

/** Returns both outputs of a command, standard output first. File names are relative to the folder of the command. */
function outputOf (words) {
  const { stdout, stderr } = spawnSync(process.execPath, ['dist/lib/cli.js', ...words], { encoding: 'utf8' })
  return (stdout + stderr).replaceAll(`${words.at(-1)}/`, '')
}
