import { Type } from '@sinclair/typebox'
import { fault } from '../fault.js'
import type { Flow, Outcome } from '../flow.js'
import { inTurn } from '../group.js'
import { endpoint, named, present, type Endpoint } from '../kind.js'
import { after, NO_NEEDS } from '../needs.js'
import type { Message } from '../message.js'
import { common, readCommon, writeCommon } from './definition.js'

/** Spreads messages over its members; with a session, keeps a client at the member that first served it. */
export const loadbalance = endpoint({
  name: 'loadbalance',
  aliases: ['loadBalance'],
  about: 'Spreads messages over its members; with a session, a client stays at the member that first served it.',
  fields: {
    ...common,
    algorithm: Type.Optional(Type.Ref('Algorithm')),
    session: Type.Optional(Type.Ref('Session')),
    failover: Type.Optional(Type.Boolean({ default: true })),
    members: Type.Array(Type.Ref('Endpoint'), { minItems: 1 })
  },
  read (element, reader) {
    const group = element.child('loadbalance', 'loadBalance')!
    if (group.name === 'loadBalance') reader.hint(group, '<loadBalance> is read as <loadbalance>', 'the real engines know the spelling <loadbalance> only')
    const session = element.child('session')
    const failover = reader.flag(group, 'failover')
    if (session && failover !== undefined) reader.hint(group, 'failover has no effect in a group with sessions', 'the first message of a session fails over, later ones do not')
    group.attribute('buildMessage')
    const members = group.all('endpoint')
    const plain = group.all('member')
    if (members.length > 0 && plain.length > 0) reader.problem(group, 'a group has either endpoints or members, not both')
    return present({
      ...readCommon(element, reader),
      algorithm: reader.algorithm(group),
      session: session && reader.session(session),
      failover,
      members: members.map(reader.endpoint)
    })
  },
  write: ({ algorithm, session, failover, members, ...config }, writer) => [
    ...writeCommon(config),
    session === undefined ? undefined : writer.session(session),
    ['loadbalance', { ...writer.algorithm(algorithm), failover }, ...members.map(writer.endpoint)]
  ],
  needs: ({ members, session }, of) => {
    const needs = members.map(of.endpoint).reduce(after, NO_NEEDS)
    return session === undefined ? needs : after(of.session(session), needs)
  },
  build (config, tools) {
    const { session, failover = true } = config
    const called = config.name ?? tools.nameFor('loadbalance')
    const members = config.members.map(tools.endpoint)
    const order = tools.algorithm(config.algorithm ?? { kind: 'roundRobin' })(config.members.map(member => weightOf(member) ?? weightOf(config) ?? 1))
    const load = members.map(() => 0)
    const counted = members.map((member, index) => counting(member, load, index))
    const names = members.map(member => member.called)
    if (session === undefined) {
      tools.claim.group(called, 'loadbalance', names)
      return named(called, message => inTurn(called, counted, order(load, undefined), message, failover))
    }

    const { policy, find, learn, forget, onLost } = tools.session(session)
    const { group, numbers } = tools.claim.group(called, 'loadbalance', names, policy)
    const table = group.sessions!
    const at = (number: number | undefined): number => number === undefined ? -1 : numbers.indexOf(number)

    return named(called, function * sticky (message): Flow<Outcome> {
      const id = find(message)
      let bound = id === undefined ? -1 : at(yield { kind: 'recall', table, id })
      for (let tries = 0; bound >= 0 && tries < members.length; tries++) {
        const outcome = yield * counted[bound]!(message, true)
        if (outcome.kind === 'answered') return outcome
        // Another message of this session may have found, meanwhile, that its member is gone, and bound it anew.
        const now = at(yield { kind: 'recall', table, id: id! })
        if (now === bound || now < 0 || (outcome.kind === 'failed' && outcome.retry === 'nowhere')) {
          if (onLost === 'redispatch' && (outcome.kind === 'refused' || outcome.retry !== 'nowhere')) break
          return strict(called, outcome)
        }
        bound = now
      }
      return yield * first(message, id)
    })

    /** A session without a member: whoever serves its first message keeps it. Bound at once where the client names it, else by the answer. */
    function * first (message: Message, id: string | undefined): Flow<Outcome> {
      const serverNames = learn !== undefined
      const asked = serverNames && id !== undefined && forget ? forget(message) : message
      let server = -1
      let last: Outcome | undefined
      for (server of order(load, id)) {
        if (!serverNames && id !== undefined) yield { kind: 'bind', table, id, member: numbers[server]! }
        const outcome = yield * inTurn(called, counted, [server], asked)
        if (outcome.kind === 'answered') {
          const given = learn?.(outcome.message)
          if (given !== undefined) yield { kind: 'bind', table, id: given, member: numbers[server]! }
          return outcome
        }
        if (outcome.kind === 'failed') {
          last = outcome
          if (outcome.retry === 'nowhere') break
        }
      }
      if (!serverNames && id !== undefined) yield { kind: 'bind', table, id, member: -1 }
      return last ?? { kind: 'refused', fault: fault('NONE_READY', `${called}: no ready child endpoints`) }
    }
  }
})

const counting = (member: Endpoint, load: number[], index: number): Endpoint =>
  named(member.called, function * (message, bound) {
    load[index]!++
    try { return yield * member(message, bound) } finally { load[index]!-- }
  })

/** A session does not move: the fault says why, and the binding stays, since its member may come back (Synapse: SALoadbalanceEndpoint). */
const strict = (called: string, outcome: Exclude<Outcome, { kind: 'answered' }>): Outcome => outcome.kind === 'refused'
  ? { kind: 'refused', fault: fault('SESSION_NOT_READY', `${called}: the endpoint of this session is not ready`) }
  : { ...outcome, retry: 'nowhere' }

const weightOf = (config: unknown): number | undefined => {
  const value = (config as { properties?: { name: string, value?: string }[] }).properties?.find(({ name }) => name === 'loadbalance.weight')?.value
  return value === undefined ? undefined : Number(value)
}
