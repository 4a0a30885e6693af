import { constants } from 'node:os'
import { resolve, sep } from 'node:path'
import { LIMITS, type Limits } from '../../../plugins/http/message/limits.js'
import { isWorker } from '../../../plugins/workers/worker-process.js'
import { redisSessions } from '../../../plugins/index.js'
import { omitUndefined } from '../../contracts/fields.js'
import { effectiveConfiguration } from './effective-configuration.js'
import { startGateway, type ClientConnections, type Gateway, type GatewayOptions } from './gateway.js'
import { ServerTls } from '../../../plugins/tls/server-tls.js'
import { reportExpiry } from './certificates.js'
import { reloadsOf, type Sources } from './reload.js'
import { certificatesOf, endpointTlsOf, filesOf, tlsFiles, tlsOptionsOf } from './serve-tls.js'
import { flagOfLimit, SERVE_SETTINGS, type ServeValues } from './serve-settings.js'
import { readSettings } from '../command-line/setting.js'
import { watchFiles } from './watch-files.js'
import { serviceVariables, UsageError, type ParsedOptions } from '../command-line/usage.js'

/** Handles that are still open after everything is closed keep the process for no longer than this, in milliseconds. */
const EXIT_TIMEOUT_MS = 1_000
/** How often the end of the certificate is looked at, in milliseconds. */
const EXPIRY_INTERVAL_MS = 24 * 3_600_000

/**
 * `serve`: runs until SIGTERM or SIGINT, and then waits for requests in flight; a second signal ends it at once.
 * SIGHUP reloads the configuration.
 * @returns 0
 */
export async function serve (config: string, options: ParsedOptions): Promise<number> {
  const { values, sourceOf } = readSettings(SERVE_SETTINGS, options)
  const tlsOptions = tlsOptionsOf(values)
  const gatewayOptions = gatewayOptionsOf(config, values)
  if (values['print-config'] === true) {
    console.log(JSON.stringify(effectiveConfiguration(SERVE_SETTINGS, values, sourceOf), null, 2))
    return 0
  }
  if (isWorker()) {
    const { serveAsWorker } = await import('./worker.js')
    return await serveAsWorker(gatewayOptions, { cacheTtl: values['session-cache-ttl'], tls: tlsOptions })
  }
  const sources: Sources = { config, tls: tlsOptions && new ServerTls(tlsOptions.options) }
  let gateway: Gateway | undefined
  let onStart = (_started: Gateway): void => {}
  const started = new Promise<Gateway>(resolve => {
    onStart = resolve
  })
  const reload = reloadsOf(started, sources)
  let missed: string | undefined
  const reloadFor = (why: string) => (): void => {
    if (gateway === undefined) missed = why
    // The log has the reason.
    else reload(why).catch(() => {})
  }
  const onHangup = reloadFor('SIGHUP')
  process.on('SIGHUP', onHangup)
  // Watching starts before the first reading, so that no change is missed.
  const watched = [config, ...tlsFiles(tlsOptions?.options), ...filesOf(endpointTlsOf(values))]
  const endWatch = values.watch === true ? await watchFiles(watched, reloadFor('a file changed')) : undefined
  let endExpiry: (() => void) | undefined
  try {
    const https = tlsOptions && sources.tls && { port: tlsOptions.port, tls: sources.tls }
    const admin = gatewayOptions.admin && {
      ...gatewayOptions.admin,
      reload
    }
    gateway = await start({ ...gatewayOptions, ...omitUndefined({ https, admin }) }, values)
    onStart(gateway)
    endExpiry = watchExpiry(gateway, sources)
    const ignored = serviceVariables(Object.keys(SERVE_SETTINGS), process.env)
    if (ignored.length > 0) gateway.app.log.info(`ignored: ${ignored.join(', ')}, which Kubernetes sets for a Service`)
    if (missed !== undefined) reloadFor(missed)()
    const signal = await stopped()
    gateway.app.log.info({ signal }, 'stopping: waiting for requests in flight')
    await gateway.close(values['shutdown-delay'])
    setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref()
    return 0
  } finally {
    endWatch?.()
    endExpiry?.()
    process.off('SIGHUP', onHangup)
  }
}

/** Reports the ends of certificates now and once a day. @returns What ends it. */
function watchExpiry ({ app }: Gateway, { tls }: Sources): () => void {
  if (tls === undefined) return () => {}
  const report = (): void => reportExpiry(app, tls.certificates)
  report()
  const timer = setInterval(report, EXPIRY_INTERVAL_MS).unref()
  return () => clearInterval(timer)
}

/** Starts the gateway in this process, or in as many workers as are wanted. */
async function start (options: GatewayOptions, values: ServeValues): Promise<Gateway> {
  const { workers = 1, 'worker-timeout': hangTimeout, 'session-cache-ttl': cacheTtl } = values
  if (workers === 1) return await startGateway(options)
  const { startWorkers } = await import('./workers.js')
  return await startWorkers(options, { size: workers, hangTimeout, cacheTtl })
}

function gatewayOptionsOf (config: string, values: ServeValues): GatewayOptions {
  const publicUrl = values['public-url']
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) {
    throw new UsageError(`--public-url expects an address, not "${publicUrl}"`)
  }
  return {
    config,
    port: values.port ?? 8290,
    accessLog:
      values['access-log'] === true &&
      omitUndefined({ format: values['access-log-format'], sample: values['access-log-sample'] }),
    ...omitUndefined({
      host: values.host,
      logLevel: values['log-level'],
      trustProxy: values['trust-proxy'],
      failSafe: values['fail-safe'],
      prefix: values.prefix,
      mainSequence: values['main-sequence'],
      bodyLimit: values['body-limit'],
      forwarded: forwardedOf(values),
      upstreamClient: values['upstream-client'],
      dnsServers: values['dns-servers'],
      shutdownTimeout: values['shutdown-grace'],
      stateFile: stateFileOf(config, values),
      publicUrl
    }),
    limits: limitsOf(values),
    clients: clientsOf(values),
    endpointDefaults: omitUndefined({
      timeout: values['endpoint-timeout'],
      suspendDuration: values['suspend-duration'],
      progressionFactor: values['progression-factor'],
      maxRequests: values['endpoint-max-requests'],
      maxQueued: values['endpoint-max-queued'],
      queueTimeout: values['endpoint-queue-timeout'],
      tls: endpointTlsOf(values)
    }),
    ...sessionsOf(values),
    ...adminOf(values)
  }
}

/** The limits that are set. */
const limitsOf = (values: Readonly<Record<string, unknown>>): Partial<Limits> =>
  Object.fromEntries(
    Object.keys(LIMITS)
      .map(name => [name, values[flagOfLimit(name)]])
      .filter(([, value]) => value !== undefined)
  )

const clientsOf = (values: ServeValues): ClientConnections =>
  omitUndefined({
    maxConnections: values['max-connections'] ?? undefined,
    maxRequestsPerConnection: values['max-requests-per-connection'],
    keepAliveTimeout: values['client-keep-alive-timeout'],
    headersTimeout: values['client-headers-timeout'],
    requestTimeout: values['client-request-timeout'],
    connectionTimeout: values['client-connection-timeout'],
    halfClosedTimeout: values['client-half-closed-timeout'],
    maxHeaderSize: values['max-header-size']
  })

/** The error does not repeat the address: it may contain a password. */
function sessionsOf (values: ServeValues): Pick<GatewayOptions, 'sessionStore'> {
  const url = values['session-store']
  if (url === undefined) return {}
  const storeTls = certificatesOf(values, 'session-store')
  const options = omitUndefined({
    url,
    prefix: values['session-store-prefix'],
    timeout: values['session-store-timeout'],
    cacheTtl: values['session-cache-ttl'],
    tls: storeTls && omitUndefined({ ...storeTls })
  })
  try {
    return { sessionStore: redisSessions(options) }
  } catch (error) {
    throw new UsageError(`--session-store: ${(error as Error).message}`)
  }
}

/** `off`: no admin API. The default port may be taken by another process; a configured one may not. */
function adminOf (values: ServeValues): Pick<GatewayOptions, 'admin'> {
  const wanted = values['admin-port']
  if (wanted === 'off') return {}
  const { 'admin-token': token, 'admin-view-token': viewToken } = values
  if (viewToken !== undefined && (token === undefined || token === viewToken)) {
    throw new UsageError('--admin-view-token needs --admin-token, with another value')
  }
  return {
    admin: {
      port: wanted ?? 9164,
      host: values['admin-host'] ?? '127.0.0.1',
      token,
      viewToken,
      allowHosts: values['admin-allow-host'],
      console: values['admin-console'] !== 'off',
      edit: values['admin-edit'] !== 'off',
      recordHide: values['record-hide'],
      ifFree: wanted === undefined
    }
  }
}

/** @throws UsageError for a file inside of the configuration, which each switch would change */
function stateFileOf (config: string, { state }: ServeValues): string | undefined {
  if (state !== undefined && resolve(state).startsWith(resolve(config) + sep)) {
    throw new UsageError(`--state ${state} is inside of the configuration: choose a file elsewhere`)
  }
  return state
}

function forwardedOf (
  { forwarded, 'forwarded-client-cert': clientCertificate }: ServeValues
): GatewayOptions['forwarded'] {
  if (clientCertificate !== true) return forwarded
  const all = forwarded === true
  return { xForwarded: all, forwarded: all, via: all, requestId: all, clientCertificate }
}

/** Resolves with the first signal to stop. The next one ends the process. */
const stopped = async (): Promise<NodeJS.Signals> =>
  await new Promise(resolve => {
    const signals = ['SIGTERM', 'SIGINT'] as const
    const first = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, first).on(each, () => process.exit(128 + constants.signals[each]))
      resolve(signal)
    }
    for (const each of signals) process.on(each, first)
  })
