import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a folder for the files of one benchmark, which is removed when the process ends. */
export function workingFolder (name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `bench-${name}-`))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
