import { start, stop } from '../support/processes/processes.js'

/** Sizes of the heap before and after a collection, in megabytes, as V8 prints them with `--trace-gc`. */
const COLLECTION = /: (?:Scavenge|Mark-Compact)[^\n]*? ([\d.]+) \([\d.]+\) -> ([\d.]+) \([\d.]+\) MB/g

/**
 * Returns how many KB of garbage one request leaves: what the heap of a Node.js program grows between collections.
 * @param send sends this many requests
 */
export async function garbageOf (
  core: string,
  [node, ...rest]: readonly string[],
  port: number,
  send: (requests: number) => Promise<void>,
  requests: number
): Promise<number> {
  const child = await start(core, [node!, '--trace-gc', ...rest], port)
  let printed = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    printed += chunk.toString('latin1')
  })
  await send(requests / 4)
  printed = ''
  await send(requests)
  await stop(child)
  return (allocated(printed) * 1024) / requests
}

/** The megabytes that were allocated between the first and the last of these collections. */
export function allocated (printed: string): number {
  let sum = 0
  let last: number | undefined
  for (const [, before, after] of printed.matchAll(COLLECTION)) {
    if (last !== undefined) sum += Number(before) - last
    last = Number(after)
  }
  return sum
}
