import type { FastifyBaseLogger } from 'fastify'
import { compile, type CompiledConfiguration, type Runtime } from '../../lib/compiler/compile.js'
import { buildValidParts } from '../../lib/definitions/fail-safe.js'
import type { Kinds } from '../../lib/contracts/kind.js'
import { load, parse, definitionsOrThrow, type LoadedConfiguration } from '../../lib/definitions/load.js'
import { formatProblem } from '../../lib/definitions/problem.js'
import { BUILT_IN_KINDS } from '../../lib/definitions/read-xml.js'
import type { Registry } from '../../lib/state/registry.js'
import { NoConfiguration } from '../errors.js'
import { createMemberDiscovery } from '../discovery/discovery.js'
import type { ProxyServicesOptions } from './options.js'
import { readDocuments } from '../wsdl/endpoints.js'
import { createPublisher, type Publisher } from '../wsdl/publisher.js'
import { runtime } from './runtime.js'

/** A configuration, ready to run. */
export interface RunnableConfiguration {
  readonly configuration: CompiledConfiguration
  readonly publisher: Publisher
  /** It runs no more, or is not going to run: lets go of all that it holds. */
  discard (): void
}

/**
 * Reads a configuration and builds it upon the state that is there.
 * @throws ConfigurationError with everything that is wrong; with `failSafe` only if no proxy can be built
 */
export async function loadConfiguration (options: ProxyServicesOptions, registry: Registry, log: FastifyBaseLogger): Promise<RunnableConfiguration> {
  const kinds = withBuiltInKinds(options.extensions)
  const loaded = await read(options, kinds)
  const documents = await readDocuments(loaded, runtime.environment)
  const memberships = createMemberDiscovery({ log, baseDir: loaded.baseDir, servers: options.dnsServers })
  const here: Runtime = { ...runtime, endpointDefaults: options.endpointDefaults, watchMembers: memberships.watch }
  const build = (definitions: LoadedConfiguration['definitions']): CompiledConfiguration =>
    compile(definitions, here, { documents, registry, locations: loaded.locations, kinds, scope: options.prefix ? `${options.prefix} ` : '' })
  let program: CompiledConfiguration
  try {
    program = options.failSafe === true ? buildFailSafe(loaded, build, log) : build(definitionsOrThrow(loaded))
  } catch (error) {
    memberships.close()
    throw error
  }
  for (const problem of program.warnings) log.warn({ file: problem.file, line: problem.line }, formatProblem(problem))
  await memberships.ready()
  const publisher = publisherFor(program, loaded.baseDir, log)
  return {
    configuration: program,
    publisher,
    discard () {
      publisher.close()
      memberships.close()
      registry.release(program.lease)
    }
  }
}

function buildFailSafe (loaded: LoadedConfiguration, build: (definitions: LoadedConfiguration['definitions']) => CompiledConfiguration, log: FastifyBaseLogger): CompiledConfiguration {
  const { built, leftOut } = buildValidParts(loaded, build)
  for (const problem of leftOut) log.warn({ artefact: problem.artefact, file: problem.file, line: problem.line }, `left out: ${formatProblem(problem)}`)
  return built
}

function publisherFor ({ definitions: { proxies = {}, localEntries = {} } }: CompiledConfiguration, baseFolder: string, log: FastifyBaseLogger): Publisher {
  return createPublisher({ proxies: Object.entries(proxies).map(([name, { wsdl }]) => ({ name, wsdl })), baseFolder, entry: key => localEntries[key], log })
}

async function read ({ config, definitions, baseDir: folder = '.' }: ProxyServicesOptions, kinds: Kinds): Promise<LoadedConfiguration> {
  if (config !== undefined) return await load(config, kinds)
  const given = typeof definitions === 'function' ? await definitions() : definitions
  if (typeof given === 'string') return { ...parse(given, undefined, kinds), baseDir: folder }
  if (given !== undefined) return { ...parse(JSON.stringify(given), '(definitions)', kinds), baseDir: folder }
  throw new NoConfiguration()
}

/** The very same list where a user brings nothing: then nothing is derived from it anew. */
const withBuiltInKinds = (theirs: ProxyServicesOptions['extensions']): Kinds => theirs === undefined
  ? BUILT_IN_KINDS
  : {
      mediators: [...theirs.mediators ?? [], ...BUILT_IN_KINDS.mediators],
      endpoints: [...theirs.endpoints ?? [], ...BUILT_IN_KINDS.endpoints],
      algorithms: [...theirs.algorithms ?? [], ...BUILT_IN_KINDS.algorithms],
      sessions: [...theirs.sessions ?? [], ...BUILT_IN_KINDS.sessions]
    }
