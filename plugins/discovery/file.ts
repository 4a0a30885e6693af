import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { omitUndefined } from '../../lib/contracts/fields.js'
import type { Member } from '../../lib/contracts/discovery.js'
import type { LookupResult } from './dns.js'

/** How often a file is checked, in milliseconds. */
const REFRESH_MS = 1_000
/** The greatest size of a file, in bytes, and the most members in it. */
const MAX_SIZE = 1024 * 1024
const MAX_MEMBERS = 10_000

/** Returns a look-up that reads the members of one group from a JSON file when it has changed. */
export function fileLookup (file: string, baseDir: string): () => Promise<LookupResult> {
  const path = resolve(baseDir, file)
  let known = ''
  return async () => {
    try {
      const found = await stat(path)
      if (!found.isFile()) throw new Error('it is not a file')
      const { mtimeMs, size, ino } = found
      const version = `${mtimeMs} ${size} ${ino}`
      if (version === known) return { members: undefined, nextLookup: REFRESH_MS }
      if (size > MAX_SIZE) throw new Error(`it is larger than ${MAX_SIZE} bytes`)
      const members = parseMembers(await readFile(path, 'utf8'))
      known = version
      return { members, nextLookup: REFRESH_MS }
    } catch (error) {
      return { members: undefined, nextLookup: REFRESH_MS, failed: (error as Error).message }
    }
  }
}

/** Parses a list of members. @throws Error that names the first mistake */
export function parseMembers (text: string): readonly Member[] {
  const list: unknown = JSON.parse(text)
  if (!Array.isArray(list) || list.length > MAX_MEMBERS) {
    throw new Error(`a list of at most ${MAX_MEMBERS} members is expected`)
  }
  return list.map((each: Untrusted | null, index) => parseMember(each ?? {}, `member ${index + 1}`))
}

type Untrusted = Partial<Record<keyof Member, unknown>>

function parseMember (each: Untrusted, name: string): Member {
  const { hostName, httpPort, httpsPort, priority, weight } = each
  const hasPort = isWithin(httpPort, 1) && isWithin(httpsPort, 1) && (httpPort ?? httpsPort) !== undefined
  if (typeof hostName !== 'string' || hostName === '' || !hasPort) {
    throw new Error(`${name} expects {"hostName": "…", "httpPort": …} or an httpsPort`)
  }
  if (!isWithin(priority, 0) || !isWithin(weight, 1)) {
    throw new Error(`${name} expects a priority from 0 to 65535, and a weight from 1 to 65535`)
  }
  return omitUndefined({ hostName, httpPort, httpsPort, priority, weight })
}

/** A missing value, or a whole number of 16 bits. */
const isWithin = (value: unknown, least: number): value is number | undefined =>
  value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) < 65536)
