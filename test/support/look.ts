import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Look } from './look-hook.js'

/** Options of Node for a child process that is looked at. It needs an IPC channel. */
export const LOOK_OPTIONS: readonly string[] = ['--expose-gc', '--import', new URL('look-hook.js', import.meta.url).href]

/** Returns what the process holds once its garbage is collected. */
export async function lookAt (child: ChildProcess): Promise<Look> {
  const answer = once(child, 'message')
  child.send('look')
  return (await answer)[0] as Look
}
