import type { Algorithm } from '../contracts/algorithm.js'
import { createReservingEndpoint, type Endpoint } from '../contracts/endpoint.js'
import type { Mediator } from '../contracts/mediator.js'
import type { SessionAffinity } from '../contracts/session-affinity.js'

/** Stand for parts that could not be built, until all problems of a configuration are known. */
export const NO_MEDIATOR: Mediator = message => ({ to: 'next', message })
export const NO_ENDPOINT: Endpoint =
  createReservingEndpoint('', () => ({ kind: 'refused', fault: { code: 0, reason: 'not built' } }))
export const NO_ALGORITHM: Algorithm = members => () => members.keys()
export const NO_SESSION: SessionAffinity =
  { idsInRequest: () => [], onLost: 'strict', policy: { timeout: 0, expiry: 'sliding', maxSessions: 1 } }
