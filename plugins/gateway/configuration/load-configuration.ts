import { fileURLToPath } from 'node:url'
import type { FastifyBaseLogger } from 'fastify'
import { compileInSlices, type CompiledConfiguration, type Runtime } from '../../../lib/compiler/compile.js'
import { buildValidParts } from '../../../lib/definitions/checking/fail-safe.js'
import type { Kinds } from '../../../lib/contracts/kind.js'
import { namesSocket } from '../../../lib/message/origin.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { Overlay } from '../../../lib/definitions/files/overlay.js'
import {
  load,
  parseInSlices,
  parseObjectInSlices,
  definitionsOrThrow,
  type LoadedConfiguration
} from '../../../lib/definitions/load.js'
import { formatProblem, type Problem } from '../../../lib/definitions/model/problem.js'
import { BUILT_IN_KINDS } from '../../../lib/definitions/reading/read-xml.js'
import type { Registry } from '../../../lib/state/registry.js'
import { completed, type RunSliced, type Sliced } from '../../../lib/slices/sliced-work.js'
import { InvalidOption, NoConfiguration, UnreadableConfiguration } from '../../errors.js'
import { isDispatcher } from '../../http/upstream/upstream-dispatcher.js'
import { hasTlsSettings } from '../../http/upstream/load-transport.js'
import { createMemberDiscovery } from '../../discovery/discovery.js'
import type { ProxyServicesOptions } from './options.js'
import {
  apiOptionsFor, proxyOptionsFor, unknownNames, type ApiRouteOptions, type ProxyRouteOptions
} from './proxy-options.js'
import { readDocuments } from '../../wsdl/endpoints.js'
import { createPublisher, type Publisher } from '../../wsdl/publisher.js'
import { fileReader } from '../../files/read-small-file.js'
import { runtime } from './runtime.js'

/** Where a configuration was read from. */
export interface ConfigurationSource {
  /** The path that it was read from: a file or a folder. Undefined: the app gives it. */
  readonly path: string | undefined
  readonly baseDir: string
  readonly files: readonly string[]
  /** What reading and building it found. */
  readonly problems: readonly Problem[]
  /** What it may be made of: the built-in kinds, and those of the app. */
  readonly kinds: Kinds
}

/** A configuration, ready to run. */
export interface RunnableConfiguration {
  readonly source: ConfigurationSource
  readonly configuration: CompiledConfiguration
  readonly publisher: Publisher
  /** The number of parts that `failSafe` has left out. */
  readonly partsLeftOut: number
  /** The options of the developer for the routes of proxies, by name. */
  readonly proxyOptions: ReadonlyMap<string, ProxyRouteOptions>
  /** The options of the developer for the routes of APIs, by name. */
  readonly apiOptions: ReadonlyMap<string, ApiRouteOptions>
  /** Releases all that it holds: it no longer runs, or is not going to. */
  discard(): void
  /** As `discard`, some names a slice. */
  discardInSlices(): Sliced<void>
}

type Build = (definitions: LoadedConfiguration['definitions']) => Sliced<CompiledConfiguration>

/** What a configuration is loaded with. */
export interface LoadContext {
  readonly registry: Registry
  readonly log: FastifyBaseLogger
  /** Texts that take the place of files. */
  readonly overlay: Overlay
  /** Runs what takes long. Where it ends early, nothing has changed. */
  readonly run: RunSliced
}

/**
 * Reads a configuration and builds it upon the existing state.
 * @throws ConfigurationError with all its problems; with `failSafe` only if no proxy can be built
 */
export async function loadConfiguration (
  options: ProxyServicesOptions,
  { registry, log, overlay, run }: LoadContext
): Promise<RunnableConfiguration> {
  const kinds = withBuiltInKinds(options.extensions)
  const loaded = await readConfiguration(options, kinds, overlay, run)
  const readFile = fileReader(loaded.baseDir)
  const { endpointDefaults } = options
  const documents = await readDocuments(loaded, { ...runtime, readFile, endpointDefaults }, run)
  const discovery = createMemberDiscovery({ log, baseDir: loaded.baseDir, servers: options.dnsServers })
  const ownRuntime: Runtime = {
    ...runtime,
    readFile,
    endpointDefaults,
    watchMembers: discovery.watch
  }
  const scope = options.prefix ? `${options.prefix} ` : ''
  const build: Build = definitions =>
    compileInSlices(definitions, ownRuntime, { documents, registry, locations: loaded.locations, kinds, scope })
  let configuration: CompiledConfiguration | undefined
  let partsLeftOut = 0
  let proxyOptions: ReadonlyMap<string, ProxyRouteOptions>
  let apiOptions: ReadonlyMap<string, ApiRouteOptions>
  try {
    if (options.failSafe === true) [configuration, partsLeftOut] = await run(buildFailSafe(loaded, build, log))
    else configuration = await run(build(definitionsOrThrow(loaded)))
    if (isDispatcher(options.upstreamClient)) refuseTlsSettings(configuration, options)
    proxyOptions = proxyOptionsFor(options.proxies, configuration)
    apiOptions = apiOptionsFor(options.apis, configuration)
  } catch (error) {
    discovery.close()
    if (configuration !== undefined) registry.release(configuration.lease)
    throw error
  }
  for (const problem of configuration.warnings) {
    if (problem.severity === 'hint') continue
    log.warn({ file: problem.file, line: problem.line }, formatProblem(problem))
  }
  reportUnknownNames(options, configuration, log)
  await discovery.ready()
  const { lease } = configuration
  const publisher = publisherFor(configuration, loaded.baseDir, log)
  const problems = [...loaded.problems, ...configuration.warnings]
  const discardInSlices = function * (): Sliced<void> {
    publisher.close()
    discovery.close()
    yield * registry.releaseInSlices(lease)
  }
  return {
    source: {
      path: options.config && pathOf(options.config),
      baseDir: loaded.baseDir,
      files: loaded.files,
      problems,
      kinds
    },
    configuration,
    publisher,
    partsLeftOut,
    proxyOptions,
    apiOptions,
    discard: () => completed(discardInSlices()),
    discardInSlices
  }
}

function reportUnknownNames (
  options: ProxyServicesOptions,
  { definitions: { proxies, apis } }: CompiledConfiguration,
  log: FastifyBaseLogger
): void {
  const advice = (hint: string | undefined): string => (hint === undefined ? '' : ` (${hint})`)
  for (const { name, hint } of unknownNames(options.proxies, proxies)) {
    log.warn(
      { proxy: name },
      `the option "proxies" names "${name}", which is not a proxy of the configuration${advice(hint)}`
    )
  }
  for (const { name, hint } of unknownNames(options.apis, apis)) {
    log.warn(
      { api: name },
      `the option "apis" names "${name}", which is not an API of the configuration${advice(hint)}`
    )
  }
}

/** @throws InvalidOption where endpoints, or their defaults, set what a dispatcher of the app decides */
function refuseTlsSettings ({ lease }: CompiledConfiguration, { endpointDefaults }: ProxyServicesOptions): void {
  const names = [...lease.endpoints].filter(name => {
    const endpoint = lease.registry.endpoints.get(name)
    return endpoint !== undefined && !namesSocket(endpoint.address) && hasTlsSettings(endpoint.checks)
  })
  if (names.length === 0) return
  const reasons =
    endpointDefaults?.tls === undefined
      ? names.map(name => `the endpoint "${redactUrl(name)}" sets "verify" or "tls"`)
      : ['the option "endpointDefaults" sets "tls"']
  throw new InvalidOption(
    reasons.map(reason => ({
      path: 'upstreamClient',
      message: `a dispatcher has TLS settings of its own, and ${reason}`,
      hint: 'set them in the dispatcher'
    }))
  )
}

function * buildFailSafe (
  loaded: LoadedConfiguration,
  build: Build,
  log: FastifyBaseLogger
): Sliced<[CompiledConfiguration, number]> {
  const { built, leftOut } = yield * buildValidParts(loaded, build)
  for (const problem of leftOut) {
    const { artefact, file, line } = problem
    log.warn({ artefact, file, line }, `left out: ${formatProblem(problem)}`)
  }
  return [built, leftOut.length]
}

function publisherFor ({ definitions }: CompiledConfiguration, baseDir: string, log: FastifyBaseLogger): Publisher {
  const { proxies = {}, localEntries = {} } = definitions
  return createPublisher({
    proxies: Object.entries(proxies).map(([name, { wsdl }]) => ({ name, wsdl })),
    baseFolder: baseDir,
    entry: key => localEntries[key],
    log
  })
}

/** Reads what the options name. Nothing is built. @throws Error if it cannot be read at all */
export async function readConfiguration (
  options: ProxyServicesOptions,
  kinds: Kinds,
  overlay: Overlay,
  run: RunSliced
): Promise<LoadedConfiguration> {
  const { config, definitions } = options
  const baseDir = pathOf(options.baseDir ?? '.')
  if (config !== undefined) {
    const path = pathOf(config)
    return await load(path, kinds, overlay, run).catch((cause: Error) => {
      throw UnreadableConfiguration(path, cause)
    })
  }
  const given = typeof definitions === 'function' ? await definitions() : definitions
  if (typeof given === 'string') return { ...(await run(parseInSlices(given, undefined, kinds))), baseDir }
  if (given !== undefined) return { ...(await run(parseObjectInSlices(given, kinds))), baseDir }
  throw new NoConfiguration()
}

const pathOf = (place: string | URL): string => (typeof place === 'string' ? place : fileURLToPath(place))

/** Without extensions, returns the very same list: nothing is derived from it again. */
export const withBuiltInKinds = (extensions: ProxyServicesOptions['extensions']): Kinds =>
  extensions === undefined
    ? BUILT_IN_KINDS
    : {
        mediators: [...(extensions.mediators ?? []), ...BUILT_IN_KINDS.mediators],
        endpoints: [...(extensions.endpoints ?? []), ...BUILT_IN_KINDS.endpoints],
        algorithms: [...(extensions.algorithms ?? []), ...BUILT_IN_KINDS.algorithms],
        sessions: [...(extensions.sessions ?? []), ...BUILT_IN_KINDS.sessions]
      }
