import { setTimeout as pause } from 'node:timers/promises'
import { openClients, openPoisoners } from './client.js'
import type { Gateway } from './gateway.js'
import type { History, Reply, Turn } from './history.js'
import { judge, type Judgement, type Law, type Times } from './laws.js'
import type { Member } from './member.js'
import { Pulse } from './pulse.js'
import { conduct, conductAbsences, planned, plannedAbsences } from './plan.js'
import type { Random } from './random.js'
import { MEMBERS_NAME, SUSPENSION, type Service } from './services.js'
import type { NameServer } from '../support/dns-server.js'

/** How long there is load without faults after them, in milliseconds. */
export const CALM = 5_000
/** Where a process had to wait for so many milliseconds, a back-end may be late without any fault of its own. */
export const MOST_LATE = 250

/** What a round is played with. */
export interface Stage {
  readonly gateway: Gateway
  readonly members: readonly Member[]
  readonly services: readonly Service[]
  readonly names: NameServer
  readonly clients: number
  readonly times: Times
}

export interface RoundResult extends Judgement {
  /** How late this process had its turn at most, in milliseconds. */
  readonly late: number
  readonly replies: readonly Reply[]
  /** The last state of each endpoint, for the next round. */
  readonly states: readonly Turn[]
  /** Milliseconds after the last fault. */
  readonly lastFault: number
  readonly lastChange: number
}

/**
 * Load, and faults for so many milliseconds, which the chance decides; then load without faults. What happened is held
 * against the laws, so that nothing of it has to be kept.
 * @param before the last state of each endpoint
 */
export async function playRound (
  { gateway, members, services, names, clients, times }: Stage,
  random: Random,
  duration: number,
  prefix: string,
  before: readonly Turn[]
): Promise<RoundResult> {
  const pulse = new Pulse()
  const load = openClients(gateway.url, services, clients, random.fork(), prefix)
  const poisoners = openPoisoners(gateway.url, services, random.fork(), `${prefix}poison`)
  const announce = (hosts: readonly string[]): void => { names.records = { [MEMBERS_NAME]: hosts } }
  const [faults, absences] = await Promise.all([
    conduct(planned(random.fork(), members.length, duration), members),
    conductAbsences(plannedAbsences(random.fork(), members.length, duration), members, announce)
  ])
  await poisoners.stop()
  const over = Date.now()
  await pause(CALM)
  await load.stop()
  const late = pulse.take()
  pulse.stop()

  const turns = gateway.takeTurns()
  const history: History = {
    replies: load.replies,
    poisons: poisoners.replies,
    sights: members.flatMap(member => member.takeSights()),
    troubles: [...faults, ...absences],
    turns,
    states: before
  }
  const { laws, numbers } = judge(history, services, members.map(({ name }) => name), times)
  const after = (instants: readonly number[]): number => instants.reduce((most, at) => Math.max(most, at), over) - over
  const lastFault = after(load.replies.filter(({ got }) => got.kind === 'fault').map(({ ended }) => ended))
  const lastChange = after(turns.map(({ at }) => at))
  const recovered = recoveryLaws(history, members, over, Math.max(lastFault, lastChange), times)
  return {
    laws: judgedWithin(late, [...laws, ...recovered]),
    late,
    numbers,
    replies: load.replies,
    states: [...new Map([...before, ...turns].map(turn => [turn.endpoint, turn])).values()],
    lastFault,
    lastChange
  }
}

/** Laws about times say nothing where processes had no turn: they are not judged then. */
const judgedWithin = (late: number, laws: readonly Law[]): Law[] =>
  laws.map(law => (late > MOST_LATE && law.isTimed === true ? { ...law, broken: [] } : law))

function recoveryLaws (
  { sights }: History,
  members: readonly Member[],
  over: number,
  took: number,
  { patience }: Times
): Law[] {
  /** After the last fault every back-end is back, and no client gets a fault, within this time, in milliseconds. */
  const recovery = SUSPENSION + patience + 1_000
  const back = new Set(sights.filter(({ at }) => at > over + recovery).map(({ from }) => from))
  return [
    {
      law: `after the last fault all is well within ${recovery} ms`,
      isTimed: true,
      broken: took <= recovery ? [] : [`${took} ms`]
    },
    {
      law: 'every back-end has orders again after its faults',
      isTimed: true,
      broken: members.filter(({ name }) => !back.has(name)).map(({ name }) => name)
    }
  ]
}
