import type { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { send, type Reply } from './fleet.js'

export interface RaceOptions {
  /** Of one gateway, or of several that share their sessions: messages of a session go to each in turn. */
  readonly ports: readonly number[]
  readonly sessions: number
  /** Messages of one session that are sent at once, each on a connection of its own. */
  readonly messages: number
  /** Sessions that race at one time. */
  readonly side: number
  readonly prefix?: string
}

export interface RaceResult {
  /** Sessions whose messages were served by more than one member. */
  readonly broken: number
  /** Messages without a response of a member. */
  readonly lost: number
  /** Sessions of each member. */
  readonly spread: Readonly<Record<string, number>>
}

/**
 * Begins new sessions, the first messages of each at the same time, and sends one more message of each to every port
 * afterwards.
 */
export async function race ({ ports, sessions, messages, side, prefix = 's' }: RaceOptions): Promise<RaceResult> {
  let next = 0
  let broken = 0
  let lost = 0
  const spread: Record<string, number> = {}
  const one = async (): Promise<void> => {
    for (let number = next++; number < sessions; number = next++) {
      const id = `${prefix}${number}`
      const sendTo = async (port: number): Promise<Reply> => await send(port, id)
      const first = await Promise.all(
        Array.from({ length: messages }, async (_, at) => await sendTo(ports[at % ports.length]!))
      )
      const replies = [...first, ...(await Promise.all(ports.map(sendTo)))]
      const served = replies.filter(isServed)
      lost += replies.length - served.length
      const members = new Set(served.map(({ from }) => from!))
      if (members.size > 1) broken++
      for (const member of members) spread[member] = (spread[member] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: side }, one))
  return { broken, lost, spread }
}

const isServed = ({ status, from }: Reply): boolean => status === 200 && from !== undefined

/** Sends messages of known sessions over these connections until it is stopped. Counts what came of them. */
export class Load {
  readonly results = { served: 0, refused: 0, broken: 0, moved: 0 }
  readonly #owners = new Map<string, string>()
  readonly #done: Promise<unknown>
  #stopped = false

  /** @param pause between two messages of a client, in milliseconds */
  constructor (port: number, sessions: readonly string[], agent: Agent | false, side: number, pause = 0) {
    let next = 0
    const one = async (): Promise<void> => {
      while (!this.#stopped) {
        const id = sessions[next++ % sessions.length]!
        this.#count(id, await send(port, id, agent))
        if (pause > 0) await delay(pause)
      }
    }
    this.#done = Promise.all(Array.from({ length: side }, one))
  }

  async stop (): Promise<Load['results']> {
    this.#stopped = true
    await this.#done
    return this.results
  }

  #count (id: string, { status, from }: Reply): void {
    if (status === 0) this.results.broken++
    else if (status !== 200 || from === undefined) this.results.refused++
    else {
      this.results.served++
      const owner = this.#owners.get(id)
      if (owner !== undefined && owner !== from) this.results.moved++
      this.#owners.set(id, from)
    }
  }
}
