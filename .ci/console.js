import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { licencesOf } from './licences.js'

/**
 * Bundles the console of the admin port into `dist/console/`: a page, scripts (what the first screen does not need is
 * loaded later), one style sheet and a font, each compressed and with the hash of its content in its name; and
 * `manifest.json`, which lists them.
 *
 *     node .ci/console.js
 */
const FOLDER = 'dist/console'
const TYPES = {
  '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.woff2': 'font/woff2'
}
rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })

const { outputFiles, metafile } = await build({
  entryPoints: { main: 'plugins/console/page/main.tsx', style: 'plugins/console/page/style.css' },
  outdir: FOLDER,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: ['chrome120', 'firefox125', 'safari17.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  entryNames: '[name].[hash]',
  chunkNames: '[name].[hash]',
  assetNames: '[name].[hash]',
  loader: { '.woff2': 'file' },
  // The pure code of lib edits documents as bytes.
  alias: { 'node:buffer': './plugins/console/page/node-buffer.ts' },
  inject: ['./plugins/console/page/node-buffer.ts'],
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning'
})

const manifest = {}
for (const { path, contents } of outputFiles) write(basename(path), TYPES[extname(path)], contents)
const named = pattern => Object.keys(manifest).find(name => pattern.test(name))
const page = readFileSync('plugins/console/page/index.html', 'utf8')
  .replace('STYLE', named(/^style\..*css$/)).replace('SCRIPT', named(/^main\..*js$/))
write('index.html', 'text/html; charset=utf-8', Buffer.from(page))
writeFileSync(`${FOLDER}/manifest.json`, JSON.stringify(manifest, null, 2))
writeFileSync(`${FOLDER}/LICENSES.txt`, licencesOf(Object.keys(metafile.inputs)))

function write (file, type, bytes) {
  manifest[file] = type
  writeFileSync(`${FOLDER}/${file}`, bytes)
  writeFileSync(`${FOLDER}/${file}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(`${FOLDER}/${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
}
