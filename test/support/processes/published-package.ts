import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/**
 * Returns a folder with the package as an app imports it, by the name `fastify-proxy-services`: bundled again from what
 * the compiler made, beside the examples and the installed dependencies.
 */
export function publishedPackage (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'package-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const bundled = spawnSync(process.execPath, ['.ci/bundle.js', join(folder, 'dist')], {
    cwd: ROOT,
    encoding: 'utf8'
  })
  if (bundled.status !== 0) throw new Error(`.ci/bundle.js failed: ${bundled.stderr}`)
  for (const each of ['package.json', 'examples', 'config']) {
    cpSync(join(ROOT, each), join(folder, each), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
