import { Type, type Static } from '@sinclair/typebox'
import { byPriority } from '../../balancing/priorities.js'
import type { Member, MemberSource } from '../../contracts/discovery.js'
import { createReservingEndpoint } from '../../contracts/endpoint.js'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { endpoint } from '../../contracts/kind.js'
import { inSequence, READS_NOTHING } from '../../pipeline/read-depth.js'
import { readBalancingGroup, writeBalancingGroup } from '../settings/balancing-group-xml.js'
import { createLoadbalancer } from './create-loadbalancer.js'
import { requirementsOfEndpoint } from '../settings/endpoint-policies.js'
import { commonSettings, endpointSettings, type EndpointSettings } from '../settings/endpoint-settings.js'
import { readSettings, writeSettings } from '../settings/endpoint-settings-xml.js'
import { tlsMaterialOf } from '../settings/tls-settings.js'
import { balancingFields, DEFAULT_ALGORITHM, kindOf } from '../settings/group-settings.js'
import { healthCheckPolicyOf } from '../settings/health-check-settings.js'
import { createMember, ports, readPorts } from '../network/member.js'
import { MemberGenerations } from './member-generations.js'
import { memberProperty } from './member-properties.js'

const exact = { additionalProperties: false }
const Name = Type.String({ minLength: 1 })

const OWN_MEMBERSHIP =
  'write <membership dns="name" httpPort="…"/>, <membership srv="_http._tcp.name"/> ' +
  'or <membership file="members.json"/>'
const WEIGHT = 'loadbalance.weight'

const Membership = Type.Union([
  Type.Object({ dns: Name, ...ports, ...endpointSettings }, exact),
  Type.Object(
    {
      srv: Name,
      scheme: Type.Optional(Type.Union([Type.Literal('http'), Type.Literal('https')])),
      ...endpointSettings
    },
    exact
  ),
  Type.Object({ file: Name, ...endpointSettings }, exact)
])
type Membership = Static<typeof Membership>

/**
 * A loadbalance group whose members come and go. Each change begins a generation of the group, which keeps the state of
 * the one before: sessions, suspensions, messages in flight. A member that has left serves its sessions until they time
 * out.
 */
export const dynamicLoadbalance = endpoint({
  name: 'dynamicLoadbalance',
  aliases: ['dynamicLoadBalance'],
  description: 'A load-balance group whose members are found in DNS or in a file, and may change at any time.',
  fields: {
    ...commonSettings,
    ...balancingFields(),
    membership: describe(
      Membership,
      'Where its members are found: the addresses of a name, SRV records, or a JSON file.'
    )
  },
  read (element, reader) {
    const group = element.child('dynamicLoadbalance', 'dynamicLoadBalance')!
    const [membership, handler] = [group.child('membership'), group.child('membershipHandler')]
    if (handler) {
      reader.problem(
        handler.markHandled(),
        `the membership handler ${handler.attribute('class') ?? ''} is a Java class, and is not supported`,
        OWN_MEMBERSHIP
      )
    } else if (membership === undefined) reader.problem(group, 'a dynamic group needs a <membership>', OWN_MEMBERSHIP)
    return omitUndefined({
      ...readBalancingGroup(element, group, reader),
      membership:
        membership &&
        omitUndefined({
          dns: membership.attribute('dns')?.trim(),
          srv: membership.attribute('srv')?.trim(),
          scheme: membership.attribute('scheme')?.trim(),
          file: membership.attribute('file')?.trim(),
          ...readPorts(membership, reader),
          ...readSettings(membership, reader)
        })
    })
  },
  write: ({ membership, ...config }, writer) => {
    const tag = writeSettings('membership', { ...divideMembership(membership).source }, membership)
    return writeBalancingGroup('dynamicLoadbalance', config, [tag], writer)
  },
  reads: ({ session, membership }, of) => {
    const requirements = { ...READS_NOTHING, ...requirementsOfEndpoint(membership, of) }
    return session === undefined ? requirements : inSequence(of.session(session), requirements)
  },
  build (config, context) {
    const name = config.name ?? context.generatedName('dynamicLoadbalance')
    const { source, settings } = divideMembership(config.membership)
    if ('dns' in source && source.httpPort === undefined && source.httpsPort === undefined) {
      throw new Error('a membership by dns needs an httpPort, an httpsPort or both')
    }
    const affinity = config.session === undefined ? undefined : context.session(config.session)
    const property = memberProperty(config.properties ?? [])
    const tls = tlsMaterialOf(settings.tls, context)
    const group = new MemberGenerations(name, affinity?.policy.timeout ?? 0, context, (members, inner) =>
      createLoadbalancer(
        members.map(each => ({
          endpoint: createMember(omitUndefined({ ...addressOf(each), ...settings }), inner, tls),
          configuredName: undefined,
          property: key => (key === WEIGHT && each.weight !== undefined ? String(each.weight) : property(key))
        })),
        {
          ...config,
          healthCheck: healthCheckPolicyOf(config.healthCheck),
          name,
          affinity,
          algorithmKind: kindOf(config.algorithm ?? DEFAULT_ALGORITHM),
          sessionKind: kindOf(config.session),
          algorithm: byPriority(
            context.algorithm(config.algorithm ?? DEFAULT_ALGORITHM),
            members.map(({ priority = 0 }) => priority)
          )
        },
        inner
      )
    )
    context.watchMembers(source, members => group.change(members))
    return createReservingEndpoint(name, (...parameters) => group.current().reserve(...parameters))
  }
})

const addressOf = ({ hostName, httpPort, httpsPort }: Member) => ({ hostName, httpPort, httpsPort })

/** Divides a membership into where the members are found, and the settings of each of them. */
function divideMembership (membership: Membership): { source: MemberSource; settings: EndpointSettings } {
  if ('dns' in membership) {
    const { dns, httpPort, httpsPort, ...settings } = membership
    return { source: omitUndefined({ dns, httpPort, httpsPort }), settings }
  }
  if ('srv' in membership) {
    const { srv, scheme, ...settings } = membership
    return { source: omitUndefined({ srv, scheme }), settings }
  }
  const { file, ...settings } = membership
  return { source: { file }, settings }
}
