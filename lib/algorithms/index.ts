import { leastRequests } from './least-requests.js'
import { powerOfTwoChoices } from './power-of-two-choices.js'
import { rendezvous } from './rendezvous.js'
import { roundRobin } from './round-robin.js'
import { weightedRoundRobin } from './weighted-round-robin.js'
import { weightedRRLC } from './weighted-rrlc.js'

/** Every load-balance algorithm there is. A new one: one file, one line here. */
export const algorithms = [roundRobin, weightedRoundRobin, weightedRRLC, leastRequests, powerOfTwoChoices, rendezvous] as const
