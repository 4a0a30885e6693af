import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Writes the output of commands into documents. A block of a document that follows the line
 *
 *     <!-- proxy-services check test/fixtures/project-to-migrate -->
 *
 * becomes what that command prints. With `--check` nothing is written, and the exit code is 1 if a block is out of
 * date.
 *
 *     node .ci/documents.js [--check]
 */
const DOCUMENTS = ['docs/migrating.md']
const BLOCK = /(<!-- proxy-services (.+) -->\n```\n)[^]*?(```)/g

const isCheck = process.argv.includes('--check')
for (const file of DOCUMENTS) {
  const text = readFileSync(file, 'utf8')
  const current = text.replace(BLOCK, (_, head, command, tail) => `${head}${outputOf(command.split(' '))}${tail}`)
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
