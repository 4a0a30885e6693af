import type { Flow } from '../contracts/flow.js'
import type { Mediator, Step } from '../contracts/mediator.js'
import { fault, MediationError } from '../message/fault.js'
import type { Message } from '../message/message.js'
import { runPart } from './chain.js'

/** How deep parts that may lead back to themselves are nested at most, for one message. */
const MAX_DEPTH = 100
/**
 * What a level counts that is in another branch than the level around it: messages that split at each level multiply.
 */
const BRANCH_COST = 10
/** How often such parts run for one message: where each level leads back twice, depth alone is no limit. */
const MAX_RUNS = 10_000

/** How many levels of groups, loops and branches inside of a part count as one more part. */
const LEVELS_OF_ONE = 3

/** How deep groups, loops and branches are nested in named parts. */
const levelsOf = new WeakMap<object, number>()

/** Notes how deep groups, loops and branches are nested in a part, with all that it refers to. */
export function noteLevels (part: object, count: number): void {
  levelsOf.set(part, count)
}

/**
 * Returns the message inside of one more part of the configuration that may lead back to itself: what an expression
 * names, or a reference that closes a circle.
 * @param what the part, in the fault
 * @throws MediationError beyond the limits
 */
export function nested (message: Message, what: string, part: object): Message {
  const { nesting, branch } = message
  const cost = nesting !== undefined && nesting.branch !== branch ? BRANCH_COST : 1
  const depth = (nesting?.depth ?? 0) + cost + Math.floor((levelsOf.get(part) ?? 0) / LEVELS_OF_ONE)
  if (depth > MAX_DEPTH) throw nestingError(`${what} leads back to itself, or is nested more than ${MAX_DEPTH} deep`)
  const runs = nesting?.runs ?? { count: 0 }
  if (++runs.count > MAX_RUNS) throw nestingError(`${what} leads back to itself more than ${MAX_RUNS} times`)
  return { ...message, nesting: { depth, branch, runs } }
}

const nestingError = (reason: string): MediationError =>
  new MediationError(fault('MEDIATION', reason, { subject: reason }))

/** Returns the message at the depth of another one: after what that was inside of. */
export const atDepthOf = (outer: Message, message: Message): Message =>
  message.nesting === outer.nesting ? message : { ...message, nesting: outer.nesting }

/** Runs a sequence that may lead back to itself. After it, the message is as deep as before. */
export const runNested = (sequence: Mediator, message: Message, what: string): Flow<Step> =>
  runPart([sequence], nested(message, what, sequence), step => ({ ...step, message: atDepthOf(message, step.message) }))
