import { Type, type TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { GroupState } from '../../../lib/state/group-state.js'
import type { Registry } from '../../../lib/state/registry.js'
import type { ProxyServices } from '../../gateway/proxy-services.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { SharedSessions } from '../../session-stores/shared-sessions.js'
import { ErrorView, ListOf } from '../contract/schemas.js'
import { SessionOperations } from './session-operations.js'
import {
  GroupSessionsView, MAX_SESSION_REQUEST, SessionLookupBody, SessionOwnerView, SessionReleaseBody, SessionReleaseView
} from '../contract/session-schemas.js'
import { handChangeEntry, logHandChange } from '../contract/hand-change.js'
import { HttpError } from '../contract/http-error.js'
import type { Journal } from '../journal/journal.js'
import { MAX_SESSIONS_PER_SECOND, SessionQuota } from './session-quota.js'
import { findByName } from '../endpoints/switch-endpoints.js'
import { sessionCountView } from '../endpoints/endpoint-views.js'

const responses = (view: TSchema): object => ({ 200: view, '4xx': ErrorView, '5xx': ErrorView })
const Query = Type.Object({ group: Type.Optional(Type.String({ description: 'Only this group.' })) })

export interface SessionRoutesOptions {
  readonly registry: Registry
  readonly proxyServices: ProxyServices | undefined
  readonly journal: Journal
  /** What stands for a session in recorded messages. Default: nothing */
  readonly fingerprintOf?: ((id: string) => string) | undefined
}

/**
 * Sessions of groups: counts by member, look-up, release. Ids travel in bodies only, which no log shows. Look-ups and
 * releases are entries of the journal, without the id; one address has ten of them within a second.
 */
export function sessionRoutes (
  app: FastifyInstance,
  { registry, proxyServices, journal, fingerprintOf }: SessionRoutesOptions
): void {
  const operations = new SessionOperations(registry, proxyServices)
  const quota = new SessionQuota(() => performance.now())
  const useQuota = (address: string): void => {
    const retryAfter = quota.use(address)
    if (retryAfter === 0) return
    const most = `${MAX_SESSIONS_PER_SECOND} look-ups and releases of sessions a second`
    throw new HttpError(429, `an address has at most ${most}: try again in ${retryAfter} s`, retryAfter)
  }

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
      const list = wanted.map(each => groupSessions(each, registry, operations.storeOf(each)))
      return { count: list.length, list }
    }
  )
  app.post<{ Body: SessionLookupBody }>(
    '/sessions/lookup',
    {
      bodyLimit: MAX_SESSION_REQUEST,
      schema: {
        summary: 'The member that a session is bound to.',
        body: SessionLookupBody,
        response: responses(SessionOwnerView)
      }
    },
    async ({ body, ip, log }) => {
      useQuota(ip)
      const owner = await operations.lookup(body)
      const text = `a session of ${owner.group} was looked up`
      const who = { remote: ip, by: body.by }
      journal.add(handChangeEntry('session', text, who))
      logHandChange(log, text, { group: owner.group, ...who })
      return { ...owner, ...(fingerprintOf !== undefined && { fingerprint: fingerprintOf(body.id) }) }
    }
  )
  app.post<{ Body: SessionReleaseBody }>(
    '/sessions/release',
    {
      bodyLimit: MAX_SESSION_REQUEST,
      schema: {
        summary: 'Releases a session, or all sessions of a member: their next messages start them over.',
        body: SessionReleaseBody,
        response: responses(SessionReleaseView)
      }
    },
    async ({ body, ip, log }) => {
      useQuota(ip)
      const released = await operations.release(body, ip, log)
      journal.add(handChangeEntry('session', released.Message, { remote: ip, by: body.by }))
      return released
    }
  )
}

function groupSessions (
  group: GroupState,
  registry: Registry,
  store: SharedSessions | undefined
): GroupSessionsView {
  const { sessions, sessionPolicy } = group
  const byMember = registry.sessionsByMember(group.name)
  const left = [...byMember.keys()].filter(name => !group.members.includes(name))
  return {
    group: redactUrl(group.name),
    shared: store !== undefined,
    bound: sessions?.size ?? 0,
    evicted: sessions?.evicted ?? 0,
    maxSessions: sessionPolicy?.maxSessions ?? 0,
    timeout: sessionPolicy?.timeout ?? 0,
    expiry: sessionPolicy?.expiry ?? 'sliding',
    storeIsUp: store?.up ?? null,
    fallbacks: store?.fallbacks ?? 0,
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
