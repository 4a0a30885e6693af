import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string): string => readFileSync(root + path, 'utf8')

interface LockEntry {
  readonly version: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
}
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockEntry> }
const manifest = JSON.parse(read('package.json')) as {
  name: string
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
  scripts: Record<string, string>
}
/** By their path in node_modules. */
const production = Object.entries(packages).filter(
  ([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true
)

/** Runs a script of package.json. */
const run = (name: string, environment: Record<string, string> = {}) =>
  spawnSync(manifest.scripts[name]!, {
    shell: true,
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...environment }
  })

t.setTimeout(600_000)

t.test('dependencies: no package of production runs a script when it is installed', async t => {
  t.ok(production.length > Object.keys(manifest.dependencies).length)
  t.same(production.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path), [])
  const own = ['preinstall', 'install', 'postinstall'].filter(script => manifest.scripts[script] !== undefined)
  t.same(own, [], 'nor does this package')
})

t.test('dependencies: `npm run sbom` lists every package of production in CycloneDX, without a network', async t => {
  const { status, stdout, stderr } = run('sbom', { npm_config_offline: 'true' })
  t.equal(status, 0, stderr)
  const bom = JSON.parse(stdout) as {
    bomFormat: string
    metadata: { component: { name: string; 'bom-ref': string } }
    components: { name: string; version: string; 'bom-ref': string }[]
    dependencies: { ref: string; dependsOn: string[] }[]
  }
  t.equal(bom.bomFormat, 'CycloneDX')
  t.equal(bom.metadata.component.name, manifest.name)
  const locked = production.map(
    ([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`
  )
  const listed = bom.components.map(({ name, version }) => `${name}@${version}`)
  t.same(listed.toSorted(), [...new Set(locked)].toSorted())
  const [ofRoot] = bom.dependencies.filter(({ ref }) => ref === bom.metadata.component['bom-ref'])
  const direct = bom.components.filter(component => ofRoot!.dependsOn.includes(component['bom-ref']))
  const names = direct.map(({ name }) => name)
  const peers = Object.keys(manifest.peerDependencies).filter(name => bom.components.some(each => each.name === name))
  t.same(names.toSorted(), [...Object.keys(manifest.dependencies), ...peers].toSorted(), 'direct dependencies')
})

t.test('dependencies: `npm run licences` allows the licence of every package of production', async t => {
  const { status, stdout, stderr } = run('licences')
  t.equal(status, 0, stderr)
  t.equal(stdout.trimEnd().split('\n').length, production.length)
})
