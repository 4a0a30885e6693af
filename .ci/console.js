import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { licencesOf } from './licences.js'

/**
 * Bundles the console of the admin port into `dist/console/`: a page, one script and one style sheet, each compressed
 * and with the hash of its content in its name, and `manifest.json`, which lists them.
 *
 *     node .ci/console.js
 */
const FOLDER = 'dist/console'
rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })

const { outputFiles, metafile } = await build({
  entryPoints: ['plugins/console/page/main.tsx'],
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome120', 'firefox125', 'safari17.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning'
})
const { outputFiles: [style] } = await build({
  entryPoints: ['plugins/console/page/style.css'], minify: true, write: false, logLevel: 'warning'
})

const manifest = {}
const script = add('main', 'js', 'text/javascript; charset=utf-8', outputFiles[0].contents)
const sheet = add('style', 'css', 'text/css; charset=utf-8', style.contents)
const page = readFileSync('plugins/console/page/index.html', 'utf8').replace('STYLE', sheet).replace('SCRIPT', script)
write('index.html', 'text/html; charset=utf-8', Buffer.from(page))
writeFileSync(`${FOLDER}/manifest.json`, JSON.stringify(manifest, null, 2))
writeFileSync(`${FOLDER}/LICENSES.txt`, licencesOf(Object.keys(metafile.inputs)))

/** Writes a file whose name holds the hash of its content. */
function add (name, extension, type, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const file = `${name}.${hash}.${extension}`
  write(file, type, bytes)
  return file
}

function write (file, type, bytes) {
  manifest[file] = type
  writeFileSync(`${FOLDER}/${file}`, bytes)
  writeFileSync(`${FOLDER}/${file}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(`${FOLDER}/${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
}
