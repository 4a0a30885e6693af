import { Type, type Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { ConfigurationError, type Problem } from '../../../lib/definitions/model/problem.js'
import type { ProxyServices, ReloadResult } from '../../gateway/proxy-services.js'
import { oneLine } from '../../logging/one-line.js'
import { ByQuery, handChangeEntry, logHandChange } from '../contract/hand-change.js'
import type { Journal } from '../journal/journal.js'
import { ErrorView } from '../contract/schemas.js'

const names = (description: string) => Type.Array(Type.String(), { description })
const ReloadView = Type.Object(
  {
    proxies: names('Names of the proxies that run now.'),
    added: names('Those that did not run before.'),
    removed: names('Those that do not run any more.')
  },
  { $id: 'Reload' }
)
export type ReloadView = Static<typeof ReloadView>

/** Reads everything again that a reload reads. @throws what is wrong; then everything runs on as it was */
export type Reload = (reason: string) => Promise<ReloadResult>

/** What a refused reload responds. */
export interface ReloadRefusal {
  readonly Error: string
  readonly problems: readonly Problem[]
}

export interface ReloadRoutesOptions {
  readonly proxyServices: ProxyServices
  readonly journal: Journal
  readonly reload: Reload
}

/** A reload by an operator: refused as a whole, with all problems, or done. */
export function reloadRoutes (
  app: FastifyInstance,
  { proxyServices, journal, reload }: ReloadRoutesOptions
): void {
  const loaded = (): string => new Date(proxyServices.loadedAt).toISOString()
  app.post<{ Querystring: Static<typeof ByQuery> }>(
    '/reload',
    {
      schema: {
        summary: 'Reads the configuration, and the certificates of `serve`, again. 422 with all problems: refused.',
        querystring: ByQuery,
        response: { 200: ReloadView, '4xx': ErrorView }
      }
    },
    async ({ ip: remote, log, query: { by } }, reply) => {
      const before = loaded()
      journal.add(handChangeEntry('reload', 'by hand: the configuration is read again', { remote, by }))
      try {
        const { proxies, added, removed } = await reload('by hand')
        logHandChange(log, 'the configuration was reloaded', { before, after: loaded(), added, removed, remote, by })
        return { proxies, added, removed }
      } catch (error) {
        logHandChange(log, 'the reload of the configuration was refused', { before, after: loaded(), remote, by })
        const { statusCode } = error as { statusCode?: number }
        return await reply.code(statusCode === 503 ? 503 : 422).send(refusalOf(error as Error))
      }
    }
  )
}

function refusalOf (error: Error): ReloadRefusal {
  const problems = error instanceof ConfigurationError ? error.problems : []
  const text = problems.length > 0 ? 'the configuration has errors: nothing was changed' : oneLine(error.message)
  return { Error: redactUrl(text), problems: problems.map(each => ({ ...each, message: redactUrl(each.message) })) }
}
