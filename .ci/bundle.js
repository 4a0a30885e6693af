import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { licencesOf } from './licences.js'

/**
 * Bundles what the compiler made: the command with all that it imports (docs/adr/0006-the-command-is-one-file.md,
 * docs/adr/0014-the-command-reads-what-it-uses.md, docs/adr/0015-serve-is-a-bundle-by-itself.md), and the plugin with
 * TypeBox (docs/adr/0012-the-plugin-is-bundled-with-typebox.md). Finding and opening many files is half of the cost of
 * a start.
 * Writes source maps and the licences of the bundled packages beside them.
 *
 *     node .ci/bundle.js [FOLDER]        # default: dist
 */
const [folder = 'dist'] = process.argv.slice(2)
const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
/** The one dependency that the bundle of the plugin contains. */
const BUNDLED = '@sinclair/typebox'

const options = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  // Node keeps the source text in memory, and white space alone is 5 MB of it. Names stay, for stack traces.
  minifyWhitespace: true,
  lineLimit: 160,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning'
}

// Bundles are as deep in the package as the files that they are made of: paths to its other files are relative.
const commands = join(folder, 'lib/cli')
mkdirSync(commands, { recursive: true })
for (const name of readdirSync(commands)) if (name.startsWith('main.bundle.')) rmSync(join(commands, name))
const bundleCommand = async (name, entry) => await build({
  ...options,
  entryPoints: { [name]: entry },
  outdir: commands,
  // What a command imports only where it is used is read only then.
  splitting: true,
  chunkNames: 'main.bundle.[name]-[hash]',
  // Fastify requires them for apps with schemas that set no compilers, which apps of the command do
  // (plugins/admin/contract/schema-compilers.ts).
  external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler'],
  plugins: [{ name: 'shared-api', setup: keepSharedApi }],
  // The CommonJS entry of jsonc-parser requires its own files in a way that a bundler cannot follow.
  mainFields: ['module', 'main'],
  // CommonJS dependencies require modules of Node.
  banner: {
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)"
  }
})
// `serve` is a bundle by itself: parts that commands share would be many files to read at its start.
const ofCommands = [
  await bundleCommand('main.bundle', 'dist/lib/cli/main.js'),
  await bundleCommand('main.bundle.serve', 'dist/lib/cli/serve-main.js')
]
const bundledFiles = ofCommands.flatMap(({ metafile }) => Object.keys(metafile.inputs))
writeFileSync(join(commands, 'main.bundle.LICENSES.txt'), licencesOf(bundledFiles))

const plugin = join(folder, 'plugins/bundle')
rmSync(plugin, { recursive: true, force: true })
const ofPlugin = await build({
  ...options,
  entryPoints: { index: 'dist/plugins/index.js' },
  outdir: plugin,
  // What is imported only where it is used stays in files of its own.
  splitting: true,
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter(name => name !== BUNDLED)
})
writeFileSync(join(plugin, 'LICENSES.txt'), licencesOf(Object.keys(ofPlugin.metafile.inputs)))

/** What the gateway imports of OpenTelemetry must be what its SDK uses; prom-client gets a copy of its own. */
function keepSharedApi ({ onResolve }) {
  onResolve({ filter: /^@opentelemetry\/api$/ }, ({ path, kind }) =>
    kind === 'dynamic-import' ? { path, external: true } : undefined)
}

// The binary can be run as it is in a checkout.
chmodSync('dist/lib/cli.js', 0o755)
