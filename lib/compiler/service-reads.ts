import type { RequirementsOf } from '../contracts/read-requirements.js'
import type { Proxy } from '../definitions/model/model.js'
import { deepestOf } from '../message/message.js'
import { inSequence, READS_NOTHING } from '../pipeline/read-depth.js'
import type { ProxyService } from '../pipeline/service.js'

/**
 * Returns how much of its messages a service reads.
 * @param mandatory the name of the sequence that runs before all others
 */
export function serviceReads (of: RequirementsOf, mandatory: string, proxy: Proxy): ProxyService['reads'] {
  const endpoint =
    proxy.endpoint === undefined
      ? READS_NOTHING
      : { ...of.endpoint(proxy.endpoint), responds: true, passesOn: false }
  const first = of.sequence(mandatory)
  const inbound = inSequence(first, inSequence(of.chain(proxy.in ?? []), endpoint))
  const outbound = inSequence(first, of.chain(proxy.out ?? []))
  return {
    request: deepestOf([
      inbound.request, inbound.entersOut ? outbound.request : 'nothing', inbound.usesTo ? 'header' : 'nothing'
    ]),
    response: deepestOf([inbound.response, outbound.request, outbound.response])
  }
}
