import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { ProcessResources } from './process-resources-hook.js'

/** Options of Node for a child process that reports its resources. It needs an IPC channel. */
export const RESOURCE_OPTIONS: readonly string[] = [
  '--expose-gc',
  '--import',
  new URL('process-resources-hook.js', import.meta.url).href
]

/** Resolves with the resources of a process once its garbage is collected. */
export async function resourcesOf (child: ChildProcess): Promise<ProcessResources> {
  const response = once(child, 'message')
  child.send('resources')
  return (await response)[0] as ProcessResources
}
