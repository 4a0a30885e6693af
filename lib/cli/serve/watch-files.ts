import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** How often files are looked at, in milliseconds. */
const INTERVAL_MS = 300
/** Entries of a folder that are looked at. */
const MAX_ENTRIES = 20_000

/**
 * Calls `changed` after each change of a file, or inside of a folder, once nothing has changed between two looks.
 * Looks instead of being notified: notifications are lost where a folder or a link is replaced as a whole (git-sync,
 * ConfigMaps), and on network file systems. While a path is missing nothing is reported, until it is back.
 * @returns What ends it.
 */
export async function watchFiles (paths: readonly string[], changed: () => void): Promise<() => void> {
  let reported = await stateOf(paths)
  let previous = reported
  let timer: NodeJS.Timeout | undefined
  let isEnded = false
  const look = async (): Promise<void> => {
    const current = await stateOf(paths)
    if (isEnded) return
    if (current !== undefined && current === previous && current !== reported) {
      reported = current
      changed()
    }
    previous = current
    timer = setTimeout(() => { void look() }, INTERVAL_MS)
  }
  timer = setTimeout(() => { void look() }, INTERVAL_MS)
  return () => {
    isEnded = true
    clearTimeout(timer)
  }
}

/** A text that differs when any file does; undefined: a path is missing. Links are followed. */
async function stateOf (paths: readonly string[]): Promise<string | undefined> {
  const states: string[] = []
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) return undefined
    if (found.isDirectory()) await addEntries(path, states, 0)
    else states.push(signatureOf(path, found))
  }
  return states.join('\n')
}

async function addEntries (folder: string, states: string[], depth: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.sort()) {
    if (states.length >= MAX_ENTRIES || depth > 32) return
    // The names that Kubernetes gives to the folders that its links lead to; their files are seen through the links.
    if (name.startsWith('..') || name === '.git') continue
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory() === true) await addEntries(path, states, depth + 1)
    else if (found !== undefined) states.push(signatureOf(path, found))
  }
}

const signatureOf = (path: string, { ino, size, mtimeMs, ctimeMs }: Awaited<ReturnType<typeof stat>>): string =>
  `${path} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
