import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * The commands, `dist/lib/cli/main.js` and all that it imports, as one file, since half the time to the first answer went into
 * finding and opening 880 of them (docs/adr/0006). Beside it lie its source map and the licences of what it holds.
 *
 *     node .ci/bundle.js [FILE]
 *
 * FILE must be as deep in this package as `dist/lib/cli/version.js` is: paths to its other files are relative.
 */
const [outfile = 'dist/lib/cli/main.bundle.js'] = process.argv.slice(2)
const { metafile } = await build({
  entryPoints: ['dist/lib/cli/main.js'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // The other entry of jsonc-parser requires its own files in a way that nobody can follow.
  mainFields: ['module', 'main'],
  // Older dependencies require what Node brings.
  banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  // The text of a program stays in memory: white space alone is 5 MB. Names stay, and lines are short enough to be looked at.
  minifyWhitespace: true,
  lineLimit: 160,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning'
})

const packages = new Set(Object.keys(metafile.inputs).flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []))
writeFileSync(outfile.replace(/js$/, 'LICENSES.txt'), [...packages].sort().map(licence).join('\n'))

// `npx proxy-services` in a checkout runs the binary as it lies there.
chmodSync('dist/lib/cli.js', 0o755)

/** The name of a package, and its licence, word for word where it brings the words. */
function licence (folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(each => /^licen[cs]e/i.test(each))
  const words = file === undefined ? `${license}, ${author?.name ?? author ?? `the authors of ${name}`}` : readFileSync(join(folder, file), 'utf8').trim()
  return `${'='.repeat(80)}\n${name} ${version}\n${'='.repeat(80)}\n\n${words}\n`
}
