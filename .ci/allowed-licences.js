import { productionPackages } from './production-packages.js'

/** Licences that allow use, change and distribution, and ask for no more than their notice. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'])

/** Prints each package of production with its licence; fails for one that is not allowed, or names none. */
const packages = productionPackages.map(({ name, version, license = '(none)' }) => ({ name, version, license }))
for (const { name, version, license } of packages) console.log(`${name} ${version} ${license}`)
const refused = packages.filter(({ license }) => !ALLOWED.has(license))
for (const { name, license } of refused) console.error(`${name}: the licence ${license} is not allowed`)
process.exitCode = refused.length > 0 ? 1 : 0
