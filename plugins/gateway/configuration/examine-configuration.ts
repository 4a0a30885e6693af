import { compileInSlices, type Runtime } from '../../../lib/compiler/compile.js'
import { effectsOf, type Effects } from '../../../lib/compiler/effects.js'
import { problemsInSlices } from '../../../lib/compiler/find-problems.js'
import type { Documents } from '../../../lib/definitions/checking/expansion.js'
import { namesIn, type ArtefactNames } from '../../../lib/definitions/vocabulary.js'
import { buildValidParts } from '../../../lib/definitions/checking/fail-safe.js'
import type { Overlay } from '../../../lib/definitions/files/overlay.js'
import { definitionsOrThrow, type LoadedConfiguration } from '../../../lib/definitions/load.js'
import { ConfigurationError, type Problem } from '../../../lib/definitions/model/problem.js'
import { Registry } from '../../../lib/state/registry.js'
import { within } from '../../timing/deadline.js'
import { inSlices } from '../../timing/in-slices.js'
import { readDocuments } from '../../wsdl/endpoints.js'
import { readConfiguration, withBuiltInKinds, type RunnableConfiguration } from './load-configuration.js'
import type { ProxyServicesOptions } from './options.js'
import { fileReader } from '../../files/read-small-file.js'
import { runtime } from './runtime.js'

/** How long the WSDLs that endpoints name may take, in milliseconds. */
const DOCUMENTS_DEADLINE_MS = 5_000

/** What is wrong with a configuration, and what running it would change. */
export interface Examination {
  readonly problems: readonly Problem[]
  /** Undefined: it cannot run. */
  readonly effects: Effects | undefined
  /** Of the artefacts that could be read. */
  readonly names: ArtefactNames
}

/**
 * Checks a configuration without running it: by the same rules as a reload, on a state of its own.
 * @param running what it is compared with
 * @param overlay texts that take the place of files
 */
export async function examineConfiguration (
  options: ProxyServicesOptions,
  running: RunnableConfiguration['configuration'],
  overlay: Overlay
): Promise<Examination> {
  const kinds = withBuiltInKinds(options.extensions)
  const loaded = await readConfiguration(options, kinds, overlay, inSlices)
  const readFile = fileReader(loaded.baseDir)
  const own: Runtime = { ...runtime, readFile, endpointDefaults: options.endpointDefaults }
  const documents = await documentsOf(loaded, own)
  const problems = await inSlices(problemsInSlices(loaded, own, { documents, kinds }))
  const registry = new Registry(runtime.now)
  const names = namesIn(loaded.definitions)
  const scope = options.prefix ? `${options.prefix} ` : ''
  const build = (definitions: LoadedConfiguration['definitions']) =>
    compileInSlices(definitions, own, { documents, registry, locations: loaded.locations, kinds, scope })
  try {
    const { definitions } =
      options.failSafe === true
        ? (await inSlices(buildValidParts(loaded, build))).built
        : await inSlices(build(definitionsOrThrow(loaded)))
    const before = { definitions: running.definitions, state: running.lease.registry }
    return { problems, effects: effectsOf(before, { definitions, state: registry }), names }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return { problems: problems.length > 0 ? problems : error.problems, effects: undefined, names }
  }
}

/** A WSDL that takes too long counts as unreadable. */
async function documentsOf (loaded: LoadedConfiguration, own: Runtime): Promise<Documents> {
  const unread = new Map()
  return await within(DOCUMENTS_DEADLINE_MS, readDocuments(loaded, own, inSlices)).catch(() => unread)
}
