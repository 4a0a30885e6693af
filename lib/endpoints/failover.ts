import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { type Delivery, type Flow, type Outcome, newDelivery } from '../contracts/flow.js'
import { unsentOnly } from '../balancing/unsent-only.js'
import { uniqueNames, tryInOrder } from '../balancing/try-in-order.js'
import { endpoint } from '../contracts/kind.js'
import { createEndpoint } from '../contracts/endpoint.js'
import type { Message } from '../message/message.js'
import { inSequence, READS_NOTHING } from '../pipeline/read-depth.js'
import { faultSubjectName } from './fault-subject-name.js'
import { commonSettings } from './endpoint-settings.js'
import { readCommon, writeCommon } from './endpoint-settings-xml.js'
import { readMembers, writeMembers } from './group-settings.js'

/**
 * The first member that answers. With `dynamic="false"` the one that was asked last comes first, even when those
 * before it are back
 * (Apache Synapse, FailoverEndpoint; other than there also inside another group).
 */
export const failover = endpoint({
  name: 'failover',
  description: 'Sends to its first member; to the next while that is suspended.',
  fields: {
    ...commonSettings,
    dynamic: describe(
      Type.Optional(Type.Boolean({ default: true })),
      '`false`: goes on with whom served last, not with the first.'
    ),
    retry: describe(
      Type.Optional(Type.Literal('unsent')),
      '`unsent`: nothing is sent again that a member may have got.'
    ),
    members: describe(Type.Array(Type.Ref('Endpoint'), { minItems: 1 }), 'In order of preference.')
  },
  read (element, reader) {
    const group = element.child('failover')!
    group.attribute('buildMessage')
    return omitUndefined({
      ...readCommon(element, reader),
      dynamic: reader.flag(group, 'dynamic'),
      retry: group.attribute('retry'),
      members: readMembers(group, reader)
    })
  },
  write: ({ dynamic, retry, members, ...config }, writer) => [
    ...writeCommon(config),
    ['failover', { dynamic, retry }, ...writeMembers(members, writer)]
  ],
  reads: ({ members }, of) => members.map(of.endpoint).reduce(inSequence, READS_NOTHING),
  build ({ name: given, dynamic = true, retry, members: configs }, tools) {
    const built = configs.map(tools.endpoint)
    const members = retry === 'unsent' ? built.map(unsentOnly) : built
    const {
      group: { name }
    } = tools.lease.group(given ?? tools.generatedName('failover'), 'failover', uniqueNames(members))
    const rules = { retry }
    const called = faultSubjectName(given, tools)
    const inFaults = (): string => `Failover endpoint : ${called()}`
    if (dynamic) {
      return createEndpoint(name, (message, _bound, delivery = newDelivery()) =>
        tryInOrder(inFaults, members.keys(), member => members[member]!(message, false, delivery), rules)
      )
    }

    let current = 0
    function * from (first: number): Generator<number> {
      yield first
      for (const member of members.keys()) if (member !== first) yield member
    }
    /** Only a message that began where the others are now takes them along: a late one does not turn them back. */
    function * tryAt (member: number, message: Message, delivery: Delivery, search: { begin: number }): Flow<Outcome> {
      const outcome = yield * members[member]!(message, false, delivery)
      if (outcome.kind !== 'refused' && outcome.kind !== 'discarded' && current === search.begin) {
        current = search.begin = member
      }
      return outcome
    }
    return createEndpoint(name, (message, _bound, delivery = newDelivery()) => {
      const search = { begin: current }
      return tryInOrder(inFaults, from(current), member => tryAt(member, message, delivery, search), rules)
    })
  }
})
