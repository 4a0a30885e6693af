import { Type } from '@sinclair/typebox'
import { uniqueNames } from '../../balancing/group-outcome.js'
import { reserveInOrder, type FailoverGroup } from '../../balancing/ordered-failover.js'
import { createReservingEndpoint, type Endpoint } from '../../contracts/endpoint.js'
import { describe, omitUndefined } from '../../contracts/fields.js'
import { endpoint } from '../../contracts/kind.js'
import { inSequence, READS_NOTHING } from '../../pipeline/read-depth.js'
import { statusesOf } from '../settings/attribute-values.js'
import { commonSettings } from '../settings/endpoint-settings.js'
import { readCommon, writeCommon } from '../settings/endpoint-settings-xml.js'
import { faultSubjectName } from '../settings/fault-subject-name.js'
import { healthCheckField, healthCheckPolicyOf } from '../settings/health-check-settings.js'
import { readHealthCheck, writeHealthCheck } from '../settings/health-check-xml.js'
import { failureStatusField, readMembers, writeMembers } from '../settings/group-settings.js'

/**
 * A group that prefers its first ready member. With `dynamic="false"` it stays at the member that it failed over to,
 * even when those before it are ready again; unlike in the engine also inside another group.
 * @see Apache Synapse, FailoverEndpoint
 */
export const failover = endpoint({
  name: 'failover',
  description: 'Sends to its first member; to the next while that is suspended.',
  fields: {
    ...commonSettings,
    dynamic: describe(
      Type.Optional(Type.Boolean({ default: true })),
      '`false`: stays at the member that served last, rather than returning to the first.'
    ),
    retry: describe(
      Type.Optional(Type.Literal('unsent')),
      '`unsent`: a message that a member may have received is not sent again.'
    ),
    failureStatus: failureStatusField(),
    healthCheck: healthCheckField('members that have no check of their own'),
    members: describe(Type.Array(Type.Ref('Endpoint'), { minItems: 1 }), 'In order of preference.')
  },
  read (element, reader) {
    const group = element.child('failover')!
    group.attribute('buildMessage')
    return omitUndefined({
      ...readCommon(element, reader),
      dynamic: reader.flag(group, 'dynamic', 'unlessNo'),
      retry: group.attribute('retry'),
      failureStatus: statusesOf(group, reader),
      healthCheck: readHealthCheck(group, reader),
      members: readMembers(group, reader)
    })
  },
  write: ({ dynamic, retry, failureStatus, healthCheck, members, ...config }, writer) => [
    ...writeCommon(config),
    [
      'failover',
      { dynamic, retry, failureStatus: failureStatus?.join(' ') },
      writeHealthCheck(healthCheck),
      ...writeMembers(members, writer)
    ]
  ],
  reads: ({ members }, of) => members.map(of.endpoint).reduce(inSequence, READS_NOTHING),
  build ({ name: configuredName, dynamic = true, retry, failureStatus, healthCheck, members: configs }, context) {
    const members = configs.map(context.endpoint)
    const preferredName = configuredName ?? context.generatedName('failover')
    const settings = { healthCheck: healthCheckPolicyOf(healthCheck) }
    const { group: { name }, load } = context.lease.group(preferredName, 'failover', uniqueNames(members), settings)
    const subjectName = faultSubjectName(configuredName, context)
    const group: FailoverGroup = {
      members,
      load,
      subject: () => `Failover endpoint : ${subjectName()}`,
      options: { retry, failureStatus }
    }
    return dynamic ? preferFirst(name, group) : stayAtCurrent(name, group)
  }
})

const preferFirst = (name: string, group: FailoverGroup): Endpoint =>
  createReservingEndpoint(name, (message, _bound, delivery) =>
    reserveInOrder(group, group.members.keys(), message, delivery)
  )

function stayAtCurrent (name: string, group: FailoverGroup): Endpoint {
  let current = 0
  function * startingAt (first: number): Generator<number> {
    yield first
    for (const member of group.members.keys()) if (member !== first) yield member
  }
  return createReservingEndpoint(name, (message, _bound, delivery) => {
    let first = current
    return reserveInOrder(group, startingAt(first), message, delivery, member => {
      // A message that began at an earlier member does not move the others back.
      if (current === first) current = first = member
    })
  })
}
