import type { Kinds } from '../../contracts/kind.js'
import { normalise } from '../../xml/parse-xml.js'
import type { RunSliced, Sliced } from '../../slices/sliced-work.js'
import { problemOfFile, type Problem, type SourceLocations } from '../model/problem.js'
import { readXml, type Artefact, type Reading } from '../reading/read-xml.js'
import { registryKeysIn, type RegistryResource } from './registry.js'
import type { RegistryLookup } from './registry-files.js'

/** What a text of a registry is read with. */
export interface RegistryAccess {
  readonly find: (key: string) => Promise<RegistryLookup>
  /** The text of a file, or why it cannot be read. */
  readonly text: (file: string) => Promise<string | Problem>
  readonly locations: SourceLocations
  readonly kinds: Kinds
  readonly run: RunSliced
}

/** Resources that a configuration may use. */
const MAX_RESOURCES = 10_000

/**
 * Reads the resources that artefacts name by keys of a registry, and those that these name: sequences, endpoints and
 * templates become artefacts of that name, all others local entries.
 */
export async function readRegistryResources (
  artefacts: readonly Artefact[],
  access: RegistryAccess
): Promise<{ readonly readings: readonly Reading[]; readonly files: readonly string[] }> {
  const [readings, files]: [Reading[], string[]] = [[], []]
  const known = new Set(artefacts.filter(({ category }) => SHARED.has(category)).map(({ name }) => name))
  let named = await access.run(keysOf(artefacts))
  while (named.size > 0) {
    const next: Artefact[] = []
    for (const key of named) {
      if (known.has(key) || readings.length === MAX_RESOURCES) continue
      known.add(key)
      const found = await readResource(key, access)
      if (found === undefined) continue
      readings.push(found.reading)
      files.push(found.file)
      next.push(...found.reading.artefacts)
    }
    named = await access.run(keysOf(next))
  }
  return { readings, files }
}

/** Categories whose names keys refer to. */
const SHARED: ReadonlySet<string> = new Set(['sequences', 'endpoints', 'localEntries', 'templates'])

function * keysOf (artefacts: readonly Artefact[]): Sliced<ReadonlySet<string>> {
  const keys = new Set<string>()
  for (const { value } of artefacts) {
    for (const key of registryKeysIn(value)) keys.add(key)
    yield
  }
  return keys
}

async function readResource (
  key: string,
  access: RegistryAccess
): Promise<{ readonly reading: Reading; readonly file: string } | undefined> {
  const [whole, name, property] = [await access.find(key), ...splitProperty(key)]
  const found = whole === 'missing' && property !== undefined ? await access.find(name) : whole
  if (found === 'missing') return undefined
  if (found === 'outside') {
    const problem = problemOfFile(
      key,
      'unreadable-file',
      `the key "${key.slice(0, 100)}" leads out of the registry`,
      'resources lie below the folder of their registry'
    )
    return { reading: { artefacts: [], problems: [problem] }, file: key }
  }
  if (found !== whole) return ofProperty(key, property ?? '', found)
  const text = await access.text(found.file)
  if (typeof text !== 'string') return { reading: { artefacts: [], problems: [text] }, file: found.file }
  return { reading: await access.run(readingOf(key, found.file, text, access)), file: found.file }
}

/** `path@name` is the property `name` of the resource. @see WSO2, GetPropertyFunction */
function splitProperty (key: string): [name: string, property: string | undefined] {
  const at = key.lastIndexOf('@')
  return at < 0 ? [key, undefined] : [key.slice(0, at), key.slice(at + 1)]
}

function ofProperty (
  key: string,
  property: string,
  { file, properties }: RegistryResource
): { readonly reading: Reading; readonly file: string } | undefined {
  if (!Object.hasOwn(properties, property)) return undefined
  const artefact: Artefact = { category: 'localEntries', name: key, value: { text: properties[property]! } }
  return { reading: { artefacts: [artefact], problems: [] }, file }
}

const ARTEFACT =
  /^\s*(?:<\?xml[^>]*\?>)?(?:\s|<!--(?:[^-]|-(?!->))*-->)*<(?:[\w.-]+:)?(?:sequence|endpoint|template)[\s/>]/

function * readingOf (key: string, file: string, text: string, { locations, kinds }: RegistryAccess): Sliced<Reading> {
  if (ARTEFACT.test(text)) return yield * readXml(file, text, locations, kinds, key)
  const value = { text }
  const artefact = { category: 'localEntries', name: key } as const
  locations.set(value, { source: { file, text: normalise(text) }, offset: 0, artefact })
  return { artefacts: [{ ...artefact, value }], problems: [] }
}
