import { setTimeout as pause } from 'node:timers/promises'
import type { Look } from '../support/look-hook.js'
import type { Gateway } from './gateway.js'
import type { Member } from './member.js'

/** Once all connections are idle they are ended from the other side; whatever is still open then was forgotten. */
export async function quiet (gateway: Gateway, members: readonly Member[], fresh: Look): Promise<Look> {
  for (let tries = 0; ; tries++) {
    for (const member of members) await member.closeIdle()
    await pause(100)
    const look = await gateway.look()
    if (look.sockets <= fresh.sockets || tries === 30) return look
  }
}

export function megabytes (bytes: number): number {
  return Math.round(bytes / 104_857.6) / 10
}

/** Objects and buffers, in megabytes. */
export function held ({ heap, buffers }: Look): number {
  return megabytes(heap + buffers)
}
