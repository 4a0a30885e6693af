import { setTimeout as pause } from 'node:timers/promises'
import { openClients, openPoisonClients } from './client.js'
import type { Gateway } from './gateway.js'
import type { History, Reply, StateChange } from './history.js'
import { checkHistory, type CheckedHistory, type Rule, type Times } from './rules.js'
import type { Member } from './member.js'
import { SchedulingDelay } from '../support/timing/scheduling-delay.js'
import { injectFaults, injectAbsences, planFaults, planAbsences } from './fault-plan.js'
import type { Random } from '../support/random.js'
import { MEMBERS_NAME, MAX_SUSPENSION_MS, type Service } from './services.js'
import type { NameServer } from '../support/http/dns-server.js'

/** How long load without faults follows the faults. */
export const CALM_MS = 5_000
/** Timed rules are not checked where a timer was later than this: a back-end may be late without a fault. */
export const MAX_DELAY_MS = 250

/** What a round runs with. */
export interface RoundSetup {
  readonly gateway: Gateway
  readonly members: readonly Member[]
  readonly services: readonly Service[]
  readonly names: NameServer
  readonly clients: number
  readonly times: Times
}

export interface RoundResult extends CheckedHistory {
  /** The greatest delay of a timer of this process, in milliseconds. */
  readonly delay: number
  readonly replies: readonly Reply[]
  /** The last state of each endpoint, for the next round. */
  readonly states: readonly StateChange[]
  /** Milliseconds after the last fault. */
  readonly lastFault: number
  readonly lastChange: number
}

/**
 * Runs load with faults for a time, then load without faults, and checks the history against the rules.
 * @param duration of the faults, in milliseconds
 * @param before the last state of each endpoint
 */
export async function runRound (
  { gateway, members, services, names, clients, times }: RoundSetup,
  random: Random,
  duration: number,
  prefix: string,
  before: readonly StateChange[]
): Promise<RoundResult> {
  const scheduling = new SchedulingDelay()
  const load = openClients(gateway.url, services, clients, random.fork(), prefix)
  const poison = openPoisonClients(gateway.url, services, random.fork(), `${prefix}poison`)
  const announce = (hosts: readonly string[]): void => { names.records = { [MEMBERS_NAME]: hosts } }
  const [faults, absences] = await Promise.all([
    injectFaults(planFaults(random.fork(), members.length, duration), members),
    injectAbsences(planAbsences(random.fork(), members.length, duration), members, announce)
  ])
  await poison.stop()
  const over = Date.now()
  await pause(CALM_MS)
  await load.stop()
  const delay = scheduling.take()
  scheduling.stop()

  const stateChanges = gateway.takeStateChanges()
  const history: History = {
    replies: load.replies,
    poisonReplies: poison.replies,
    observations: members.flatMap(member => member.takeObservations()),
    faultPeriods: [...faults, ...absences],
    stateChanges,
    initialStates: before
  }
  const { rules, numbers } = checkHistory(history, services, members.map(({ name }) => name), times)
  const after = (instants: readonly number[]): number => instants.reduce((most, at) => Math.max(most, at), over) - over
  const lastFault = after(load.replies.filter(({ result }) => result.kind === 'fault').map(({ ended }) => ended))
  const lastChange = after(stateChanges.map(({ at }) => at))
  const recovered = recoveryRules(history, members, over, Math.max(lastFault, lastChange), times)
  return {
    rules: withoutTimedRules(delay, [...rules, ...recovered]),
    delay,
    numbers,
    replies: load.replies,
    states: [...new Map([...before, ...stateChanges].map(change => [change.endpoint, change])).values()],
    lastFault,
    lastChange
  }
}

/** Returns the rules; on a machine that was too busy, timed ones without violations. */
const withoutTimedRules = (delay: number, rules: readonly Rule[]): Rule[] =>
  rules.map(rule => (delay > MAX_DELAY_MS && rule.isTimed === true ? { ...rule, violations: [] } : rule))

function recoveryRules (
  { observations }: History,
  members: readonly Member[],
  over: number,
  took: number,
  { responseTimeout }: Times
): Rule[] {
  /** In milliseconds. */
  const recovery = MAX_SUSPENSION_MS + responseTimeout + 1_000
  const back = new Set(observations.filter(({ at }) => at > over + recovery).map(({ from }) => from))
  return [
    {
      rule: `${recovery} ms after the last fault there are no faults and no changes of state`,
      isTimed: true,
      violations: took <= recovery ? [] : [`${took} ms`]
    },
    {
      rule: 'every back-end gets orders again after its faults',
      isTimed: true,
      violations: members.filter(({ name }) => !back.has(name)).map(({ name }) => name)
    }
  ]
}
