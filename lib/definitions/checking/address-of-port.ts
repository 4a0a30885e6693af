import type { Static, TObject } from '@sinclair/typebox'
import type { wsdl } from '../../endpoints/network/wsdl.js'
import { resolvePlaceholder } from '../../endpoints/settings/placeholders.js'
import { namesSocket } from '../../message/origin.js'
import { MissingPort, findPort } from '../../wsdl/port.js'
import { problemAt } from '../model/problem.js'
import type { Config } from '../model/rewrite.js'
import { UNRESOLVED, type Documents, type Expansion } from './expansion.js'

/** An endpoint without an address: its template has a variable that nothing sets. Each message to it fails. */
const WITHOUT_ADDRESS = { kind: 'http', uriTemplate: '{missing}' } as const

type WsdlEndpoint = Static<TObject<Pick<typeof wsdl.fields, 'uri' | 'inline' | 'service' | 'port'>>>

/** The endpoint with the address and format of its port, instead of its WSDL. */
export function addressOfPort (
  config: Config,
  documents: Documents,
  { locations, problems, sources }: Expansion
): Config {
  const { uri, inline, service, port, ...settings } = config as WsdlEndpoint
  const location = locations.get(config)
  try {
    const address = uri === undefined ? undefined : resolvePlaceholder(uri, sources)
    const text = address === undefined ? inline : documents.get(address)
    if (text === undefined) throw new Error('it was not read')
    if (text instanceof Error) throw text
    const { address: target, format } = findPort(
      text,
      resolvePlaceholder(service, sources),
      resolvePlaceholder(port, sources)
    )
    if (namesSocket(target)) throw new Error('its address is a unix socket, which only an <address> may name')
    const lowered = { ...settings, kind: 'address', uri: target, format }
    if (location !== undefined) locations.set(lowered, location)
    return lowered
  } catch (error) {
    const document = uri === undefined ? 'inside the endpoint' : `"${uri}"`
    if (error instanceof MissingPort) {
      problems.push(
        problemAt(
          location,
          'message-failure',
          `every message to this endpoint fails: the WSDL ${document} cannot be used, ${error.message}`,
          undefined,
          'warning'
        )
      )
      return { ...settings, ...WITHOUT_ADDRESS }
    }
    if (!location?.damaged) {
      problems.push(
        problemAt(location, 'unusable-wsdl', `the WSDL ${document} cannot be used: ${(error as Error).message}`)
      )
    }
    return UNRESOLVED
  }
}
