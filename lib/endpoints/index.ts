import { address } from './address.js'
import { defaultEndpoint } from './default.js'
import { failover } from './failover.js'
import { indirect } from './indirect.js'
import { loadbalance } from './loadbalance.js'

/** Every kind of endpoint there is. A new one: one file, one line here. */
export const endpoints = [address, defaultEndpoint, loadbalance, failover, indirect] as const
