import { Type, type TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { GroupState } from '../../lib/state/group-state.js'
import type { Registry } from '../../lib/state/registry.js'
import type { ProxyServices } from '../gateway/proxy-services.js'
import { redactUrl } from '../../lib/message/redact-url.js'
import { ErrorView, ListOf } from './schemas.js'
import { SessionOperations } from './session-operations.js'
import {
  GroupSessionsView, SessionLookupBody, SessionOwnerView, SessionReleaseBody, SessionReleaseView
} from './session-schemas.js'
import { findByName } from './switch-endpoints.js'
import { sessionCountView } from './endpoint-views.js'

const responses = (view: TSchema): object => ({ 200: view, '4xx': ErrorView, '5xx': ErrorView })
const Query = Type.Object({ group: Type.Optional(Type.String({ description: 'Only this group.' })) })

/**
 * Sessions of groups: counts by member, look-up, release. Ids travel in bodies only, which no log shows.
 * @param fingerprintOf what stands for a session in recorded messages. Default: nothing
 */
export function sessionRoutes (
  app: FastifyInstance,
  registry: Registry,
  proxyServices: ProxyServices | undefined,
  fingerprintOf?: (id: string) => string
): void {
  const operations = new SessionOperations(registry, proxyServices)

  app.get<{ Querystring: { group?: string } }>(
    '/sessions',
    {
      schema: {
        summary: 'Sessions of groups by member.', querystring: Query, response: responses(ListOf(GroupSessionsView))
      }
    },
    async ({ query: { group } }) => {
      const all = [...registry.groups.values()].filter(({ sessions }) => sessions !== undefined)
      const wanted = group === undefined ? all : [findByName(all, group)]
      const list = wanted.map(each => groupSessions(each, registry, operations.storeOf(each) !== undefined))
      return { count: list.length, list }
    }
  )
  app.post<{ Body: SessionLookupBody }>(
    '/sessions/lookup',
    {
      schema: {
        summary: 'The member that a session is bound to.',
        body: SessionLookupBody,
        response: responses(SessionOwnerView)
      }
    },
    async ({ body }) => ({
      ...(await operations.lookup(body)),
      ...(fingerprintOf !== undefined && { fingerprint: fingerprintOf(body.id) })
    })
  )
  app.post<{ Body: SessionReleaseBody }>(
    '/sessions/release',
    {
      schema: {
        summary: 'Releases a session, or all sessions of a member: their next messages begin them anew.',
        body: SessionReleaseBody,
        response: responses(SessionReleaseView)
      }
    },
    async ({ body, ip, log }) => await operations.release(body, ip, log)
  )
}

function groupSessions (group: GroupState, registry: Registry, shared: boolean): GroupSessionsView {
  const byMember = registry.sessionsByMember(group.name)
  const left = [...byMember.keys()].filter(name => !group.members.includes(name))
  return {
    group: redactUrl(group.name),
    shared,
    members: [...group.members, ...left].map(name => {
      const endpoint = registry.endpoints.get(name)
      return {
        name: redactUrl(name),
        state: endpoint === undefined ? null : registry.healthOf(endpoint).state,
        ...sessionCountView(byMember.get(name))
      }
    })
  }
}
