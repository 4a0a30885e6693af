import childProcess from 'node:child_process'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Runs tap with the words of the command line, for tests without coverage.
 *
 * tap starts each test with `--import` of its package `@tapjs/processinfo`, which lists the files that the test and its
 * child processes load, for coverage and for `--changed`. Nothing else reads these lists, and they double what a test
 * costs: tests are started without that word, which is in NODE_OPTIONS, too.
 */
const HOOK = /"?--(?:import|loader)=\S*@tapjs\/processinfo\S*/g
const { spawn } = childProcess
childProcess.spawn = (command, words, options) => {
  if (!Array.isArray(words)) return spawn(command, words, options)
  const env = { ...(options?.env ?? process.env) }
  env.NODE_OPTIONS = (env.NODE_OPTIONS ?? '').replace(HOOK, '').trim()
  return spawn(command, words.filter(word => word.search(HOOK) === -1), { ...options, env })
}
syncBuiltinESMExports()

const require = createRequire(import.meta.url)
const manifest = require.resolve('tap/package.json')
await import(pathToFileURL(join(dirname(manifest), require(manifest).bin.tap)).href)
