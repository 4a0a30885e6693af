import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { randomSeed } from '../../../plugins/gateway/state/endpoint-registry.js'
import { storeFailures } from '../../../plugins/gateway/process-condition.js'
import { MemorySessions } from '../../../plugins/session-stores/memory-sessions.js'
import { CLUSTER_CACHE_TTL_MS } from '../../../plugins/session-stores/cluster-sessions.js'
import { StoredGroup } from '../../../plugins/session-stores/stored-group.js'
import type { WorkerConfiguration } from '../../../plugins/workers/worker-protocol.js'
import { WorkerPool } from '../../../plugins/workers/worker-pool.js'
import { Registry } from '../../state/registry.js'
import { startGateway, type Gateway, type GatewayOptions, type GatewayPart } from './gateway.js'

/** Workers end by themselves in time; one that does not is killed so much later, in milliseconds. */
const KILL_MARGIN_MS = 5_000
const HANG_TIMEOUT_MS = 10_000
/** How often expired sessions are evicted, in milliseconds. */
const EVICTION_INTERVAL_MS = 1_000

export interface WorkersOptions {
  readonly size: number
  /** In milliseconds. Default: 10 s */
  readonly hangTimeout?: number | undefined
  /** How long workers use what they know of a session without a look-up, in milliseconds. Default: 60 s */
  readonly cacheTtl?: number | undefined
}

/**
 * Starts a gateway whose clients are served by several processes. This one, the primary, reads the configuration,
 * decides the states of endpoints, keeps the sessions, and has the admin port.
 * @throws Error if a worker cannot start; ConfigurationError
 */
export async function startWorkers (
  options: GatewayOptions,
  { size, hangTimeout = HANG_TIMEOUT_MS, cacheTtl = CLUSTER_CACHE_TTL_MS }: WorkersOptions
): Promise<Gateway> {
  const sessions = options.sessionStore === undefined ? new MemorySessions({ seed: randomSeed() }) : undefined
  const registry = new Registry(
    Date.now,
    randomSeed(),
    sessions && ((group, policy) => sessions.view(new StoredGroup(group, policy, cacheTtl)))
  )
  let pool: WorkerPool | undefined
  let listening = 0
  /** Resolves when all workers run the latest configuration. */
  let reloaded: Promise<void> | undefined
  const part: GatewayPart = {
    registry,
    listens: false,
    async onReady (app) {
      const { log } = app
      const configuration = (): WorkerConfiguration => configurationOf(app)
      pool = new WorkerPool({
        size,
        log,
        registry,
        sessions,
        hangTimeout,
        configuration,
        certificates: () => options.https?.tls.certificates,
        onCondition: () => {
          const [cause] = storeFailures(pool!.conditions()).values()
          for (const { sessions } of app.proxyServices) sessions?.noteWorkers(cause)
        },
        onChange: count => {
          listening = count
        }
      })
      app.proxyServices.on('reload', ({ outcome }) => {
        if ('proxies' in outcome) reloaded = pool?.reload()
      })
      await pool.start()
      const { port, securePort } = pool.ports!
      log.info(`Server listening at http://${options.host ?? '0.0.0.0'}:${port}`)
      if (securePort !== undefined) log.info(`Server listening at https://${options.host ?? '0.0.0.0'}:${securePort}`)
      log.info(`${size} workers serve clients`)
      const cores = availableParallelism()
      if (size > cores) log.warn(`more workers (${size}) than cores (${cores}) cost memory and serve no more clients`)
    },
    onReload: async () => await reloaded,
    onRenew: async () => await pool?.renew(),
    onDrain: () => pool?.drain(),
    onClose: async grace => await pool?.close(grace + KILL_MARGIN_MS),
    isServing: () => listening > 0,
    ports: () => ({ port: pool!.ports!.port, securePort: pool!.ports!.securePort }),
    workers: {
      gatherMetrics: async own => (await pool?.gatherMetrics(own)) ?? own,
      setLogLevel: level => pool?.setLogLevel(level),
      conditions: () => pool?.conditions() ?? new Map(),
      size,
      record: (settings, keep) => pool?.record(settings, keep)
    }
  }
  const eviction = setInterval(() => sessions?.sweep(), EVICTION_INTERVAL_MS).unref()
  try {
    return await startGateway({ ...options, part })
  } catch (error) {
    clearInterval(eviction)
    throw error
  }
}

/** What the primary runs. */
function configurationOf (app: FastifyInstance): WorkerConfiguration {
  const [dispatcher] = app.proxyServices
  const { configuration, source } = dispatcher!
  return { definitions: JSON.stringify(configuration.definitions), baseDir: resolve(source.baseDir) }
}
