import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/

/** The licences of all packages that these files belong to. @param files paths of bundled files */
export function licencesOf (files) {
  const packages = new Set(files.flatMap(file => PACKAGE_FOLDER.exec(file)?.[0] ?? []))
  return [...packages].sort().map(licence).join('\n')
}

/** Returns the name of a package and its licence text, or its licence and author where it ships no text. */
function licence (folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(each => /^licen[cs]e/i.test(each))
  const text = file === undefined
    ? `${license}, ${author?.name ?? author ?? `the authors of ${name}`}`
    : readFileSync(join(folder, file), 'utf8').trim()
  const rule = '='.repeat(80)
  return `${rule}\n${name} ${version}\n${rule}\n\n${text}\n`
}
