import type { SessionStore } from '../../../plugins/index.js'

export interface MapStore extends SessionStore {
  /** Owners by the keys of their sessions. */
  readonly kept: Map<string, string>
}

/** A session store in the memory of this process, for several gateways, as the documentation shows it. */
export function mapStore (more: Partial<SessionStore> = {}): MapStore {
  const kept = new Map<string, string>()
  return {
    kept,
    lookup: async ({ key }) => kept.get(key) ?? null,
    async bind ({ key }, member, expected) {
      const owner = kept.get(key)
      if (expected !== undefined && owner !== undefined && owner !== expected) return owner
      if (member === null) kept.delete(key)
      else kept.set(key, member)
      return member
    },
    ...more
  }
}
