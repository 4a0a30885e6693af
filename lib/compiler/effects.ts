import { CATEGORY_NOUNS } from '../definitions/model/category-nouns.js'
import type { Definitions } from '../definitions/model/model.js'
import type { GroupState } from '../state/group-state.js'
import type { Registry } from '../state/registry.js'

/** Names of artefacts, as `proxy Orders`. */
export interface ArtefactChanges {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** What running another configuration changes. */
export interface Effects {
  readonly artefacts: ArtefactChanges
  /** Endpoints that begin with a new state: they are new, or their address changes. */
  readonly newEndpoints: readonly string[]
  readonly removedEndpoints: readonly string[]
  /** Groups whose sessions are lost, since they are removed or their session settings change. */
  readonly lostSessions: readonly { readonly group: string; readonly bound: number }[]
}

type RegistryState = Pick<Registry, 'endpoints' | 'groups'>

const CATEGORIES = ['proxies', 'apis', 'sequences', 'endpoints', 'templates', 'localEntries'] as const

/**
 * Compares a configuration with the one that runs.
 * @param before what runs: its definitions and its state
 * @param after what would run, with the state that it would begin with on its own
 */
export function effectsOf (
  before: { readonly definitions: Definitions; readonly state: RegistryState },
  after: { readonly definitions: Definitions; readonly state: RegistryState }
): Effects {
  const own = [...before.state.endpoints.values()].filter(({ addressFromMessage }) => !addressFromMessage)
  return {
    artefacts: artefactChanges(before.definitions, after.definitions),
    newEndpoints: [...after.state.endpoints.values()]
      .filter(({ name, address }) => before.state.endpoints.get(name)?.address !== address)
      .map(({ name }) => name),
    removedEndpoints: own.filter(({ name }) => !after.state.endpoints.has(name)).map(({ name }) => name),
    lostSessions: [...before.state.groups.values()]
      .filter(group => losesSessions(group, after.state.groups.get(group.name)))
      .map(({ name, sessions }) => ({ group: name, bound: sessions!.size }))
  }
}

function artefactChanges (before: Definitions, after: Definitions): ArtefactChanges {
  const changes = { added: [] as string[], removed: [] as string[], changed: [] as string[] }
  for (const category of CATEGORIES) {
    const [old, next] = [before[category] ?? {}, after[category] ?? {}] as Record<string, unknown>[]
    for (const name of new Set([...Object.keys(old!), ...Object.keys(next!)])) {
      const [wasThere, isThere] = [Object.hasOwn(old!, name), Object.hasOwn(next!, name)]
      const shown = `${CATEGORY_NOUNS[category]} ${name}`
      if (!wasThere) changes.added.push(shown)
      else if (!isThere) changes.removed.push(shown)
      else if (JSON.stringify(old![name]) !== JSON.stringify(next![name])) changes.changed.push(shown)
    }
  }
  return changes
}

/** @see StateLease.group, which keeps the table of a group whose policy stays */
const losesSessions = ({ sessions, sessionPolicy: a }: GroupState, after: GroupState | undefined): boolean => {
  const b = after?.sessionPolicy
  return (
    sessions !== undefined &&
    sessions.size > 0 &&
    a !== undefined &&
    !(b !== undefined && a.timeout === b.timeout && a.expiry === b.expiry && a.maxSessions === b.maxSessions)
  )
}
