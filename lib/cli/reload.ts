import { watch, type FSWatcher } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ConfigurationError, formatProblem } from '../definitions/problem.js'
import type { Credentials, Gateway } from './gateway.js'

/**
 * Files are often written in several steps: a reload waits until nothing has changed for this long, in milliseconds.
 */
const QUIET_MS = 200

export interface Sources {
  readonly config: string
  readonly tls?: { readonly key: string; readonly cert: string } | undefined
}

/** Reloads the configuration and the certificate, and logs the result. An invalid one changes nothing. */
export async function reload (
  { app, renew, reloaded }: Gateway,
  { config, tls }: Sources,
  why: string
): Promise<void> {
  const { log } = app
  try {
    const credentials = tls && (await readCredentials(tls))
    const { proxies, added, removed } = await app.proxyServices.reload({ reason: why })
    await reloaded()
    if (credentials !== undefined) await renew(credentials)
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

export const readCredentials = async ({ key, cert }: NonNullable<Sources['tls']>): Promise<Credentials> => ({
  key: await readFile(key),
  cert: await readFile(cert)
})

/** Calls `changed` after each change of a file, or inside of a folder; calls `failed` once, if watching fails. */
export async function watchFor (
  path: string,
  changed: () => void,
  failed: (error: Error) => void
): Promise<FSWatcher> {
  const isFolder = (await stat(path)).isDirectory()
  let timer: NodeJS.Timeout | undefined
  const settle = (): void => {
    clearTimeout(timer)
    timer = setTimeout(changed, QUIET_MS)
  }
  // Editors and Kubernetes replace files: the folder is watched, never the file.
  const watcher = watch(isFolder ? path : dirname(path), { recursive: isFolder }, (_event, name) => {
    if (isFolder || name === null || name === basename(path) || name === '..data') settle()
  })
  watcher.once('error', error => {
    watcher.close()
    failed(error as Error)
  })
  watcher.on('error', () => {})
  watcher.on('close', () => clearTimeout(timer))
  return watcher
}
