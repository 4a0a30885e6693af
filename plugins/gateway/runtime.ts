import { randomUUID } from 'node:crypto'
import type { World } from '../../lib/compiler/compile.js'

/** The real one. */
export const world: World = {
  now: Date.now,
  random: Math.random,
  uuid: randomUUID,
  environment: name => process.env[name]
}
