import { setTimeout as pause } from 'node:timers/promises'
import { nameServer } from '../support/dns-server.js'
import type { CaseClients, CaseReply } from './case-clients.js'
import { TIMEOUT } from './case-gateways.js'
import { POISON, type CaseMember } from './case-member.js'
import type { GatewayOptions } from './gateway.js'

/** What a case has to play with. */
export interface Scene {
  readonly members: readonly CaseMember[]
  readonly clients: CaseClients
  /** How long faults last, in milliseconds. */
  readonly lasts: number
}

/** What came of a case. */
export interface CaseResult {
  readonly requests: number
  /** Requests without a response of a back-end; those that had to fail are not counted. */
  readonly failed: number
  /** How often a member was taken out. */
  readonly takenOut: number
  /** Milliseconds from the end of the fault to the next request of the member that had it. */
  readonly backAfter: number | undefined
  /** The slowest reply, in milliseconds. */
  readonly slowest: number
}

/** One fault, and what must hold under it. */
export interface Case {
  readonly name: string
  readonly what: string
  /** What it needs of our gateway; undefined: the usual group. */
  readonly prepare?: (
    members: readonly CaseMember[],
    teardown: (call: () => void) => void
  ) => Promise<{ readonly group?: string; readonly options?: GatewayOptions }>
  /** Whether other gateways can play it, too. */
  readonly isOursOnly?: boolean
  /** A command that it needs. */
  readonly needs?: string
  /** Plays it. Returns when the fault ended. */
  readonly play: (scene: Scene) => Promise<number | undefined>
  /** What our gateway has broken. */
  readonly broken: (result: CaseResult) => string[]
}

const CLIENTS = 8
/** Milliseconds between the requests of one client. */
const GAP = 15
/** How late a busy machine may be, in milliseconds. */
const GRACE = 4_000

const failedOf = ({ path, status }: CaseReply): boolean => path !== POISON && (status === 0 || status >= 500)
export const resultOf = (
  replies: readonly CaseReply[],
  takenOut: number,
  member: CaseMember,
  healed: number | undefined
): CaseResult => {
  const back = healed === undefined ? undefined : member.received.find(at => at >= healed)
  return {
    requests: replies.length,
    failed: replies.filter(failedOf).length,
    takenOut,
    backAfter: back === undefined || healed === undefined ? undefined : back - healed,
    slowest: replies.reduce((most, { sent, ended }) => Math.max(most, ended - sent), 0)
  }
}

const none = (what: string, count: number): string[] => (count === 0 ? [] : [`${what}: ${count}`])
const isBack = ({ backAfter }: CaseResult): string[] =>
  backAfter === undefined ? ['the member does not come back'] : []
const noneFails = ({ failed }: CaseResult): string[] => none('requests failed', failed)
const noneIsBlocked = ({ slowest }: CaseResult): string[] =>
  slowest <= 3 * TIMEOUT + GRACE ? [] : [`a client waited for ${slowest} ms`]

/** Load before, during and after the fault, until the member has requests again, or for 5 s. */
async function around (
  { clients, members: [first] }: Scene,
  begin: () => unknown,
  lasts: number,
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
  await pause(lasts)
  await end()
  const healed = Date.now()
  while (!first!.received.some(at => at >= healed) && Date.now() < healed + 5_000) await pause(10)
  await pause(200)
  over()
  await load
  return healed
}

const stale = (by: 'fin' | 'reset'): Case => ({
  name: by === 'fin' ? 'stale' : 'stale-reset',
  what: `idle connections end (${by === 'fin' ? 'FIN' : 'RST'}) at the moment of the next request`,
  async play ({ members, clients, lasts }) {
    for (const member of members) member.idleEnd = { after: 25, by }
    await clients.load(20, 25, pause(2 * lasts))
    return undefined
  },
  broken: result => [...noneFails(result), ...none('members were taken out', result.takenOut)]
})

const fault = (
  name: string,
  what: string,
  begin: (member: CaseMember) => unknown,
  end: (member: CaseMember) => unknown
): Case => ({
  name,
  what,
  play: async scene =>
    await around(
      scene,
      () => begin(scene.members[0]!),
      scene.lasts,
      () => end(scene.members[0]!)
    ),
  broken: result => [...noneFails(result), ...noneIsBlocked(result), ...isBack(result)]
})

/** All cases, by name. */
export const CASES: readonly Case[] = [
  stale('fin'),
  stale('reset'),
  {
    name: 'poison',
    what: 'a message makes each back-end close its connection; others are sent meanwhile',
    prepare: async () => ({ group: '<loadbalance minReady="50%">MEMBERS</loadbalance>' }),
    async play (scene) {
      const { clients, lasts } = scene
      await around(
        scene,
        async () => {
          const until = Date.now() + lasts
          while (Date.now() < until) {
            await clients.send(POISON)
            await pause(50)
          }
        },
        0,
        () => {}
      )
      return undefined
    },
    broken: noneFails
  },
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
      member.mood = 'reset'
    },
    member => {
      member.mood = 'well'
    }
  ),
  fault(
    'frozen',
    'a back-end accepts requests and responds to none',
    member => {
      member.mood = 'frozen'
    },
    member => {
      member.mood = 'well'
    }
  ),
  {
    name: 'slow-trial',
    what: 'a back-end that has refused connections accepts them again, and responds to none at first',
    async play (scene) {
      const [first] = scene.members
      return await around(
        scene,
        async () => {
          await first!.stop()
          await pause(scene.lasts)
          first!.mood = 'frozen'
          await first!.start()
        },
        scene.lasts,
        () => {
          first!.mood = 'well'
        }
      )
    },
    broken: result => [...noneFails(result), ...noneIsBlocked(result), ...isBack(result)]
  },
  {
    name: 'flapping-name',
    what: 'the addresses of a name change each second, while others stay',
    isOursOnly: true,
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
    async play ({ clients, lasts }) {
      await clients.load(CLIENTS, GAP, pause(4 * lasts))
      return undefined
    },
    broken: result => [...noneFails(result), ...none('members were taken out', result.takenOut)]
  },
  {
    name: 'exhausted',
    needs: 'prlimit',
    what: 'the gateway has no file descriptor left',
    isOursOnly: true,
    prepare: async () => ({ options: { descriptors: 40 } }),
    async play ({ members, clients, lasts }) {
      for (const member of members) member.delay = 100
      await clients.load(60, 1, pause(lasts))
      const limited = clients.replies.filter(failedOf).length
      if (limited === 0) throw new Error('no request met the limit')
      for (const member of members) member.delay = 0
      clients.replies.length = 0
      clients.disconnect()
      await pause(300)
      await clients.load(CLIENTS, GAP, pause(300))
      return undefined
    },
    broken: result => [...noneFails(result), ...none('members were taken out', result.takenOut)]
  }
]
