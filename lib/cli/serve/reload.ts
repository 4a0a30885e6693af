import { ConfigurationError, formatProblem } from '../../definitions/model/problem.js'
import type { ReloadResult } from '../../../plugins/gateway/proxy-services.js'
import type { ServerCertificates } from '../../../plugins/tls/server-certificates.js'
import { SerialQueue } from '../../../plugins/timing/serial-queue.js'
import type { ServerTls } from '../../../plugins/tls/server-tls.js'
import { reportExpiry } from './certificates.js'
import type { Gateway } from './gateway.js'

export interface Sources {
  readonly config: string
  readonly tls?: ServerTls | undefined
}

/**
 * Returns what reloads a gateway, once the reloads before have ended: the last one to begin decides what runs, and what
 * is reported. It throws what is wrong; then nothing has changed.
 */
export function reloadsOf (gateway: Promise<Gateway>, sources: Sources): (why: string) => Promise<ReloadResult> {
  const inTurn = new SerialQueue()
  return async why => await inTurn.run(async () => await reload(await gateway, sources, why))
}

/** Reloads the configuration and the certificates as one, and logs the result. */
async function reload (
  { app, renew, reloaded }: Gateway,
  { config, tls }: Sources,
  why: string
): Promise<ReloadResult> {
  const { log } = app
  try {
    const certificates = tls && readCertificates(app, tls, why)
    const result = await app.proxyServices.reload({ reason: why })
    const { proxies, added, removed } = result
    await reloaded()
    if (certificates !== undefined) {
      await renew(certificates)
      reportExpiry(app, certificates)
    }
    log.info({ why, config, added, removed }, `configuration reloaded: ${proxies.length} proxy services`)
    return result
  } catch (error) {
    log.error(
      { why, config, ...(!(error instanceof ConfigurationError) && { err: error }) },
      'reload failed: the previous configuration continues'
    )
    for (const problem of error instanceof ConfigurationError ? error.problems : []) {
      if (problem.severity === 'error') {
        log.error({ file: problem.file, line: problem.line, column: problem.column }, formatProblem(problem))
      }
    }
    throw error
  }
}

/** Reads certificates before anything is changed: a reload is refused as a whole. @throws Error naming the files */
function readCertificates ({ proxyServices }: Gateway['app'], tls: ServerTls, why: string): ServerCertificates {
  try {
    return tls.read()
  } catch (error) {
    proxyServices.refuse(error, why)
    throw error
  }
}
