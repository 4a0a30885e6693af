import { EventEmitter } from 'node:events'
import { ACTIVE, isReady, next, type Health, type Policy, type Signal } from './health.js'
import { createSessionTable, type SessionPolicy, type SessionTable } from './session-table.js'

/** The live state of one endpoint on the network. */
export interface Leaf {
  readonly name: string
  /** What it is called in a log: its address, or the name of the endpoint where the address differs by message. */
  readonly address: string
  policy: Policy
  health: Health
  /** Messages that wait for its answer. */
  inflight: number
  /** Whether the one message that tries it after a suspension is under way. */
  probing: boolean
  answered: number
  failed: number
}

/** The live state of one load-balance group. */
export interface Group {
  readonly name: string
  readonly kind: string
  /** By number; numbers are never given to another member, so that sessions stay true when the configuration is loaded anew. */
  readonly members: string[]
  readonly sessions?: SessionTable | undefined
  readonly sessionPolicy?: SessionPolicy | undefined
}

/** One endpoint went from one state to another. */
export interface Transition { readonly leaf: Leaf, readonly from: Health, readonly to: Health }

interface Events {
  transition: [Transition]
  /** A message could not be tried elsewhere, since its body was gone. */
  unrepeatable: [{ readonly leaf: Leaf, readonly reason: string }]
}

/** Every piece of state that outlives a request, by name. It survives a reload of the configuration. */
export class Registry extends EventEmitter<Events> {
  readonly leaves = new Map<string, Leaf>()
  readonly groups = new Map<string, Group>()
  readonly now: () => number
  readonly #claims = new Set<Claim>()

  constructor (now: () => number) {
    super()
    this.now = now
  }

  /** What a configuration says it needs. State stays as long as anybody claims it. */
  claim (): Claim {
    const claim = new Claim(this)
    this.#claims.add(claim)
    return claim
  }

  /** Nobody needs what only this claim has named. */
  release (claim: Claim): void {
    this.#claims.delete(claim)
    for (const kind of ['leaves', 'groups'] as const) {
      for (const name of claim[kind]) if (![...this.#claims].some(other => other[kind].has(name))) this[kind].delete(name)
    }
  }

  /** Tells a leaf what happened, and tells the world if that changed its state. */
  signal (leaf: Leaf, signal: Signal): void {
    const from = leaf.health
    const to = next(from, signal, leaf.policy, this.now())
    if (to === from) return
    leaf.health = to
    this.emit('transition', { leaf, from, to })
  }

  isReady (leaf: Leaf): boolean {
    return !leaf.probing && isReady(leaf.health, this.now())
  }

  /** No message goes there until it is switched on. @throws RangeError if nobody has that name */
  switchOff (name: string): void { this.#byHand(name, 'off') }
  /** @throws RangeError if nobody has that name */
  switchOn (name: string): void { this.#byHand(name, 'on') }
  /** Only messages of sessions that are bound there still go there. @throws RangeError if nobody has that name */
  drain (name: string): void { this.#byHand(name, 'drain') }

  /** Bounded work: lets go of sessions that have expired. To be called from time to time. */
  sweep (): void {
    for (const { sessions } of this.groups.values()) sessions?.sweep()
  }

  #byHand (name: string, kind: 'off' | 'on' | 'drain'): void {
    const members = this.groups.get(name)?.members ?? [name]
    const leaves = members.flatMap(member => this.leaves.get(member) ?? [])
    if (leaves.length === 0) throw new RangeError(`no endpoint is called ${name}`)
    for (const leaf of leaves) this.signal(leaf, { kind })
  }
}

const same = (a: SessionPolicy | undefined, b: SessionPolicy | undefined): boolean =>
  a !== undefined && b !== undefined && a.timeout === b.timeout && a.expiry === b.expiry && a.maxSessions === b.maxSessions

/** The leaves and groups that one configuration has named. */
export class Claim {
  readonly leaves = new Set<string>()
  readonly groups = new Set<string>()
  readonly registry: Registry

  constructor (registry: Registry) {
    this.registry = registry
  }

  /** The leaf of this name at this address: the one that is there, its state kept, or a new one. */
  leaf (name: string, address: string, policy: Policy): Leaf {
    this.leaves.add(name)
    const known = this.registry.leaves.get(name)
    if (known?.address === address) {
      known.policy = policy
      return known
    }
    const leaf: Leaf = { name, address, policy, health: ACTIVE, inflight: 0, probing: false, answered: 0, failed: 0 }
    this.registry.leaves.set(name, leaf)
    return leaf
  }

  /** The group of this name, and the number of each of its members: the same as before, for those that it had before. */
  group (name: string, kind: string, members: readonly string[], policy?: SessionPolicy): { group: Group, numbers: readonly number[] } {
    this.groups.add(name)
    const known = this.registry.groups.get(name)
    const slots = known?.members ?? []
    const numbers: number[] = []
    for (const member of members) {
      const found = slots.findIndex((slot, number) => slot === member && !numbers.includes(number))
      numbers.push(found >= 0 ? found : slots.push(member) - 1)
    }
    const sessions = policy && (same(known?.sessionPolicy, policy) ? known?.sessions : createSessionTable(policy, this.registry.now))
    const group: Group = { name, kind, members: slots, sessions, sessionPolicy: policy }
    this.registry.groups.set(name, group)
    return { group, numbers }
  }

  forgetLeaf (name: string): void {
    this.leaves.delete(name)
    this.registry.leaves.delete(name)
  }
}
