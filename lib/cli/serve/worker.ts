import { version } from '../../../plugins/package/version.js'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { randomSeed } from '../../../plugins/gateway/state/endpoint-registry.js'
import { processCondition } from '../../../plugins/gateway/process-condition.js'
import { createMetrics } from '../../../plugins/metrics/metrics.js'
import { ProcessRecording } from '../../../plugins/recording/process-recording.js'
import { PrimaryLink, type WorkerOrders } from '../../../plugins/workers/primary-link.js'
import { omitUndefined } from '../../contracts/fields.js'
import { errorMessage } from '../../message/error-message.js'
import { Registry } from '../../state/registry.js'
import { startGateway, type Gateway, type GatewayOptions } from './gateway.js'
import { ServerTls } from '../../../plugins/tls/server-tls.js'
import type { SecurePortOptions } from './serve-tls.js'

export interface WorkerSources {
  /** Undefined: there is no port with TLS. */
  readonly tls: SecurePortOptions | undefined
  readonly cacheTtl: number | undefined
}

/**
 * `serve` in a worker: serves clients with the configuration of the primary until the primary ends it. Signals are the
 * concern of the primary: a terminal sends them to all processes.
 * @returns 0
 */
export async function serveAsWorker (options: GatewayOptions, sources: WorkerSources): Promise<number> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  const registry = new Registry(Date.now, randomSeed())
  registry.isReplica = true
  const link = new PrimaryLink(registry)
  try {
    await link.open()
    const { configuration, certificates } = link
    const gateway = await start(options, sources, link, registry)
    const ports = { port: gateway.port, securePort: gateway.securePort }
    const orders = ordersFor(gateway, link, options.sessionStore !== undefined)
    await link.serve(ports, { configuration, certificates }, orders)
  } catch (error) {
    await link.failed(errorMessage(error))
    process.exit(1)
  }
  // The last reports leave first.
  await nextTurn()
  process.disconnect()
  return 0
}

async function start (
  { config: _config, admin: _admin, stateFile: _stateFile, sessionStore, ...options }: GatewayOptions,
  { cacheTtl, tls }: WorkerSources,
  link: PrimaryLink,
  registry: Registry
): Promise<Gateway> {
  const https = tls && { port: tls.port, tls: new ServerTls(tls.options, link.certificates) }
  return await startGateway({
    ...options,
    ...omitUndefined({ https }),
    ...omitUndefined({ logLevel: link.logLevel ?? options.logLevel }),
    definitions: () => link.configuration.definitions,
    baseDir: link.configuration.baseDir,
    sessionStore: sessionStore ?? link.sessions(omitUndefined({ cacheTtl })),
    part: {
      registry,
      listens: true,
      listenText: address => `worker ${process.pid} listening at ${address}`,
      onReady: async () => await link.adoptStates()
    }
  })
}

/** @param hasStore whether sessions are in a store outside of this gateway */
function ordersFor (gateway: Gateway, link: PrimaryLink, hasStore: boolean): WorkerOrders {
  const { app } = gateway
  const recording = new ProcessRecording(app.proxyServices, app.log)
  const metrics = createMetrics({
    registry: app.endpointRegistry,
    proxyServices: app.proxyServices,
    version
  })
  return {
    reload: async () => await app.proxyServices.reload(),
    renew: async certificates => await gateway.renew(certificates),
    metrics: () => metrics,
    condition: () => {
      const condition = processCondition(app.proxyServices)
      // The sessions of the primary are those of this gateway.
      return hasStore ? condition : { ...condition, stores: [] }
    },
    setLogLevel: level => {
      app.log.level = level
    },
    record: settings => {
      recording.record(settings, recorded => link.recorded(recorded))
    },
    drain: () => {
      gateway.drain()
    },
    close: async () => await gateway.close()
  }
}
