import { ConfigurationError, formatProblem } from '../definitions/problem.js'
import { readCredentials, reportExpiry, type CertificateFiles } from './certificates.js'
import type { Credentials, Gateway } from './gateway.js'

export interface Sources {
  readonly config: string
  readonly tls?: CertificateFiles | undefined
}

/** Reloads the configuration and the certificate, and logs the result. An invalid one changes nothing. */
export async function reload (
  { app, renew, reloaded }: Gateway,
  { config, tls }: Sources,
  why: string
): Promise<void> {
  const { log } = app
  try {
    const credentials = tls && (await readCertificate(app, tls, why))
    const { proxies, added, removed } = await app.proxyServices.reload({ reason: why })
    await reloaded()
    if (tls !== undefined && credentials !== undefined) {
      await renew(credentials)
      reportExpiry(app, tls, credentials.cert)
    }
    log.info({ why, config, added, removed }, `configuration reloaded: ${proxies.length} proxy services`)
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
  }
}

/** Reads the certificate before anything is changed: a reload is refused as a whole. @throws Error naming the files */
async function readCertificate (
  { proxyServices }: Gateway['app'], tls: CertificateFiles, why: string
): Promise<Credentials> {
  try {
    return await readCredentials(tls)
  } catch (error) {
    proxyServices.refuse(error, why)
    throw error
  }
}
