import type { Delivery } from '../contracts/flow.js'

/**
 * The delivery inside a group with `retry="unsent"`: a message that a member may have received is not sent to it again,
 * not even on a fresh connection. What happens inside the group counts for the whole delivery.
 */
export const unsentOnly = (whole: Delivery): Delivery =>
  whole.unsentOnly
    ? whole
    : {
        hasWaited: whole.hasWaited,
        get hasBlamed () { return whole.hasBlamed },
        set hasBlamed (value) { whole.hasBlamed = value },
        get hasFailed () { return whole.hasFailed },
        set hasFailed (value) { whole.hasFailed = value },
        unsentOnly: true
      }
