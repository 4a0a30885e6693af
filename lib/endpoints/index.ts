import { address } from './network/address.js'
import { defaultEndpoint } from './network/default.js'
import { dynamicLoadbalance } from './groups/dynamic-loadbalance.js'
import { failover } from './groups/failover.js'
import { http } from './network/http.js'
import { reference } from './reference.js'
import { loadbalance } from './groups/loadbalance.js'
import { member } from './network/member.js'
import { recipientlist } from './groups/recipientlist.js'
import { dynamicReference } from './dynamic-reference.js'
import { template } from './template.js'
import { wsdl } from './network/wsdl.js'

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
