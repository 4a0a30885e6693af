import { chmodSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { licencesOf } from './licences.js'

/**
 * Bundles the commands, `dist/lib/cli/main.js` and all that it imports, into one file: half of the time to the first
 * response went into finding and opening 880 files (docs/adr/0006-the-command-is-one-file.md).
 * Writes its source map and the licences of the bundled packages beside it.
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
  // The CommonJS entry of jsonc-parser requires its own files in a way that a bundler cannot follow.
  mainFields: ['module', 'main'],
  // CommonJS dependencies require modules of Node.
  banner: {
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)"
  },
  // Node keeps the source text in memory, and white space alone is 5 MB of it. Names stay, for stack traces.
  minifyWhitespace: true,
  lineLimit: 160,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning'
})

writeFileSync(outfile.replace(/js$/, 'LICENSES.txt'), licencesOf(Object.keys(metafile.inputs)))

// The binary can be run as it is in a checkout.
chmodSync('dist/lib/cli.js', 0o755)
