import { configuredValue } from '../../expression/evaluation.js'
import { systemProperties } from '../../expression/system.js'
import { parseJavaProperties } from './java-properties.js'

/** What the values outside of a configuration are read from. */
export interface PlaceholderSources {
  /** Reads an environment variable. */
  readonly environment: (name: string) => string | undefined
  /** Reads a small text file beside the configuration. Undefined: files are not read. @throws Error */
  readonly readFile?: ((path: string) => string) | undefined
  /** Reports a part that is built although its messages may fail. */
  readonly warn?: (message: string, hint?: string) => void
}

/** `$SYSTEM:NAME`, `$FILE:NAME` or `${configs.NAME}` at the start of a text. */
const PLACEHOLDER = /^\$(?:(SYSTEM|FILE|CUSTOM_\w*):(\w+(?:\.\w+)*)|\{configs\.([\w.-]+)\})/
/** The same alone, as a pattern for a field that may hold it. */
export const PLACEHOLDER_PATTERN = '\\$(?:SYSTEM|FILE):\\w+(?:\\.\\w+)*|\\$\\{configs\\.[\\w.-]+\\}'

/** Whether a text stands for a value outside of the configuration. */
export const isPlaceholder = (text: string): boolean => PLACEHOLDER.test(text)

/** The NAME of a text that is `${configs.NAME}` and no more; undefined: it is another text. */
export function configuredName (text: string): string | undefined {
  const [whole, , , name] = PLACEHOLDER.exec(text) ?? []
  return whole === text ? name : undefined
}

/**
 * Returns the value that a text stands for: `$SYSTEM:NAME` an environment variable, `$FILE:NAME` a property of
 * `file.properties`, `${configs.NAME}` the first of an environment variable, a `-DNAME=value` in `JAVA_OPTS` and a
 * property of that file. Other texts stay.
 * @throws Error if there is no such value
 * @see WSO2, ResolverFactory and ConfigDeployer; Apache Synapse, SynapseConfigUtils
 */
export function resolvePlaceholder (text: string, sources: PlaceholderSources): string {
  const [whole, source, name, configured] = PLACEHOLDER.exec(text) ?? []
  if (whole === undefined) return text
  const rest = text.slice(whole.length)
  if (rest.trim() !== '') {
    const advice = 'put the whole value there, or write {uri.var.NAME} in an http endpoint'
    sources.warn?.(`"${rest.slice(0, 100)}" after ${whole} is dropped, as in the real engines`, advice)
  }
  return requireValue(configured ?? name!, configured === undefined ? source! : 'configs', sources).trim()
}

function requireValue (name: string, source: string, sources: PlaceholderSources): string {
  const [value, reason] = lookup(name, source, sources)
  if (value === undefined) throw new Error(reason)
  return value
}

function lookup (name: string, source: string, sources: PlaceholderSources): [string | undefined, string] {
  switch (source) {
    case 'SYSTEM':
      return [sources.environment(name), `the environment variable ${name} is not set`]
    case 'FILE':
      return [fileProperty(name, sources), `the file file.properties has no property ${name}`]
    case 'configs':
      return [
        configuredValue(name, {
          environmentVariable: sources.environment,
          systemProperty: each => systemProperties(sources.environment('JAVA_OPTS'))(each),
          fileProperty: each => fileProperty(each, sources)
        }),
        `${name} is neither an environment variable nor a property of file.properties`
      ]
    default:
      return [undefined, `$${source} needs a resolver in Java: write $SYSTEM:NAME or $FILE:NAME`]
  }
}

/**
 * Where the engines keep files of properties, from the folder of a configuration: beside it, of its engine, of servers
 * that it lies in, of a Maven project.
 */
export const CONF_FOLDERS = ['', 'conf/', '../conf/', '../../../../conf/', '../../../../../conf/', '../resources/conf/']

/** The properties of a configuration's `file.properties`; read when the first is wanted, and again at a reload. */
const PROPERTIES_BY_READER = new WeakMap<(path: string) => string, ReadonlyMap<string, string>>()

/** A property of `file.properties`. @see WSO2, FilePropertyLoader */
export function fileProperty (name: string, { environment, readFile }: PlaceholderSources): string | undefined {
  if (readFile === undefined) return undefined
  let properties = PROPERTIES_BY_READER.get(readFile)
  if (properties === undefined) {
    const configuredPath = systemProperties(environment('JAVA_OPTS'))('properties.file.path')
    const namesOtherFile = configuredPath !== undefined && configuredPath !== 'default'
    const paths = namesOtherFile ? [configuredPath] : CONF_FOLDERS.map(folder => `${folder}file.properties`)
    properties = parseJavaProperties(firstReadable(paths, readFile) ?? '')
    PROPERTIES_BY_READER.set(readFile, properties)
  }
  return properties.get(name)
}

function firstReadable (paths: readonly string[], readFile: (path: string) => string): string | undefined {
  for (const path of paths) {
    try {
      return readFile(path)
    } catch {
      // The next path may have it; a name that no file has is reported where it is used.
    }
  }
  return undefined
}
