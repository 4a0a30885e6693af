import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Runs tap with the words of the command line, and what `plain-modules.js` is for. */
const require = createRequire(import.meta.url)
const manifest = require.resolve('tap/package.json')
const preload = new URL('plain-modules.js', import.meta.url)
const tap = join(dirname(manifest), require(manifest).bin.tap)
const { status } = spawnSync(process.execPath, [tap, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${preload.href}`.trim() }
})
process.exitCode = status ?? 1
