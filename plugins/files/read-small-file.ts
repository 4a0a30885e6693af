import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Certificates and keys are small. In bytes */
const MAX_SIZE = 1_048_576

/**
 * Returns what reads a text file below or beside a folder, at once: configurations are built in one turn. A pipe or a
 * device, which may never end, is refused.
 */
export const fileReader =
  (folder: string) =>
    (path: string): string => {
      const descriptor = openSync(resolve(folder, path), constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        const found = fstatSync(descriptor)
        if (!found.isFile()) throw new Error('it is not a file')
        if (found.size > MAX_SIZE) throw new Error(`it is larger than ${MAX_SIZE} bytes`)
        return readFileSync(descriptor, 'utf8')
      } finally {
        closeSync(descriptor)
      }
    }
