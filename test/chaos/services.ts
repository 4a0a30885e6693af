import { NAMES_SESSIONS } from './back-end.js'

/** A proxy service of the gateway, as far as what it promises. */
export interface Service {
  readonly name: string
  /**
   * Who names its sessions, if it has any. `client`: in a SOAP header; `server`: in a cookie; `gateway`: in a cookie
   * of its own.
   */
  readonly sessions?: 'client' | 'server' | 'gateway'
  /** A message that a back-end may have taken is never sent again. */
  readonly once?: true
  /** Which back-ends are one place: a session may move inside one, never to another. */
  readonly places: readonly (readonly number[])[]
}

/** The service whose members are found by a name. */
export const DISCOVERED = 'Discovered'
/** That name. */
export const MEMBERS_NAME = 'members.example'

/** How long an unused session lasts, in milliseconds. */
export const SESSION = 4_000
/** The longest suspension. */
export const SUSPENSION = 1_200

/** For at least three back-ends. @param discovers whether there is a name server, and one port of all back-ends */
export function servicesFor (members: number, discovers = true): Service[] {
  const each = Array.from({ length: members }, (_, number) => [number])
  const pairs = Array.from({ length: Math.ceil(members / 2) }, (_, pair) =>
    [2 * pair, 2 * pair + 1].filter(number => number < members)
  )
  return [
    { name: 'Rotation', places: each },
    { name: 'Once', once: true, places: each },
    { name: 'Affinity', sessions: 'client', places: pairs },
    { name: NAMES_SESSIONS, sessions: 'server', places: each },
    { name: 'Carried', sessions: 'gateway', places: each },
    ...(discovers ? [{ name: DISCOVERED, places: each }] : [])
  ]
}

export const endpointName = (service: string, member: number): string => `${service}-b${member}`

/** The same for an endpoint that was found by its name, which has its address in its name. */
export const knownName = (endpoint: string): string =>
  endpoint.replace(/^(\w+)-group 127\.0\.1\.(\d+):\d+$/, (_, service: string, host: string) =>
    endpointName(service, Number(host) - 1))

/** The configuration of the gateway. @param patience how long a back-end may take for an answer, in milliseconds */
export function configurationFor (services: readonly Service[], origins: readonly string[], patience: number): string {
  return `<definitions xmlns="http://ws.apache.org/ns/synapse">
${services.map(service => proxy(service, origins, patience)).join('\n')}
  <sequence name="told">
    <makefault version="soap12">
      <code value="soap:Receiver" xmlns:soap="http://www.w3.org/2003/05/soap-envelope"/>
      <reason expression="get-property('ERROR_CODE')"/>
    </makefault>
    <respond/>
  </sequence>
</definitions>`
}

const SESSION_KINDS = {
  client: 'type="simpleClientSession"',
  server: 'type="http"',
  gateway: 'type="cookie" keys="a-key-for-the-tests-that-is-long-enough"'
}

function proxy (service: Service, origins: readonly string[], patience: number): string {
  const { name, sessions, once, places } = service
  const timeout = `<timeout><duration>${patience}</duration><responseAction>fault</responseAction></timeout>`
  if (name === DISCOVERED) return discovered(origins[0]!, timeout)
  const address = (member: number): string => `
          <endpoint name="${endpointName(name, member)}">
            <address uri="${origins[member]}/orders">
              ${sessions === 'client' ? '<enableAddressing/>' : ''}
              ${timeout}
              ${once ? '<markForSuspension><retriesBeforeSuspension>1</retriesBeforeSuspension><retryDelay>100</retryDelay></markForSuspension>' : ''}
              <suspendOnFailure><initialDuration>300</initialDuration><progressionFactor>2</progressionFactor><maximumDuration>${SUSPENSION}</maximumDuration></suspendOnFailure>
            </address>
          </endpoint>`
  const members = places.map((place, number) => place.length === 1
    ? address(place[0]!)
    : `<endpoint name="${name}-place${number}"><failover>${place.map(address).join('')}</failover></endpoint>`)
  return `  <proxy name="${name}" transports="http">
    <target${sessions === 'client' ? ' faultSequence="told"' : ''}>
      <endpoint name="${name}-group">
        ${sessions === undefined ? '' : `<session ${SESSION_KINDS[sessions]}><sessionTimeout>${SESSION}</sessionTimeout></session>`}
        <loadbalance${once ? ' retry="unsent"' : ''}>${members.join('')}
        </loadbalance>
      </endpoint>
    </target>
  </proxy>`
}

const discovered = (origin: string, timeout: string): string => `  <proxy name="${DISCOVERED}" transports="http">
    <target>
      <endpoint name="${DISCOVERED}-group">
        <dynamicLoadbalance>
          <membership dns="${MEMBERS_NAME}" httpPort="${new URL(origin).port}">${timeout}</membership>
        </dynamicLoadbalance>
      </endpoint>
    </target>
  </proxy>`
