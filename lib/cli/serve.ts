import { constants } from 'node:os'
import { redisSessions, type RedisSessionsOptions } from '../../plugins/index.js'
import { omitUndefined } from '../contracts/kind.js'
import { startGateway, type Gateway, type GatewayOptions } from './gateway.js'
import { readCredentials, reload, watchFor, type Sources } from './reload.js'
import { dnsServersOf, isOn, millisecondsOf, portOf, setting, UsageError, type ParsedOptions } from './usage.js'

/** What may still be open once everything is closed does not keep the process for longer, in milliseconds. */
const LAST = 1_000

/**
 * `serve`: runs until it is told to stop (SIGTERM, SIGINT), and lets requests under way end; the second time it stops at once.
 * SIGHUP reads the configuration anew.
 */
export async function serve (config: string, given: ParsedOptions): Promise<number> {
  const sources: Sources = { config, tls: tlsOf(given) }
  const pause = millisecondsOf(setting(given, 'shutdown-delay'), 'shutdown-delay') ?? 0
  let gateway: Gateway | undefined
  let missed: string | undefined
  const again = (why: string) => (): void => {
    if (gateway === undefined) missed = why
    else void reload(gateway, sources, why)
  }
  const unwatched = (err: Error): void => { gateway?.app.log.warn({ err, config }, 'changes of the configuration are not noticed any more: SIGHUP still reads it anew') }
  const onHangup = again('SIGHUP')
  process.on('SIGHUP', onHangup)
  // Before it is read for the first time: no change goes unnoticed.
  const watcher = isOn(given, 'watch') ? await watchFor(config, again('a file changed'), unwatched) : undefined
  try {
    gateway = await startGateway(await optionsOf(sources, given))
    if (missed !== undefined) again(missed)()
    const signal = await stopped()
    gateway.app.log.info({ signal }, 'stopping: requests under way may end')
    await gateway.close(pause)
    setTimeout(() => process.exit(), LAST).unref()
    return 0
  } finally {
    watcher?.close()
    process.off('SIGHUP', onHangup)
  }
}

async function optionsOf ({ config, tls }: Sources, given: ParsedOptions): Promise<GatewayOptions> {
  const port = (name: string): number | undefined => portOf(setting(given, name), name)
  const securePort = port('https-port')
  if (securePort !== undefined && tls === undefined) throw new UsageError('--https-port needs --tls-key and --tls-cert')
  const grace = millisecondsOf(setting(given, 'shutdown-grace'), 'shutdown-grace')
  const publicUrl = setting(given, 'public-url')
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) throw new UsageError(`--public-url expects an address, not "${publicUrl}"`)
  return {
    config,
    port: port('port') ?? 8290,
    host: setting(given, 'host') ?? '0.0.0.0',
    logLevel: setting(given, 'log-level') ?? 'info',
    accessLog: isOn(given, 'access-log'),
    trustProxy: isOn(given, 'trust-proxy'),
    failSafe: isOn(given, 'fail-safe'),
    ...publicUrl !== undefined && { publicUrl },
    ...grace !== undefined && { shutdownTimeout: grace },
    ...endpointsOf(given),
    ...sessionsOf(given),
    ...securePort !== undefined && { https: { port: securePort, ...await readCredentials(tls!) } },
    ...adminOf(given)
  }
}

/** What holds for endpoints that say nothing themselves, and whom dynamic groups ask for their members. */
function endpointsOf (given: ParsedOptions): Pick<GatewayOptions, 'dnsServers' | 'endpointDefaults'> {
  const factor = setting(given, 'progression-factor')
  if (factor !== undefined && !(Number(factor) > 0)) throw new UsageError(`--progression-factor expects a number above 0, not "${factor}"`)
  const defaults = {
    timeout: millisecondsOf(setting(given, 'endpoint-timeout'), 'endpoint-timeout'),
    suspendDuration: millisecondsOf(setting(given, 'suspend-duration'), 'suspend-duration'),
    progressionFactor: factor === undefined ? undefined : Number(factor)
  }
  const dnsServers = dnsServersOf(given)
  return { endpointDefaults: omitUndefined(defaults), ...dnsServers !== undefined && { dnsServers } }
}

/** What it was told is not repeated in an error: it may hold a password. */
function sessionsOf (given: ParsedOptions): Pick<GatewayOptions, 'sessionStore'> {
  const url = setting(given, 'session-store')
  if (url === undefined) return {}
  const [timeout, nearCache] = ['session-store-timeout', 'session-near-cache'].map(flag => millisecondsOf(setting(given, flag), flag))
  try {
    return { sessionStore: redisSessions(omitUndefined({ url, timeout, nearCache }) as RedisSessionsOptions) }
  } catch {
    throw new UsageError('--session-store expects an address like redis://host:6379 or rediss://user:password@host:6379/0')
  }
}

/** There is an admin unless it is `off`. Its usual port may be somebody else's; one that was asked for may not. */
function adminOf (given: ParsedOptions): Pick<GatewayOptions, 'admin'> {
  const wanted = setting(given, 'admin-port')
  if (wanted === 'off') return {}
  return {
    admin: {
      port: portOf(wanted, 'admin-port') ?? 9164,
      host: setting(given, 'admin-host') ?? '127.0.0.1',
      token: setting(given, 'admin-token'),
      ifFree: wanted === undefined
    }
  }
}

function tlsOf (given: ParsedOptions): Sources['tls'] {
  const [key, cert] = [setting(given, 'tls-key'), setting(given, 'tls-cert')]
  return key === undefined || cert === undefined ? undefined : { key, cert }
}

/** The first signal to stop. From then on, the next one ends the process as signals do. */
const stopped = async (): Promise<NodeJS.Signals> => await new Promise(resolve => {
  const signals = ['SIGTERM', 'SIGINT'] as const
  const first = (signal: NodeJS.Signals): void => {
    for (const each of signals) process.off(each, first).on(each, () => process.exit(128 + constants.signals[each]))
    resolve(signal)
  }
  for (const each of signals) process.on(each, first)
})
