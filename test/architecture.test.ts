import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import t from 'tap'
import { architecturePage } from './support/architecture-page.js'
import { floorOf, sourceFiles, testFiles } from './support/rooms.js'

/** The files of lib that wait, or meet the outside: the drivers of flows, the reading of files, the commands. */
const MAY_WAIT =
  /^lib\/(pipeline\/run-(flow|branches)|definitions\/(load|files\/(configuration-files|registry-(files|artefacts)))|cli\/.*|cli)\.ts$/
const IMPURE = /\b(await|Promise\.|new Promise|setTimeout|setInterval|setImmediate|process\.|Date\.now|Math\.random)/
const OUTSIDE = /from '(fastify|undici|node:(http|https|net|tls|dns|fs|process|worker_threads))/
const MAX_LINES = 300
/** What suites list and documents show: the tests of the documents compare both. */
const DOCUMENTED_LISTS = ['test/compatibility/', 'test/hostile/rows/', 'test/plugin/http-proxy/all-rows.ts']

const files = sourceFiles()
const tests = testFiles()
/** `http` of `test/http/client/tls.test.ts`; empty for files of `test` itself. */
const topOf = (path: string): string => path.split('/').slice(1, -1)[0] ?? ''
const unitTests = tests.filter(({ path }) => path.startsWith('test/unit/'))

t.test('every file is in a room, and imports from lower floors or its own folder only', async t => {
  for (const { path, text, code, imports } of files) {
    t.not(floorOf(path), -1, `${path} has a floor`)
    for (const target of imports) {
      const isAllowed = floorOf(target) < floorOf(path) || dirname(target) === dirname(path)
      t.ok(isAllowed, `${path} may import ${target}`)
    }
    t.ok(text.includes('/**'), `${path} has a docstring`)
    t.ok(text.split('\n').length <= MAX_LINES, `${path} has at most ${MAX_LINES} lines`)
    if (path.startsWith('lib/') && !MAY_WAIT.test(path)) {
      t.equal(IMPURE.exec(code)?.[0], undefined, `${path} is pure`)
      t.equal(OUTSIDE.exec(code)?.[0], undefined, `${path} imports nothing that meets the outside`)
    }
  }
})

t.test('no folder at the top of lib or plugins leads back to itself by imports', async t => {
  const folderOf = (path: string): string => path.split('/').slice(0, 2).join('/')
  const imported = new Map<string, Set<string>>()
  for (const { path, imports } of files) {
    const targets = imported.get(folderOf(path)) ?? new Set()
    imported.set(folderOf(path), targets)
    for (const each of imports.map(folderOf)) if (each !== folderOf(path)) targets.add(each)
  }
  for (const from of imported.keys()) {
    const reached = new Set(imported.get(from))
    for (const each of reached) for (const next of imported.get(each) ?? []) reached.add(next)
    t.notOk(reached.has(from), from)
  }
})

t.test('a kind imports from no other family', async t => {
  const families = /^lib\/(mediators|endpoints|algorithms|sessions)\//
  const familyOf = (path: string): string | undefined => families.exec(path)?.[1]
  for (const { path, imports } of files.filter(each => familyOf(each.path) !== undefined)) {
    const foreign = imports.filter(each => ![undefined, familyOf(path)].includes(familyOf(each)))
    t.same(foreign, [], `${path} imports from its own family only`)
  }
})

t.test('no file is called util, helper, manager, base, types, common or misc', async t => {
  for (const { path } of files) t.notMatch(path, /(util|helper|manager|base|types|common|misc)s?\.tsx?$/, path)
})

t.test('lib and plugins have at most four files at their roots', async t => {
  for (const top of ['lib', 'plugins']) t.ok(files.filter(({ path }) => dirname(path) === top).length <= 4, top)
})

t.test('each folder of unit tests has the name of the folder that it tests, subfolders too', async t => {
  const root = new URL('../../', import.meta.url)
  for (const folder of new Set(unitTests.map(({ path }) => dirname(path).slice('test/unit/'.length)))) {
    t.ok(['lib', 'plugins'].some(top => existsSync(new URL(`${top}/${folder}`, root))), folder)
  }
})

t.test('a unit test with the name of a file that it imports lies in the folder of that file', async t => {
  for (const { path, imports } of unitTests) {
    const namesakes = imports.filter(each => basename(each, '.ts') === basename(path, '.test.ts')).map(dirname)
    const folder = dirname(path).slice('test/unit/'.length)
    if (namesakes.length > 0) t.ok(namesakes.some(each => each.replace(/^\w+\//, '') === folder), path)
  }
})

t.test('a file of test imports from its own top folder and from test/support', async t => {
  for (const { path, imports } of tests) {
    const isDocumented = (target: string): boolean =>
      path.startsWith('test/docs/') && DOCUMENTED_LISTS.some(list => target.startsWith(list))
    const foreign = imports.filter(each => each.startsWith('test/') && !['support', topOf(path)].includes(topOf(each)))
    t.same(foreign.filter(each => !isDocumented(each)), [], path)
  }
})

t.test('docs/architecture.md is up to date: npm run docs', async t => {
  t.equal(readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8'), architecturePage())
})
