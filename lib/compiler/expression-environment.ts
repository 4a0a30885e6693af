import type { Documents } from '../definitions/checking/expansion.js'
import type { Definitions } from '../definitions/model/model.js'
import type { Environment } from '../expression/evaluation.js'
import { fileProperty } from '../endpoints/settings/placeholders.js'
import { systemProperties } from '../expression/system.js'
import type { Runtime } from './runtime.js'

/** The part of this name. Inherited properties such as `toString` are not parts. */
export const ownEntry = <T>(parts: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  parts !== undefined && Object.hasOwn(parts, name) ? parts[name] : undefined

/** Returns what expressions may read besides the message. A local entry with a `src` is the text of that document. */
export function environmentOf (
  { localEntries }: Definitions,
  runtime: Runtime,
  documents: Documents | undefined
): Environment & { readonly localEntry: (key: string) => string | undefined } {
  return {
    localEntry (key) {
      const found = ownEntry(localEntries, key)
      if (found === undefined || 'text' in found) return found?.text
      const text = documents?.get(found.src)
      return typeof text === 'string' ? text : undefined
    },
    now: runtime.now,
    uuid: runtime.uuid,
    environmentVariable: runtime.environment,
    fileProperty: name => fileProperty(name, runtime),
    systemProperty: systemProperties(runtime.environment('JAVA_OPTS'))
  }
}
