import type { History, Reply, Turn } from './history.js'
import type { Law } from './laws.js'
import { isFailure, type Timeline } from './timeline.js'

/** How far apart two processes may write down the same moment, in milliseconds. */
const BLINK = 100

export interface PoisonVerdict {
  readonly laws: readonly Law[]
  /** Whether a poisonous order was under way that may have caused this failure. */
  readonly explains: (turn: Turn) => boolean
}

/**
 * Holds what poisonous orders did against what is promised: one message says something of one endpoint at most.
 * @param isUnwell whether the back-end of the endpoint had a fault of its own then
 */
export function judgePoison (
  { poisons, turns }: History,
  isUnwell: (turn: Turn) => boolean,
  told: (reply: Reply) => string
): PoisonVerdict {
  const failures = turns.filter(turn => isFailure(turn) && !isUnwell(turn))
  const causedBy = ({ order, sent, ended }: Reply, { at, endpoint }: Turn): boolean =>
    endpoint.startsWith(`${order.service}-`) && at >= sent - BLINK && at <= ended + BLINK
  const broken = poisons.flatMap(poison => {
    const own = new Set(failures.filter(turn => causedBy(poison, turn)).map(({ endpoint }) => endpoint))
    return own.size > 1 ? [`${told(poison)}: ${[...own].join(', ')}`] : []
  })
  return {
    laws: [
      { law: 'a message that breaks every back-end suspends one endpoint at most', isTimed: true, broken },
      {
        law: 'a message that breaks every back-end gets a fault',
        broken: poisons.filter(({ got }) => got.kind !== 'fault').map(told)
      }
    ],
    explains: turn => poisons.some(poison => causedBy(poison, turn))
  }
}

/** Whether the back-end of this endpoint had a fault of its own within so many milliseconds before the turn. */
export const unwellAt = (timeline: Timeline, patience: number) => ({ endpoint, at }: Turn): boolean =>
  timeline.wasUnwell(endpoint.slice(endpoint.lastIndexOf('-') + 1), { from: at - patience, to: at })
