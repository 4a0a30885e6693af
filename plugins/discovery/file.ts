import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { omitUndefined } from '../../lib/contracts/kind.js'
import type { Member } from '../../lib/contracts/discovery.js'
import type { Found } from './dns.js'

/** How often a file is looked at, in milliseconds; how long it may be, in bytes; and how many members it may name. */
const REFRESH = 1_000
const LARGEST = 1024 * 1024
const MOST = 10_000

/** Reads the members of one group from a JSON file, whenever it has changed. A file that cannot be read, or is no such list, changes nothing. */
export function fromFile (file: string, folder: string): () => Promise<Found> {
  const path = resolve(folder, file)
  let seen = ''
  return async () => {
    try {
      const { mtimeMs, size, ino } = await stat(path)
      const now = `${mtimeMs} ${size} ${ino}`
      if (now === seen) return { members: undefined, again: REFRESH }
      if (size > LARGEST) throw new Error(`it is larger than ${LARGEST} bytes`)
      const members = membersIn(await readFile(path, 'utf8'))
      seen = now
      return { members, again: REFRESH }
    } catch (error) {
      return { members: undefined, again: REFRESH, failed: (error as Error).message }
    }
  }
}

/** @throws Error naming the first thing that is wrong */
export function membersIn (text: string): readonly Member[] {
  const list: unknown = JSON.parse(text)
  if (!Array.isArray(list) || list.length > MOST) throw new Error(`a list of at most ${MOST} members is expected`)
  return list.map((each: Partial<Record<keyof Member, unknown>>, index) => {
    const { hostName, httpPort, httpsPort, priority, weight } = each ?? {}
    const isWithin = (value: unknown, least: number): value is number | undefined => value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) < 65536)
    if (typeof hostName !== 'string' || hostName === '' || !isWithin(httpPort, 1) || !isWithin(httpsPort, 1) || (httpPort ?? httpsPort) === undefined) {
      throw new Error(`member ${index + 1} expects {"hostName": "…", "httpPort": …} or an httpsPort`)
    }
    if (!isWithin(priority, 0) || !isWithin(weight, 1)) throw new Error(`member ${index + 1} expects a priority from 0 to 65535, and a weight from 1 to 65535`)
    return omitUndefined({ hostName, httpPort, httpsPort, priority, weight })
  })
}
