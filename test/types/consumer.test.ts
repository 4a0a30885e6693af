import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'

/** Programs of users, checked with the declarations that the package ships. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDER = `${ROOT}test/fixtures/consumer`
const FILES = ['decorators', 'definitions', 'extensions'].map(name => `${FOLDER}/${name}.ts`)
const EXAMPLE = `${ROOT}examples/your-own-extensions/app.ts`
/** Exists in memory only. */
const README_EXAMPLE = `${FOLDER}/readme.ts`
const readmeExample = /```js\n([^]*?)```/.exec(readFileSync(`${ROOT}README.md`, 'utf8'))![1]!

const STRICT: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  types: ['node']
}

function problemsOf (options: ts.CompilerOptions): string {
  const host = ts.createCompilerHost(options)
  const read = host.readFile.bind(host)
  host.readFile = name => (name === README_EXAMPLE ? readmeExample : read(name))
  const exists = host.fileExists.bind(host)
  host.fileExists = name => name === README_EXAMPLE || exists(name)
  const program = ts.createProgram([...FILES, EXAMPLE, README_EXAMPLE], options, host)
  return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host)
}

t.test('the declarations compile in a strict program that checks its libraries (nodenext)', async t => {
  const { NodeNext } = ts.ModuleKind
  const moduleResolution = ts.ModuleResolutionKind.NodeNext
  t.equal(problemsOf({ ...STRICT, module: NodeNext, moduleResolution, skipLibCheck: false }), '')
})

t.test('the declarations compile in a strict program for a bundler', async t => {
  const moduleResolution = ts.ModuleResolutionKind.Bundler
  t.equal(problemsOf({ ...STRICT, module: ts.ModuleKind.ESNext, moduleResolution, skipLibCheck: false }), '')
})
