import { leastRequests } from './least-requests.js'
import { powerOfTwoChoices } from './power-of-two-choices.js'
import { rendezvous } from './rendezvous.js'
import { roundRobin } from './round-robin.js'
import { weightedRoundRobin } from './weighted-round-robin.js'
import { weightedRRLC } from './weighted-rrlc.js'

/** All load-balance algorithms. A new one is a file of its own and a line here. */
export const algorithms = [
  roundRobin,
  weightedRoundRobin,
  weightedRRLC,
  leastRequests,
  powerOfTwoChoices,
  rendezvous
] as const
