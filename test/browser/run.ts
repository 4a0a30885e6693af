import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs the tests of the console in a browser, one file after the other, and ends with 1 if one of them fails. */
const FILES = [
  'console',
  'overview',
  'presence',
  'viewer',
  'group-parts',
  'configuration',
  'changed-files',
  'json-group',
  'journeys',
  'keyboard',
  'attacks',
  'large',
  'messages',
  'sessions',
  'proxies',
  'projects'
]

const failed = FILES.filter(name => {
  const file = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  return spawnSync(process.execPath, [file], { stdio: 'inherit' }).status !== 0
})
if (failed.length > 0) console.error(`failed in a browser: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
