import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'
import { sourceFiles } from '../support/rooms.js'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The files of a TypeScript project, relative to the repository. */
function filesOf (project: string): string[] {
  const { config } = ts.readConfigFile(ROOT + project, path => ts.sys.readFile(path))
  const folder = fileURLToPath(new URL('.', new URL(`../../../${project}`, import.meta.url)))
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, folder, {}, ROOT + project)
  return parsed.fileNames.map(name => relative(ROOT, name))
}

t.test('the types of every source file are checked, those of the page of the console included', async t => {
  const checked = new Set(['tsconfig.json', 'plugins/console/tsconfig.json'].flatMap(filesOf))
  for (const { path } of sourceFiles()) t.ok(checked.has(path), path)
})
