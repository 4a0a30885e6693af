import { readdirSync, readlinkSync } from 'node:fs'

/**
 * Loaded into the process of the gateway before it (`node --import`): collects garbage at each message of the parent,
 * and sends it the resources of the process.
 */
export interface ProcessResources {
  readonly sockets: number
  readonly timers: number
  /** Bytes of objects and of buffers, and of the process. */
  readonly heap: number
  readonly buffers: number
  readonly resident: number
}

/** Open sockets, as the kernel counts them. */
const sockets = (): number => readdirSync('/proc/self/fd').filter(descriptor => {
  try { return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('socket:') } catch { return false }
}).length

if (process.send !== undefined) {
  process.on('message', () => {
    for (let times = 0; times < 3; times++) globalThis.gc!()
    const { heapUsed: heap, external: buffers, rss: resident } = process.memoryUsage()
    const timers = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
    process.send!({ sockets: sockets(), timers, heap, buffers, resident } satisfies ProcessResources)
  })
  process.on('disconnect', () => process.exit())
  process.channel!.unref()
}
