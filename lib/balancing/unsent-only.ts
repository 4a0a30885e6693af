import { createEndpoint, type Endpoint } from '../contracts/endpoint.js'
import { type Delivery, newDelivery } from '../contracts/flow.js'

/**
 * A member of a group with `retry="unsent"`: it never gets again what it may have seen, not even on a fresh connection.
 */
export const unsentOnly = (member: Endpoint): Endpoint =>
  createEndpoint(member.endpointName, (message, bound, delivery = newDelivery()) =>
    member(message, bound, delivery.unsentOnly ? delivery : unsentOnlyPart(delivery)))

/** What happens inside the group counts for all of the delivery. */
const unsentOnlyPart = (whole: Delivery): Delivery => ({
  hasWaited: whole.hasWaited,
  get hasBlamed () { return whole.hasBlamed },
  set hasBlamed (value) { whole.hasBlamed = value },
  unsentOnly: true
})
