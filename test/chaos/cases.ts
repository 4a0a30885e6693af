import { setTimeout as pause } from 'node:timers/promises'
import { nameServer } from '../support/http/dns-server.js'
import type { CaseClients, CaseReply } from './case-clients.js'
import { SUSPENSION_MS } from './case-gateways.js'
import { POISON, type CaseMember } from './case-member.js'
import type { GatewayOptions } from './gateway.js'

/** What a case runs with. */
export interface CaseSetup {
  readonly members: readonly CaseMember[]
  readonly clients: CaseClients
  /** Lines of our gateway's log at level error or above, so far. */
  readonly errorLines: readonly string[]
  /** How long faults last, in milliseconds. */
  readonly faultDuration: number
}

/** The result of a case. */
export interface CaseResult {
  readonly requests: number
  /** Requests without a response of a back-end; those that had to fail are not counted. */
  readonly failed: number
  /** How often a member was taken out of rotation. */
  readonly takenOut: number
  /** Milliseconds from the end of the fault to the next request at the member that had it. */
  readonly backAfter: number | undefined
  /** The slowest reply, in milliseconds. */
  readonly slowest: number
  /** Requests that make every back-end close its connection. */
  readonly poisonous: number
  /** How long a client may wait for its reply, in milliseconds. */
  readonly longestWait: number
}

/** One fault, and what must hold under it. */
export interface Case {
  readonly name: string
  readonly what: string
  /** Configures our gateway. Default: a loadbalance group */
  readonly prepare?: (
    members: readonly CaseMember[],
    teardown: (call: () => void) => void
  ) => Promise<{ readonly group?: string; readonly options?: GatewayOptions }>
  /** Why it runs against our gateway only. Default: it runs against all */
  readonly oursOnly?: string
  /** A command that it needs. */
  readonly needs?: string
  /** Runs it. Resolves with the instant at which the fault ended. */
  readonly run: (setup: CaseSetup) => Promise<number | undefined>
  /** The promises that our gateway broke. */
  readonly violations: (result: CaseResult) => string[]
}

const CLIENTS = 8
/** Milliseconds between the requests of one client. */
const GAP = 15
/** How late processes of a busy machine may run, in milliseconds. */
const MACHINE_LAG_MS = 4_000

/** The status of a reply whose connection ended without a response. */
const NO_RESPONSE = 0
const SHORTAGE_LINE = /no socket left.*no endpoint is suspended/

const failedOf = ({ path, status }: CaseReply): boolean => path !== POISON && (status === NO_RESPONSE || status >= 500)
export const resultOf = (
  replies: readonly CaseReply[],
  takenOut: number,
  member: CaseMember,
  healed: number | undefined,
  longestWait: number
): CaseResult => {
  const back = healed === undefined ? undefined : member.received.find(at => at >= healed)
  return {
    requests: replies.length,
    failed: replies.filter(failedOf).length,
    takenOut,
    backAfter: back === undefined || healed === undefined ? undefined : back - healed,
    slowest: replies.reduce((most, { sent, ended }) => Math.max(most, ended - sent), 0),
    poisonous: replies.filter(({ path }) => path === POISON).length,
    longestWait
  }
}

const none = (what: string, count: number): string[] => (count === 0 ? [] : [`${what}: ${count}`])
const isBack = ({ backAfter }: CaseResult): string[] =>
  backAfter === undefined ? ['the member does not come back'] : []
const noneFails = ({ failed }: CaseResult): string[] => none('requests failed', failed)
const noneIsBlocked = ({ slowest, longestWait }: CaseResult): string[] =>
  slowest <= longestWait + MACHINE_LAG_MS ? [] : [`a client waited for ${slowest} ms`]

/** Load before, during and after the fault, until the member has requests again, or for 30 s. */
async function around (
  { clients, members: [first] }: CaseSetup,
  begin: () => unknown,
  faultDuration: number,
  end: () => unknown
): Promise<number> {
  let over = (): void => {}
  const load = clients.load(
    CLIENTS,
    GAP,
    new Promise<void>(resolve => {
      over = resolve
    })
  )
  await pause(300)
  await begin()
  await pause(faultDuration)
  await end()
  const healed = Date.now()
  while (!first!.received.some(at => at >= healed) && Date.now() < healed + 30_000) await pause(10)
  await pause(200)
  over()
  await load
  return healed
}

const stale = (by: 'fin' | 'reset'): Case => ({
  name: by === 'fin' ? 'stale' : 'stale-reset',
  what: `idle connections end (${by === 'fin' ? 'FIN' : 'RST'}) at the moment of the next request`,
  async run ({ members, clients, faultDuration }) {
    for (const member of members) member.idleEnd = { after: 25, by }
    await clients.load(20, 25, pause(2 * faultDuration))
    return undefined
  },
  violations: result => [...noneFails(result), ...none('members were taken out', result.takenOut)]
})

const fault = (
  name: string,
  what: string,
  begin: (member: CaseMember) => unknown,
  end: (member: CaseMember) => unknown
): Case => ({
  name,
  what,
  run: async setup =>
    await around(
      setup,
      () => begin(setup.members[0]!),
      setup.faultDuration,
      () => end(setup.members[0]!)
    ),
  violations: result => [...noneFails(result), ...noneIsBlocked(result), ...isBack(result)]
})

/** @param gap milliseconds between two of these messages */
const poison = (
  name: string,
  what: string,
  gap: number,
  violations: Case['violations']
): Case => ({
  name,
  what,
  async run (setup) {
    const { clients, faultDuration } = setup
    await around(
      setup,
      async () => {
        const until = Date.now() + faultDuration
        while (Date.now() < until) {
          await clients.send(POISON)
          await pause(gap)
        }
      },
      0,
      () => {}
    )
    return undefined
  },
  violations
})

/** All cases, by name. */
export const CASES: readonly Case[] = [
  stale('fin'),
  stale('reset'),
  {
    ...poison(
      'poison',
      'a message makes each back-end close its connection; others are sent meanwhile',
      50,
      noneFails
    ),
    prepare: async () => ({ group: '<loadbalance minReady="50%">MEMBERS</loadbalance>' })
  },
  poison(
    'poison-defaults',
    'the same once in two suspensions, in a group with defaults',
    2 * SUSPENSION_MS,
    result => [
      ...noneFails(result),
      ...none('members were taken out beyond one for each message', Math.max(0, result.takenOut - result.poisonous))
    ]
  ),
  fault(
    'refused',
    'a back-end refuses connections',
    member => member.stop(),
    member => member.start()
  ),
  fault(
    'reset',
    'a back-end resets the connection of each request',
    member => {
      member.behaviour = 'reset'
    },
    member => {
      member.behaviour = 'healthy'
    }
  ),
  fault(
    'frozen',
    'a back-end accepts requests and responds to none',
    member => {
      member.behaviour = 'frozen'
    },
    member => {
      member.behaviour = 'healthy'
    }
  ),
  {
    name: 'slow-trial',
    what: 'a back-end that has refused connections accepts them again, and responds to none at first',
    async run (setup) {
      const [first] = setup.members
      return await around(
        setup,
        async () => {
          await first!.stop()
          await pause(setup.faultDuration)
          first!.behaviour = 'frozen'
          await first!.start()
        },
        setup.faultDuration,
        () => {
          first!.behaviour = 'healthy'
        }
      )
    },
    violations: result => [...noneFails(result), ...noneIsBlocked(result), ...isBack(result)]
  },
  {
    name: 'flapping-name',
    what: 'the addresses of a name change each second, while others stay',
    oursOnly: 'HAProxy has the members of this suite at fixed addresses',
    async prepare (members, teardown) {
      const addresses = members.map(({ host }) => host)
      const names = await nameServer({ teardown }, { 'members.example': addresses })
      let turn = 0
      const timer = setInterval(() => {
        const absent = ++turn % addresses.length
        names.records = { 'members.example': addresses.filter((_, at) => turn % 2 === 0 || at !== absent) }
      }, 1_000)
      teardown(() => clearInterval(timer))
      const [{ port }] = members as [CaseMember]
      return {
        group: `<dynamicLoadbalance><membership dns="members.example" httpPort="${port}"/></dynamicLoadbalance>`,
        options: { more: ['--dns-servers', names.address] }
      }
    },
    async run ({ clients, faultDuration }) {
      await clients.load(CLIENTS, GAP, pause(4 * faultDuration))
      return undefined
    },
    violations: result => [...noneFails(result), ...none('members were taken out', result.takenOut)]
  },
  {
    name: 'exhausted',
    needs: 'prlimit',
    what: 'the gateway has no file descriptor left',
    oursOnly: 'HAProxy derives its greatest number of connections from the limit of descriptors when it starts',
    prepare: async () => ({ options: { descriptors: 40 } }),
    async run ({ members, clients, errorLines, faultDuration }) {
      for (const member of members) member.delay = 100
      // On a busy machine few requests reach the gateway within one fault.
      for (let round = 0; round < 20 && !clients.replies.some(({ status }) => status === 503); round++) {
        await clients.load(60, 1, pause(faultDuration))
      }
      checkShortage(clients.replies, errorLines)
      for (const member of members) member.delay = 0
      clients.replies.length = 0
      clients.disconnect()
      await pause(300)
      await clients.load(CLIENTS, GAP, pause(300))
      return undefined
    },
    violations: result => [...noneFails(result), ...none('members were taken out', result.takenOut)]
  }
]

/** @throws Error unless the gateway met its limit, responded with 200 or 503 only, and reported why */
function checkShortage (replies: readonly CaseReply[], errorLines: readonly string[]): void {
  const count = (status: number): number => replies.filter(reply => reply.status === status).length
  const [served, refused, unanswered] = [count(200), count(503), count(NO_RESPONSE)]
  const seen = `${replies.length} requests: ${served} served, ${refused} times 503, ${unanswered} without a response`
  if (refused === 0) throw new Error(`no request that reached the gateway met the limit; ${seen}`)
  if (served + refused + unanswered < replies.length) throw new Error(`responses other than 200 and 503; ${seen}`)
  if (!errorLines.some(line => SHORTAGE_LINE.test(line))) throw new Error(`no error line says why; ${seen}`)
}
