import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { productionPackages } from './production-packages.js'

/**
 * Prints the packages of production as CycloneDX, from the lock file alone. `npm sbom --omit dev` leaves out each
 * package that one of development depends on as well, and names the folder instead of the package.
 */
const folder = fileURLToPath(new URL('..', import.meta.url))
const { name, dependencies: own, peerDependencies } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'))
const options = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--offline']
const bom = JSON.parse(execFileSync('npm', ['sbom', ...options], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 }))

const wanted = new Set(productionPackages.map(({ name, version }) => `${name}@${version}`))
const components = bom.components.filter(({ name, version }) => wanted.has(`${name}@${version}`))
const missing = [...wanted].filter(each => !components.some(({ name, version }) => `${name}@${version}` === each))
if (missing.length > 0) throw new Error(`npm sbom does not list ${missing.join(', ')}`)

const root = bom.metadata.component
const named = new Map([root, ...components].map(component => [component['bom-ref'], component.name]))
const isDirect = ref => Object.hasOwn({ ...own, ...peerDependencies }, named.get(ref))
const dependencies = bom.dependencies
  .filter(({ ref }) => named.has(ref))
  .map(({ ref, dependsOn = [] }) => ({
    ref,
    dependsOn: dependsOn.filter(each => named.has(each) && (ref !== root['bom-ref'] || isDirect(each)))
  }))
const metadata = { ...bom.metadata, component: { ...root, name } }
console.log(JSON.stringify({ ...bom, metadata, components, dependencies }, null, 2))
