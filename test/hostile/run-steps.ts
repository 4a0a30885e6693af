import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Step } from './row.js'

const UNTIL = 30_000

export interface Waits {
  /** Resolves when so many final responses are complete, or the connection has ended. */
  readonly responses?: (count: number) => Promise<void>
  readonly reached?: (count: number) => Promise<void>
}

/** Does what the steps say with the bare connection. Ends early when the other side has closed it. */
export async function runSteps (
  socket: Socket,
  steps: readonly Step[],
  { responses, reached }: Waits = {}
): Promise<void> {
  for (const step of steps) {
    if (socket.destroyed) return
    if (typeof step === 'string') await write(socket, Buffer.from(step, 'latin1'))
    else if ('bytes' in step) await write(socket, step.bytes)
    else if ('trickle' in step) await trickle(socket, Buffer.from(step.trickle, 'latin1'), step.size, step.every)
    else if ('wait' in step) await pause(step.wait)
    else if ('responses' in step) await atMost(responses?.(step.responses), step.atMost)
    else if ('reached' in step) await atMost(reached?.(step.reached), step.atMost)
    else if ('read' in step) {
      if (step.read) socket.resume()
      else socket.pause()
    } else if ('end' in step) socket.end()
    else if ('reset' in step) socket.resetAndDestroy()
    else socket.destroy()
  }
}

/** Resolves when the bytes are with the system, or the connection has ended. */
const write = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise(resolve => {
    if (bytes.length === 0 || socket.destroyed || !socket.writable) return resolve()
    const done = (): void => {
      socket.off('close', done)
      resolve()
    }
    socket.once('close', done)
    socket.write(bytes, done)
  })

async function trickle (socket: Socket, bytes: Buffer, size: number, every: number): Promise<void> {
  for (let at = 0; at < bytes.length && !socket.destroyed && socket.writable; at += size) {
    await write(socket, bytes.subarray(at, at + size))
    await pause(every)
  }
}

async function atMost (event: Promise<void> | undefined, ms = UNTIL): Promise<void> {
  const over = new AbortController()
  await Promise.race([event, pause(ms, undefined, { signal: over.signal }).catch(() => {})])
  over.abort()
}
