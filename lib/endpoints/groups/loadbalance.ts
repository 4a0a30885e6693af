import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { endpoint } from '../../contracts/kind.js'
import { inSequence, READS_NOTHING } from '../../pipeline/read-depth.js'
import { readBalancingGroup, writeBalancingGroup } from '../settings/balancing-group-xml.js'
import { createLoadbalancer } from './create-loadbalancer.js'
import { commonSettings } from '../settings/endpoint-settings.js'
import {
  balancingFields,
  DEFAULT_ALGORITHM,
  readMembers,
  kindOf,
  writeMembers
} from '../settings/group-settings.js'
import { healthCheckPolicyOf } from '../settings/health-check-settings.js'
import { memberProperty, type Property } from './member-properties.js'

/** Spreads messages over its members; with a session, keeps a client at the member that first served it. */
export const loadbalance = endpoint({
  name: 'loadbalance',
  aliases: ['loadBalance'],
  description:
    'Spreads messages over its members; with a session, a client stays at the member that first served it.',
  fields: {
    ...commonSettings,
    ...balancingFields(),
    members: describe(Type.Array(Type.Ref('Endpoint'), { minItems: 1 }), 'The endpoints that it chooses from.')
  },
  read (element, reader) {
    const group = element.child('loadbalance', 'loadBalance')!
    if (group.name === 'loadBalance') {
      reader.hint(
        group,
        '<loadBalance> is read as <loadbalance>',
        'the real engines know the spelling <loadbalance> only'
      )
    }
    group.attribute('buildMessage')
    const balancing = readBalancingGroup(element, group, reader)
    if (element.child('session') !== undefined && balancing.failover !== undefined) {
      reader.hint(
        group,
        'failover has no effect in a group with sessions',
        'the first message of a session fails over, later ones do not'
      )
    }
    return omitUndefined({ ...balancing, members: readMembers(group, reader) })
  },
  write: ({ members, ...config }, writer) =>
    writeBalancingGroup('loadbalance', config, writeMembers(members, writer), writer),
  reads: ({ members, session }, of) => {
    const requirements = members.map(of.endpoint).reduce(inSequence, READS_NOTHING)
    return session === undefined ? requirements : inSequence(of.session(session), requirements)
  },
  build (config, context) {
    const endpoints = config.members.map(context.endpoint)
    const members = endpoints.map((endpoint, member) => {
      const { name, key, properties } = config.members[member] as MemberSettings
      return {
        endpoint,
        configuredName: name ?? key,
        property: memberProperty([...(config.properties ?? []), ...(properties ?? [])])
      }
    })
    return createLoadbalancer(
      members,
      {
        ...config,
        healthCheck: healthCheckPolicyOf(config.healthCheck),
        algorithm: context.algorithm(config.algorithm ?? DEFAULT_ALGORITHM),
        affinity: config.session === undefined ? undefined : context.session(config.session),
        algorithmKind: kindOf(config.algorithm ?? DEFAULT_ALGORITHM),
        sessionKind: kindOf(config.session)
      },
      context
    )
  }
})

/** What a group reads of the configuration of a member. */
interface MemberSettings {
  readonly name?: string
  readonly key?: string
  readonly properties?: readonly Property[]
}
