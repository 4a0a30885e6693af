import { Type } from '@sinclair/typebox'
import { told } from '../contracts/fields.js'
import type { Flow, Outcome } from '../contracts/flow.js'
import { distinct, inTurn } from '../balancing/try-in-order.js'
import { endpoint, named, present } from '../contracts/kind.js'
import type { Message } from '../message/message.js'
import { after, NO_NEEDS } from '../pipeline/read-depth.js'
import { calledInFaults, common, readCommon, writeCommon } from './endpoint-settings.js'
import { readMembers, writeMembers } from './group-settings.js'

/**
 * The first member that answers. With `dynamic="false"` the one that was asked last comes first, even when those before it are back
 * (Apache Synapse, FailoverEndpoint; other than there also inside another group).
 */
export const failover = endpoint({
  name: 'failover',
  about: 'Sends to its first member; to the next while that is suspended.',
  fields: { ...common, dynamic: told(Type.Optional(Type.Boolean({ default: true })), '`false`: goes on with whom served last, not with the first.'), retry: told(Type.Optional(Type.Literal('unsent')), '`unsent`: nothing is sent again that a member may have got.'), members: told(Type.Array(Type.Ref('Endpoint'), { minItems: 1 }), 'In order of preference.') },
  read (element, reader) {
    const group = element.child('failover')!
    group.attribute('buildMessage')
    return present({
      ...readCommon(element, reader),
      dynamic: reader.flag(group, 'dynamic'),
      retry: group.attribute('retry'),
      members: readMembers(group, reader)
    })
  },
  write: ({ dynamic, retry, members, ...config }, writer) => [...writeCommon(config), ['failover', { dynamic, retry }, ...writeMembers(members, writer)]],
  needs: ({ members }, of) => members.map(of.endpoint).reduce(after, NO_NEEDS),
  build ({ name: given, dynamic = true, retry, members: configs }, tools) {
    const members = configs.map(tools.endpoint)
    const { group: { name } } = tools.claim.group(given ?? tools.nameFor('failover'), 'failover', distinct(members))
    const rules = { retry }
    const called = calledInFaults(given, tools)
    const inFaults = (): string => `Failover endpoint : ${called()}`
    if (dynamic) return named(name, message => inTurn(inFaults, members.keys(), member => members[member]!(message), rules))

    let current = 0
    function * from (first: number): Generator<number> {
      yield first
      for (const member of members.keys()) if (member !== first) yield member
    }
    /** Only a message that began where the others are now takes them along: a late one does not turn them back. */
    function * tryAt (member: number, message: Message, search: { begin: number }): Flow<Outcome> {
      const outcome = yield * members[member]!(message)
      if (outcome.kind !== 'refused' && current === search.begin) current = search.begin = member
      return outcome
    }
    return named(name, message => {
      const search = { begin: current }
      return inTurn(inFaults, from(current), member => tryAt(member, message, search), rules)
    })
  }
})
