import { address } from './address.js'
import { defaultEndpoint } from './default.js'
import { dynamicLoadbalance } from './dynamic-loadbalance.js'
import { failover } from './failover.js'
import { http } from './http.js'
import { reference } from './reference.js'
import { loadbalance } from './loadbalance.js'
import { member } from './member.js'
import { recipientlist } from './recipientlist.js'
import { dynamicReference } from './dynamic-reference.js'
import { template } from './template.js'
import { wsdl } from './wsdl.js'

/**
 * All kinds of endpoints, in the order in which they are tried in XML. A new kind is a file of its own and a line here.
 */
export const endpoints = [
  address,
  wsdl,
  defaultEndpoint,
  loadbalance,
  dynamicLoadbalance,
  failover,
  recipientlist,
  http,
  member,
  reference,
  dynamicReference,
  template
] as const
