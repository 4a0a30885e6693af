import { roundRobin } from './round-robin.js'

/** Every load-balance algorithm there is. A new one: one file, one line here. */
export const algorithms = [roundRobin] as const
