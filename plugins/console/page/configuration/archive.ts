import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import type { ImportedFile } from '../../model/imported-files.js'
import { downloadFile } from '../elements/download-file.js'

/** Bytes of an archive, and of all that is in it: as much as the gateway checks at once. */
const MAX_ARCHIVE = 8 * 1024 * 1024
const MAX_UNPACKED = 4 * 1024 * 1024
const MAX_FILES = 200

/** Reads files that an operator chose: XML, JSON, and archives. @throws Error that names the one that cannot be read */
export async function readImported (chosen: readonly File[]): Promise<ImportedFile[]> {
  const read: ImportedFile[] = []
  for (const file of chosen) {
    if (file.size > MAX_ARCHIVE) throw new Error(`${file.name} is larger than 8 MiB`)
    const bytes = new Uint8Array(await file.arrayBuffer())
    const isArchive = bytes[0] === 0x50 && bytes[1] === 0x4b
    read.push(...(isArchive ? unpack(file.name, bytes) : [{ path: file.name, text: strFromU8(bytes) }]))
  }
  return read
}

function unpack (name: string, bytes: Uint8Array): ImportedFile[] {
  let [count, total] = [0, 0]
  const entries = unzipSync(bytes, {
    filter ({ name: path, originalSize }) {
      if (path.endsWith('/')) return false
      total += originalSize
      if (++count > MAX_FILES) throw new Error(`${name} has more than ${MAX_FILES} files`)
      if (total > MAX_UNPACKED) throw new Error(`${name} has more than 4 MiB`)
      return true
    }
  })
  return Object.entries(entries).map(([path, content]) => ({ path, text: strFromU8(content) }))
}

/** Offers texts as an archive. */
export function offerArchive (name: string, files: Readonly<Record<string, string>>): void {
  const zip = zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])))
  downloadFile(name, new Blob([zip], { type: 'application/zip' }))
}
