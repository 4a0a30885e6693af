import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const inside = (folder: string): string[] => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md') && !name.includes('node_modules')).map(name => join(folder, name))
const own = readdirSync(root).filter(name => name.endsWith('.md'))
const documents = [...own, ...inside('docs'), ...inside('config'), ...inside('examples'), ...inside('test')]
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The anchors of a document: those of its headings, as GitHub makes them, and those that it sets. */
function anchorsOf (text: string): Set<string> {
  const headings = [...text.replace(/```[^]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[`*]/g, '').replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)])
}

interface Link { readonly document: string, readonly target: string }
const linksOf = (document: string): Link[] =>
  [...read(document).replace(/```[^]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => ({ document, target: target! })).filter(({ target }) => !/^https?:/.test(target))

t.test('documents: every link leads to a file, and every anchor to a heading', async t => {
  for (const { document, target } of documents.flatMap(linksOf)) {
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? document : join(dirname(document), path)
    t.ok(existsSync(join(root, file)), `${document}: ${target}`)
    if (anchor !== undefined && file.endsWith('.md')) t.ok(anchorsOf(read(file)).has(anchor), `${document}: ${target}`)
  }
})

/** Whether npm packs a file: the last entry of `files` that names it decides. */
function isPacked (path: string): boolean {
  const { files } = JSON.parse(read('package.json')) as { files: string[] }
  const deciding = ['README.md', 'LICENSE', 'package.json', ...files].findLast(entry => {
    const name = entry.replace(/^!/, '').replace(/\/\*$/, '')
    return path === name || path.startsWith(`${name}/`)
  })
  return deciding !== undefined && !deciding.startsWith('!')
}

t.test('documents: what README links to and shows is in the package', async t => {
  for (const { target } of linksOf('README.md')) {
    const path = relative('.', target.split('#')[0]!)
    t.ok(path === '' || isPacked(path), target)
  }
})

t.test('documents: every file of this repository that is named in back-ticks exists', async t => {
  const NAMED = /`((?:lib|plugins|test|config|docs|examples|\.ci|\.github)\/[\w./-]+)`/g
  for (const document of documents) {
    for (const [, path] of read(document).matchAll(NAMED)) {
      t.ok(existsSync(join(root, path!)), `${document}: ${path!}`)
    }
  }
})

t.test('documents: the command is named together with its package', async t => {
  for (const document of documents) t.notMatch(read(document), /npx proxy-services/, document)
})

t.test('documents: lines of prose have at most 200 columns', async t => {
  for (const document of documents.filter(name => !name.endsWith('reference.md'))) {
    const prose = read(document).replace(/```[^]*?```/g, '').split('\n').filter(line => !/^(\|| {4})/.test(line))
    t.same(prose.filter(line => line.length > 200), [], document)
  }
})
