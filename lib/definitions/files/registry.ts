import type { Element } from '../../xml/element.js'
import { parseXml, XmlError } from '../../xml/parse-xml.js'

/** A resource of a registry: the file that holds it, and its properties. */
export interface RegistryResource {
  readonly file: string
  readonly properties: Readonly<Record<string, string>>
}

/** The content of a descriptor: resources and folders of resources, with files relative to it. */
export interface RegistryDescriptor {
  readonly resources: readonly (RegistryResource & { readonly path: string })[]
  readonly collections: readonly { readonly folder: string; readonly path: string }[]
}

/** Prefixes of keys, and the paths that they stand for. @see WSO2, RegistryHelper, MicroIntegratorRegistry */
const PREFIXES: readonly (readonly [prefix: string, path: string])[] = [
  ['conf:', '/_system/config/'],
  ['gov:', '/_system/governance/'],
  ['local:', '/_system/local/'],
  ['resources:', '/_system/governance/mi-resources/']
]

/** Returns the path of a key: `conf:/a` and `conf:a` are `/_system/config/a`. Undefined: the key has no prefix. */
export function registryPath (key: string): string | undefined {
  for (const [prefix, path] of PREFIXES) {
    if (key.startsWith(prefix)) return path + key.slice(prefix.length).replace(/^\/+/, '')
  }
  return key.startsWith('/_system/') ? key : undefined
}

/**
 * Reads an `artifact.xml` or `registry-info.xml`: its `<item>`s name a file and the path of its collection, its
 * `<collection>`s a folder. Undefined: it describes no registry resources, or is malformed.
 * @see WSO2: registry-resources projects, RegistryResourceDeployer
 */
export function readRegistryDescriptor (text: string): RegistryDescriptor | undefined {
  let root: Element
  try {
    root = parseXml(text)
  } catch (error) {
    if (error instanceof XmlError) return undefined
    throw error
  }
  const parts = partsOf(root)
  const resources = parts
    .filter(({ name }) => name === 'item')
    .flatMap(item => {
      const [file, path] = [childText(item, 'file'), childText(item, 'path')]
      if (file === '' || path === '') return []
      return [
        { file, path: `${path.replace(/\/$/, '')}/${file.replace(/^.*[/\\]/, '')}`, properties: propertiesOf(item) }
      ]
    })
  const collections = parts
    .filter(({ name }) => name === 'collection')
    .flatMap(collection => {
      const [folder, path] = [childText(collection, 'directory'), childText(collection, 'path')]
      return folder === '' || path === '' ? [] : [{ folder, path: `${path.replace(/\/$/, '')}/` }]
    })
  return resources.length + collections.length === 0 ? undefined : { resources, collections }
}

/** `<artifacts>`, `<artifact type="registry/resource">` or `<resources>` around the parts. */
const partsOf = (element: Element): readonly Element[] =>
  element.elements.flatMap(each => (each.name === 'artifact' ? partsOf(each) : [each]))

const childText = (element: Element, name: string): string =>
  element.elements.find(each => each.name === name)?.text.trim() ?? ''

const propertiesOf = (item: Element): Readonly<Record<string, string>> =>
  Object.fromEntries(
    item.elements
      .filter(({ name }) => name === 'properties')
      .flatMap(({ elements }) => elements)
      .map(each => [each.attribute('key') ?? '', each.attribute('value') ?? ''])
  )

/** Fields that hold the key of another part. */
const KEY_FIELDS: ReadonlySet<string> = new Set(['key', 'onError', 'receive', 'target', 'template', 'sequence'])
const QUOTED_KEY = /(['"])((?:conf|gov|local|resources):[^'"]*|\/_system\/[^'"]*)\1/g
const READ_KEY = /get-property\s*\(\s*(['"])registry\1\s*,\s*(['"])([^'"]*)\2/g

/** Returns the keys in a value that may be those of a registry. */
export function registryKeysIn (value: unknown): ReadonlySet<string> {
  const keys = new Set<string>()
  const left: { readonly field: string; readonly value: unknown }[] = [{ field: '', value }]
  while (left.length > 0) {
    const { field, value } = left.pop()!
    if (typeof value === 'string') addKeys(value, KEY_FIELDS.has(field), keys)
    else if (Array.isArray(value)) for (const each of value) left.push({ field, value: each })
    else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) left.push({ field: name, value: each })
    }
  }
  return keys
}

function addKeys (text: string, isKey: boolean, keys: Set<string>): void {
  if (isKey) keys.add(text)
  if (!text.includes('(') && !text.includes('{')) return
  for (const [, , key] of text.matchAll(QUOTED_KEY)) keys.add(key!)
  for (const [, , , key] of text.matchAll(READ_KEY)) keys.add(key!)
}
