import { setTimeout as pause } from 'node:timers/promises'
import type { ProcessResources } from '../support/processes/process-resources-hook.js'
import type { Gateway } from './gateway.js'
import type { Member } from './member.js'

/**
 * Closes idle connections from the side of the back-ends until the gateway has no more sockets than at its start, at
 * most 30 times. Returns its resources then: sockets that are still open were leaked.
 */
export async function whenIdle (
  gateway: Gateway,
  members: readonly Member[],
  fresh: ProcessResources
): Promise<ProcessResources> {
  for (let tries = 0; ; tries++) {
    for (const member of members) await member.closeIdle()
    await pause(100)
    const now = await gateway.resources()
    if (now.sockets <= fresh.sockets || tries === 30) return now
  }
}

export function megabytes (bytes: number): number {
  return Math.round(bytes / 104_857.6) / 10
}

/** Objects and buffers, in megabytes. */
export function megabytesHeld ({ heap, buffers }: ProcessResources): number {
  return megabytes(heap + buffers)
}
