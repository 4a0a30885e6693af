import { randomUUID } from 'node:crypto'
import type { Runtime } from '../../../lib/compiler/compile.js'

/** The runtime of this process. */
export const runtime: Runtime = {
  now: Date.now,
  random: Math.random,
  uuid: randomUUID,
  environment: name => process.env[name]
}
