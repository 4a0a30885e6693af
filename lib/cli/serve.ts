import { constants } from 'node:os'
import { redisSessions, type RedisSessionsOptions } from '../../plugins/index.js'
import { omitUndefined } from '../contracts/fields.js'
import { startGateway, type Gateway, type GatewayOptions } from './gateway.js'
import { readCredentials, reload, watchFor, type Sources } from './reload.js'
import { dnsServersOf, isOn, millisecondsOf, portOf, setting, UsageError, type ParsedOptions } from './usage.js'

/** Handles that are still open after everything is closed keep the process for no longer than this, in milliseconds. */
const EXIT_TIMEOUT_MS = 1_000

/**
 * `serve`: runs until SIGTERM or SIGINT, and then waits for requests in flight; a second signal ends it at once.
 * SIGHUP reloads the configuration.
 * @returns 0
 */
export async function serve (config: string, options: ParsedOptions): Promise<number> {
  const sources: Sources = { config, tls: tlsOf(options) }
  const pause = millisecondsOf(setting(options, 'shutdown-delay'), 'shutdown-delay') ?? 0
  let gateway: Gateway | undefined
  let missed: string | undefined
  const reloadFor = (why: string) => (): void => {
    if (gateway === undefined) missed = why
    else void reload(gateway, sources, why)
  }
  const onWatchFailure = (err: Error): void => {
    gateway?.app.log.warn({ err, config },
      'changes of the configuration are no longer noticed: SIGHUP still reloads it')
  }
  const onHangup = reloadFor('SIGHUP')
  process.on('SIGHUP', onHangup)
  // Watching starts before the first reading, so that no change is missed.
  const watcher = isOn(options, 'watch')
    ? await watchFor(config, reloadFor('a file changed'), onWatchFailure)
    : undefined
  try {
    gateway = await startGateway(await gatewayOptionsOf(sources, options))
    if (missed !== undefined) reloadFor(missed)()
    const signal = await stopped()
    gateway.app.log.info({ signal }, 'stopping: waiting for requests in flight')
    await gateway.close(pause)
    setTimeout(() => process.exit(), EXIT_TIMEOUT_MS).unref()
    return 0
  } finally {
    watcher?.close()
    process.off('SIGHUP', onHangup)
  }
}

async function gatewayOptionsOf ({ config, tls }: Sources, options: ParsedOptions): Promise<GatewayOptions> {
  const port = (name: string): number | undefined => portOf(setting(options, name), name)
  const securePort = port('https-port')
  if (securePort !== undefined && tls === undefined) throw new UsageError('--https-port needs --tls-key and --tls-cert')
  const grace = millisecondsOf(setting(options, 'shutdown-grace'), 'shutdown-grace')
  const publicUrl = setting(options, 'public-url')
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) {
    throw new UsageError(`--public-url expects an address, not "${publicUrl}"`)
  }
  return {
    config,
    port: port('port') ?? 8290,
    host: setting(options, 'host') ?? '0.0.0.0',
    logLevel: setting(options, 'log-level') ?? 'info',
    accessLog: isOn(options, 'access-log'),
    trustProxy: isOn(options, 'trust-proxy'),
    failSafe: isOn(options, 'fail-safe'),
    ...publicUrl !== undefined && { publicUrl },
    ...grace !== undefined && { shutdownTimeout: grace },
    ...endpointsOf(options),
    ...sessionsOf(options),
    ...securePort !== undefined && { https: { port: securePort, ...await readCredentials(tls!) } },
    ...adminOf(options)
  }
}

/** The defaults of endpoints, and the name servers of dynamic groups. */
function endpointsOf (options: ParsedOptions): Pick<GatewayOptions, 'dnsServers' | 'endpointDefaults'> {
  const factor = setting(options, 'progression-factor')
  if (factor !== undefined && !(Number(factor) > 0)) {
    throw new UsageError(`--progression-factor expects a number above 0, not "${factor}"`)
  }
  const defaults = {
    timeout: millisecondsOf(setting(options, 'endpoint-timeout'), 'endpoint-timeout'),
    suspendDuration: millisecondsOf(setting(options, 'suspend-duration'), 'suspend-duration'),
    progressionFactor: factor === undefined ? undefined : Number(factor)
  }
  const dnsServers = dnsServersOf(options)
  return { endpointDefaults: omitUndefined(defaults), ...dnsServers !== undefined && { dnsServers } }
}

/** The error does not repeat the address: it may contain a password. */
function sessionsOf (options: ParsedOptions): Pick<GatewayOptions, 'sessionStore'> {
  const url = setting(options, 'session-store')
  if (url === undefined) return {}
  const [timeout, cacheTtl] =
    ['session-store-timeout', 'session-cache-ttl'].map(name => millisecondsOf(setting(options, name), name))
  try {
    return { sessionStore: redisSessions(omitUndefined({ url, timeout, cacheTtl }) as RedisSessionsOptions) }
  } catch {
    throw new UsageError('--session-store expects redis://host:6379 or rediss://user:password@host:6379/0')
  }
}

/** Whether the admin port serves the console. */
function consoleOf (options: ParsedOptions): boolean {
  const wanted = setting(options, 'admin-console') ?? 'on'
  if (wanted !== 'on' && wanted !== 'off') throw new UsageError(`--admin-console expects on or off, not "${wanted}"`)
  return wanted === 'on'
}

/** `off`: no admin API. The default port may be taken by another process; a configured one may not. */
function adminOf (options: ParsedOptions): Pick<GatewayOptions, 'admin'> {
  const wanted = setting(options, 'admin-port')
  if (wanted === 'off') return {}
  return {
    admin: {
      port: portOf(wanted, 'admin-port') ?? 9164,
      host: setting(options, 'admin-host') ?? '127.0.0.1',
      token: setting(options, 'admin-token'),
      allowHosts: setting(options, 'admin-allow-host')?.split(/[\s,]+/),
      console: consoleOf(options),
      ifFree: wanted === undefined
    }
  }
}

function tlsOf (options: ParsedOptions): Sources['tls'] {
  const [key, cert] = [setting(options, 'tls-key'), setting(options, 'tls-cert')]
  return key === undefined || cert === undefined ? undefined : { key, cert }
}

/** Resolves with the first signal to stop. The next one ends the process. */
const stopped = async (): Promise<NodeJS.Signals> => await new Promise(resolve => {
  const signals = ['SIGTERM', 'SIGINT'] as const
  const first = (signal: NodeJS.Signals): void => {
    for (const each of signals) process.off(each, first).on(each, () => process.exit(128 + constants.signals[each]))
    resolve(signal)
  }
  for (const each of signals) process.on(each, first)
})
