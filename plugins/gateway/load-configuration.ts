import type { FastifyBaseLogger } from 'fastify'
import { compile, type BuildableKinds, type Program, type World } from '../../lib/compiler/compile.js'
import { salvage } from '../../lib/definitions/fail-safe.js'
import { load, parse, sound, type Loaded } from '../../lib/definitions/load.js'
import { written } from '../../lib/definitions/problem.js'
import { OUR_KINDS, type Kinds } from '../../lib/definitions/read-xml.js'
import type { Registry } from '../../lib/state/registry.js'
import { NoConfiguration } from '../errors.js'
import { createMemberships } from '../discovery/discovery.js'
import type { ProxyServicesOptions } from './options.js'
import { readDocuments } from '../wsdl/endpoints.js'
import { createPublisher, type Publisher } from '../wsdl/publisher.js'
import { world } from './runtime.js'

/** A configuration, ready to run. */
export interface Configured {
  readonly program: Program
  readonly publisher: Publisher
  /** It runs no more, or is not going to run: lets go of all that it holds. */
  discard (): void
}

/**
 * Reads a configuration and builds it upon the state that is there.
 * @throws ConfigurationError with everything that is wrong; with `failSafe` only if no proxy can be built
 */
export async function configure (options: ProxyServicesOptions, registry: Registry, log: FastifyBaseLogger): Promise<Configured> {
  const kinds = withOurs(options.kinds)
  const loaded = await read(options, kinds as unknown as Kinds)
  const documents = await readDocuments(loaded, world.environment)
  const memberships = createMemberships({ log, folder: loaded.folder, servers: options.dnsServers })
  const here: World = { ...world, defaults: options.defaults, membership: memberships.watch }
  const build = (definitions: Loaded['definitions']): Program =>
    compile(definitions, here, { documents, registry, origins: loaded.origins, kinds, scope: options.prefix ? `${options.prefix} ` : '' })
  let program: Program
  try {
    program = options.failSafe === true ? salvaged(loaded, build, log) : build(sound(loaded))
  } catch (error) {
    memberships.close()
    throw error
  }
  for (const problem of program.warnings) log.warn({ file: problem.file, line: problem.line }, written(problem))
  await memberships.ready()
  const publisher = publisherFor(program, loaded.folder, log)
  return {
    program,
    publisher,
    discard () {
      publisher.close()
      memberships.close()
      registry.release(program.claim)
    }
  }
}

function salvaged (loaded: Loaded, build: (definitions: Loaded['definitions']) => Program, log: FastifyBaseLogger): Program {
  const { built, leftOut } = salvage(loaded, build)
  for (const problem of leftOut) log.warn({ artefact: problem.artefact, file: problem.file, line: problem.line }, `left out: ${written(problem)}`)
  return built
}

function publisherFor ({ definitions: { proxies = {}, localEntries = {} } }: Program, baseFolder: string, log: FastifyBaseLogger): Publisher {
  return createPublisher({ proxies: Object.entries(proxies).map(([name, { wsdl }]) => ({ name, wsdl })), baseFolder, entry: key => localEntries[key], log })
}

async function read ({ config, definitions, folder = '.' }: ProxyServicesOptions, kinds: Kinds): Promise<Loaded> {
  if (config !== undefined) return await load(config, kinds)
  const given = typeof definitions === 'function' ? await definitions() : definitions
  if (typeof given === 'string') return { ...parse(given, undefined, kinds), folder }
  if (given !== undefined) return { ...parse(JSON.stringify(given), '(definitions)', kinds), folder }
  throw new NoConfiguration()
}

/** The very same list where a user brings nothing: then nothing is derived from it anew. */
const withOurs = (theirs: ProxyServicesOptions['kinds']): BuildableKinds => theirs === undefined
  ? OUR_KINDS as unknown as BuildableKinds
  : Object.fromEntries(Object.entries(OUR_KINDS).map(([list, ours]) => [list, [...theirs[list as keyof typeof theirs] ?? [], ...ours]])) as never
