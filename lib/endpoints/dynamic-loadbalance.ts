import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import type { Flow, Outcome } from '../contracts/flow.js'
import { noneReady } from '../balancing/try-in-order.js'
import { endpoint } from '../contracts/kind.js'
import { createEndpoint, type Endpoint } from '../contracts/endpoint.js'
import type { BuildContext } from '../contracts/build-context.js'
import { inSequence, READS_NOTHING } from '../pipeline/read-depth.js'
import { hostPort, type Member } from '../contracts/discovery.js'
import { byPriority } from '../balancing/member-order.js'
import { commonSettings, endpointSettings } from './endpoint-settings.js'
import { requirementsOfEndpoint } from './endpoint-policies.js'
import { readCommon, readSettings, writeCommon, writeSettings } from './endpoint-settings-xml.js'
import { loadbalance } from './loadbalance.js'
import { member, ports, readPorts } from './member.js'
import { balancingFields, readSlowStart } from './group-settings.js'

const exact = { additionalProperties: false }
const Name = Type.String({ minLength: 1 })

const OWN_MEMBERSHIP =
  'write <membership dns="name" httpPort="…"/>, <membership srv="_http._tcp.name"/> ' +
        'or <membership file="members.json"/>'
/** How many members that have left may still serve their sessions. */
const MAX_LEAVING = 1000
/** How long they may where a session has no time of its own (Synapse: SALSessions). */
const SESSION = 120_000

/**
 * A load-balance group whose members come and go. Each change makes a new generation of the group, that goes on with
 * the state of the one
 * before: sessions, suspensions, messages in flight. A member that has left serves the sessions that it has for as
 * long as one lasts.
 */
export const dynamicLoadbalance = endpoint({
  name: 'dynamicLoadbalance',
  aliases: ['dynamicLoadBalance'],
  description: 'A load-balance group whose members are found in DNS or in a file, and may change at any time.',
  fields: {
    ...commonSettings,
    ...balancingFields(),
    membership: describe(
      Type.Union([
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
      ]),
      'Where its members are found: the addresses of a name, SRV records, or a JSON file.'
    )
  },
  read (element, reader) {
    const group = element.child('dynamicLoadbalance', 'dynamicLoadBalance')!
    const [place, handler, session] = [
      group.child('membership'),
      group.child('membershipHandler'),
      element.child('session')
    ]
    if (handler) {
      reader.problem(
        handler.markHandled(),
        `the membership handler ${handler.attribute('class') ?? ''} is a Java class, and is not supported`,
        OWN_MEMBERSHIP
      )
    } else if (place === undefined) reader.problem(group, 'a dynamic group needs a <membership>', OWN_MEMBERSHIP)
    return omitUndefined({
      ...readCommon(element, reader),
      algorithm: reader.algorithm(group),
      session: session && reader.session(session),
      failover: reader.flag(group, 'failover'),
      retry: group.attribute('retry'),
      slowStart: readSlowStart(group, reader),
      membership:
        place &&
        omitUndefined({
          dns: place.attribute('dns')?.trim(),
          srv: place.attribute('srv')?.trim(),
          scheme: place.attribute('scheme')?.trim(),
          file: place.attribute('file')?.trim(),
          ...readPorts(place, reader),
          ...readSettings(place, reader)
        })
    })
  },
  write: ({ algorithm, session, failover, retry, slowStart, membership: { ...settings }, ...config }, writer) => [
    ...writeCommon(config),
    session === undefined ? undefined : writer.session(session),
    [
      'dynamicLoadbalance',
      { ...writer.algorithm(algorithm), failover, retry, slowStart },
      writeSettings('membership', sourceOf(settings), settings)
    ]
  ],
  reads: ({ session, membership }, of) => {
    const needs = { ...READS_NOTHING, ...requirementsOfEndpoint(membership) }
    return session === undefined ? needs : inSequence(of.session(session), needs)
  },
  build (config, tools) {
    const called = config.name ?? tools.generatedName('dynamicLoadbalance')
    const {
      membership: { ...settings },
      session
    } = config
    const place = sourceOf(settings)
    if ('dns' in place && place['httpPort'] === undefined && place['httpsPort'] === undefined) {
      throw new Error('a membership by dns needs an httpPort, an httpsPort or both')
    }
    const style = Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in place)))
    const lifetime = session === undefined ? 0 : ((session as { sessionTimeout?: number }).sessionTimeout ?? SESSION)
    const generations = generationsOfMembers(called, lifetime, tools, (members, inner) =>
      loadbalance.build(
        {
          ...omitUndefined({
            algorithm: config.algorithm,
            session,
            failover: config.failover,
            retry: config.retry,
            slowStart: config.slowStart,
            properties: config.properties
          }),
          name: called,
          members: members.map(({ priority, weight, ...place }) => ({
            kind: 'member',
            ...place,
            ...style,
            ...(weight !== undefined && { properties: [{ name: 'loadbalance.weight', value: String(weight) }] })
          }))
        } as never,
        inner
      )
    )
    tools.watchMembers(place as never, generations.change)
    return createEndpoint(called, (message, bound, delivery) => generations.current()(message, bound, delivery))
  }
})

const sourceOf = ({ dns, srv, scheme, file, httpPort, httpsPort }: Record<string, any>) =>
  omitUndefined({ dns, srv, scheme, file, httpPort, httpsPort })

const nameOf = ({ hostName, httpPort, httpsPort }: Member): string =>
  `${hostName} ${httpPort ?? ''} ${httpsPort ?? ''}`

/**
 * Builds a group anew whenever its members change. The claim of one generation ends when that of the next has begun,
 * so that what both name stays.
 */
function generationsOfMembers (
  called: string,
  lifetime: number,
  tools: BuildContext,
  build: (members: readonly Member[], inner: BuildContext) => Endpoint
): { current: () => Endpoint; change: (members: readonly Member[]) => void } {
  const nobody = createEndpoint(called, function * (): Flow<Outcome> {
    return noneReady(`Loadbalance endpoint : ${called}`)
  })
  let group: Endpoint = nobody
  let claim = tools.lease.inner()
  let present: readonly Member[] = []
  /** Who has left, and until when they serve their sessions. */
  let leaving = new Map<string, { readonly member: Member; readonly until: number }>()
  let soonest = Infinity

  function change (members: readonly Member[]): void {
    const now = tools.now()
    const names = new Set(members.map(nameOf))
    const back = [...leaving].filter(([name]) => names.has(name)).map(([, { member }]) => member)
    const gone = lifetime === 0 ? [] : present.filter(member => !names.has(nameOf(member)))
    leaving = new Map(
      [...leaving, ...gone.map(member => [nameOf(member), { member, until: now + lifetime }] as const)]
        .filter(([name, { until }]) => until > now && !names.has(name))
        .slice(-MAX_LEAVING)
    )
    soonest = Math.min(...[...leaving.values()].map(({ until }) => until))
    present = members

    const all = [...members, ...[...leaving.values()].map(({ member }) => member)]
    const next = tools.lease.inner()
    const inner: BuildContext = {
      ...tools,
      lease: next,
      generatedName: what => `${called} ${what}`,
      endpoint: config => member.build(config as never, inner),
      algorithm: config =>
        byPriority(
          tools.algorithm(config),
          all.map(({ priority = 0 }) => priority)
        )
    }
    group = all.length === 0 ? nobody : build(all, inner)
    next.commit()
    tools.registry.release(claim)
    claim = next
    for (const each of back) signal(each, 'on')
    for (const each of gone) signal(each, 'drain')
  }

  /** Only what was draining since it left is switched on when it comes back. */
  function signal (each: Member, kind: 'on' | 'drain'): void {
    const leaf = tools.registry.endpoints.get(`${called} ${hostPort(each)}`)
    if (leaf !== undefined && (kind === 'drain' || leaf.health.state === 'draining')) {
      tools.registry.signal(leaf, { kind })
    }
  }

  return {
    change,
    current () {
      if (tools.now() >= soonest) change(present)
      return group
    }
  }
}
