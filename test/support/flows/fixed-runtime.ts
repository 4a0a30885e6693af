import type { Runtime } from '../../../lib/compiler/compile.js'

/** What a configuration is compiled with where nothing is sent: time stands still, and the environment is empty. */
export const FIXED_RUNTIME: Runtime = { now: () => 0, random: () => 0, uuid: () => 'uuid', environment: () => undefined }
