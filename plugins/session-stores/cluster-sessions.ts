import cluster, { type Worker } from 'node:cluster'
import { InvalidSessionStore } from '../errors.js'
import { IpcChannel } from '../ipc/ipc-channel.js'
import { portToPrimary, portToWorker } from '../ipc/ipc-port.js'
import { waitAtMost } from '../timing/deadline.js'
import { MemorySessions } from './memory-sessions.js'
import { ProlongBatch, type ProlongedGroup } from './prolong-batch.js'
import type { SessionStore, StoredSession } from './session-store.js'

/** A message waits for this long: a primary that is busy is no reason to bind a session twice. */
const TIMEOUT_MS = 5_000
/** How often a worker reports a session that it uses. The primary reports at once that a session has moved. */
export const CLUSTER_CACHE_TTL_MS = 60_000
/** How long a worker waits for a primary that keeps sessions before it starts without one, in milliseconds. */
const OPEN_TIMEOUT_MS = 2_000
/** How often the primary evicts expired sessions, in milliseconds. */
const EVICTION_INTERVAL_MS = 1_000

const LOOKUP = 'session lookup'
const BIND = 'session bind'
const PROLONG = 'sessions used'
const MOVED = 'session moved'
const READY = 'session store'

export interface ClusterSessionsOptions {
  /**
   * How often a worker reports a session that it uses to its primary, in milliseconds; at most every tenth of the
   * session's timeout. 0: each message, and each is looked up. Default: 60000
   */
  cacheTtl?: number
}

/**
 * Keeps the sessions of all workers of `node:cluster` in their primary, which calls `serveClusterSessions`. Sessions
 * end with the primary.
 * @param channel to the primary. Default: one of its own
 * @throws TypeError outside of a worker
 */
export function clusterSessions (
  { cacheTtl = CLUSTER_CACHE_TTL_MS }: ClusterSessionsOptions = {},
  channel: IpcChannel = channelToPrimary()
): SessionStore {
  const listeners = new Set<(group: string) => void>()
  const used = new ProlongBatch(groups => channel.notify(PROLONG, groups))
  channel.handle(MOVED, (group: string) => {
    // The use of a session before it has moved must not bind it again.
    used.drop(group)
    for (const listener of listeners) listener(group)
  })
  return {
    reliable: true,
    timeout: TIMEOUT_MS,
    cacheTtl,
    lookup: async session => (await channel.request(LOOKUP, session)) as string | null,
    bind: async (session, member, expectedOwner) =>
      (await channel.request(BIND, { session, member, expectedOwner })) as string | null,
    prolong: (session, owner) => used.add(session, owner),
    close: () => used.flush(),
    onMove (listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    open: async () => {
      await waitAtMost(
        OPEN_TIMEOUT_MS,
        channel.request(READY).catch(() => {})
      )
    }
  }
}

/**
 * In the primary of `node:cluster`: keeps the sessions of its workers, of those that it forks later, too.
 * Returns how to end it.
 */
export function serveClusterSessions (): () => void {
  const store = new MemorySessions()
  const serve = (worker: Worker): void => serveSessions(store, new IpcChannel(portToWorker(worker)))
  for (const worker of Object.values(cluster.workers ?? {})) if (worker !== undefined) serve(worker)
  cluster.on('fork', serve)
  const eviction = setInterval(() => store.sweep(), EVICTION_INTERVAL_MS).unref()
  return () => {
    cluster.off('fork', serve)
    clearInterval(eviction)
  }
}

/** Answers one worker. */
export function serveSessions (store: MemorySessions, channel: IpcChannel): void {
  channel.handle(READY, () => true)
  channel.handle(LOOKUP, (session: StoredSession) => store.ownerOf(session))
  channel.handle(BIND, ({ session, member, expectedOwner }: Bind) => store.assign(session, member, expectedOwner))
  const notifyMove = (group: string): void => channel.notify(MOVED, group)
  channel.handle(PROLONG, (groups: readonly ProlongedGroup[]) => {
    for (const each of groups) if (!prolongAll(store, each)) notifyMove(each.group)
  })
  const endMoves = store.onMove(notifyMove)
  channel.onClose(endMoves)
}

/** Returns whether all of them have the owner that the worker knows. */
function prolongAll (store: MemorySessions, { group, owners, ...session }: ProlongedGroup): boolean {
  let areCurrent = true
  for (const [owner, fingerprints] of owners) {
    for (const fingerprint of fingerprints) {
      const key = `${group}:${fingerprint}`
      if (store.assign({ ...session, key }, owner, owner) !== owner) areCurrent = false
    }
  }
  return areCurrent
}

interface Bind {
  readonly session: StoredSession
  readonly member: string | null
  readonly expectedOwner?: string | null
}

function channelToPrimary (): IpcChannel {
  const port = portToPrimary()
  if (port === undefined) {
    throw new InvalidSessionStore('clusterSessions() works in a worker of node:cluster only')
  }
  return new IpcChannel(port)
}
