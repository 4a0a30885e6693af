import { COOKIE_SERVICE } from './back-end.js'

/** A proxy service of the gateway, with the settings that the rules depend on. */
export interface Service {
  readonly name: string
  /**
   * What names its sessions. `client`: a SOAP header of the client; `server`: a cookie of the back-end; `gateway`: a
   * cookie of the gateway. Default: it has no sessions
   */
  readonly sessions?: 'client' | 'server' | 'gateway'
  /** Whether a message that a back-end may have received is never sent again. */
  readonly unsentOnly?: true
  /** The members of the group: back-ends of one place are a failover group, inside which a session may move. */
  readonly places: readonly (readonly number[])[]
}

/** The service whose members are discovered. */
export const DISCOVERED_SERVICE = 'Discovered'
/** The name that its members are discovered by. */
export const MEMBERS_NAME = 'members.example'

/** The session timeout, in milliseconds. */
export const SESSION_TIMEOUT_MS = 4_000
/** The longest suspension, in milliseconds. */
export const MAX_SUSPENSION_MS = 1_200

/** The services for at least three back-ends. @param discovers whether all back-ends have one port and a name server */
export function servicesFor (members: number, discovers = true): Service[] {
  const each = Array.from({ length: members }, (_, number) => [number])
  const pairs = Array.from({ length: Math.ceil(members / 2) }, (_, pair) =>
    [2 * pair, 2 * pair + 1].filter(number => number < members)
  )
  return [
    { name: 'Rotation', places: each },
    { name: 'Once', unsentOnly: true, places: each },
    { name: 'Affinity', sessions: 'client', places: pairs },
    { name: COOKIE_SERVICE, sessions: 'server', places: each },
    { name: 'Carried', sessions: 'gateway', places: each },
    ...(discovers ? [{ name: DISCOVERED_SERVICE, places: each }] : [])
  ]
}

export const endpointName = (service: string, member: number): string => `${service}-b${member}`

/** The endpoint name of a discovered endpoint, whose name in the gateway contains its address. */
export const knownName = (endpoint: string): string =>
  endpoint.replace(/^(\w+)-group 127\.0\.1\.(\d+):\d+$/, (_, service: string, host: string) =>
    endpointName(service, Number(host) - 1))

/** The configuration of the gateway. @param responseTimeout the response timeout, in milliseconds */
export function configurationFor (
  services: readonly Service[],
  origins: readonly string[],
  responseTimeout: number
): string {
  return `<definitions xmlns="http://ws.apache.org/ns/synapse">
${services.map(service => proxy(service, origins, responseTimeout)).join('\n')}
  <sequence name="fault-with-code">
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

function proxy (service: Service, origins: readonly string[], responseTimeout: number): string {
  const { name, sessions, unsentOnly: once, places } = service
  const timeout = `<timeout><duration>${responseTimeout}</duration><responseAction>fault</responseAction></timeout>`
  if (name === DISCOVERED_SERVICE) return discovered(origins[0]!, timeout)
  const address = (member: number): string => `
          <endpoint name="${endpointName(name, member)}">
            <address uri="${origins[member]}/orders">
              ${sessions === 'client' ? '<enableAddressing/>' : ''}
              ${timeout}
              ${once ? '<markForSuspension><retriesBeforeSuspension>1</retriesBeforeSuspension><retryDelay>100</retryDelay></markForSuspension>' : ''}
              <suspendOnFailure><initialDuration>300</initialDuration><progressionFactor>2</progressionFactor><maximumDuration>${MAX_SUSPENSION_MS}</maximumDuration></suspendOnFailure>
            </address>
          </endpoint>`
  const members = places.map((place, number) => place.length === 1
    ? address(place[0]!)
    : `<endpoint name="${name}-place${number}"><failover>${place.map(address).join('')}</failover></endpoint>`)
  return `  <proxy name="${name}" transports="http">
    <target${sessions === 'client' ? ' faultSequence="fault-with-code"' : ''}>
      <endpoint name="${name}-group">
        ${sessions === undefined ? '' : `<session ${SESSION_KINDS[sessions]}><sessionTimeout>${SESSION_TIMEOUT_MS}</sessionTimeout></session>`}
        <loadbalance${once ? ' retry="unsent"' : ''}>${members.join('')}
        </loadbalance>
      </endpoint>
    </target>
  </proxy>`
}

const discovered = (origin: string, timeout: string): string => `  <proxy name="${DISCOVERED_SERVICE}" transports="http">
    <target>
      <endpoint name="${DISCOVERED_SERVICE}-group">
        <dynamicLoadbalance>
          <membership dns="${MEMBERS_NAME}" httpPort="${new URL(origin).port}">${timeout}</membership>
        </dynamicLoadbalance>
      </endpoint>
    </target>
  </proxy>`
