import { setTimeout as pause } from 'node:timers/promises'
import type { Trouble } from './history.js'
import { FAULTS, hostOf, type Fault, type Member } from './member.js'
import type { Random } from './random.js'

/**
 * One fault of one back-end: when it begins, counted from the beginning of the plan, and how long it lasts.
 * Milliseconds.
 */
export interface Step { readonly at: number, readonly member: number, readonly fault: Fault, readonly lasts: number }

/** Between one fault and the next. */
const APART = [100, 600] as const
/**
 * How long one lasts. One that is frozen is not missed at once: it may be tried for as long as a client waits for an
 * answer.
 */
const lastsOf = (fault: Fault): [number, number] =>
  fault === 'frozen' || fault === 'slow trial' ? [1000, 4000] : [150, 1500]

/**
 * Faults for so many back-ends and so long, the same for the same chance. A back-end has one at a time, and one
 * back-end is always well; all faults are over when the plan is.
 */
export function planned (random: Random, members: number, duration: number): Step[] {
  const steps: Step[] = []
  const busyUntil = new Array<number>(members).fill(0)
  for (let at = random.between(...APART); at < duration; at += random.between(...APART)) {
    const fault = random.pick(FAULTS)
    const lasts = Math.min(fault === 'drop' ? 0 : random.between(...lastsOf(fault)), duration - at)
    const idle = [...busyUntil.keys()].filter(member => busyUntil[member]! <= at)
    if (idle.length < 2) continue
    const member = random.pick(idle)
    busyUntil[member] = at + lasts + 1
    steps.push({ at, member, fault, lasts })
  }
  return steps
}

/** Does all of it. Resolves with when each back-end was not well, once all are. */
export async function conduct (steps: readonly Step[], members: readonly Member[]): Promise<Trouble[]> {
  const troubles: Trouble[] = []
  const begun = Date.now()
  await Promise.all(members.map(async (member, number) => {
    for (const { at, fault, lasts } of steps.filter(each => each.member === number)) {
      await pause(Math.max(0, begun + at - Date.now()))
      const from = Date.now()
      await member.strike(fault)
      if (fault === 'slow trial') {
        await pause(lasts / 2)
        await member.beginFrozen()
        await pause(lasts / 2)
      } else await pause(lasts)
      await member.heal(fault)
      troubles.push({ name: member.name, fault, from, to: Date.now() })
    }
  }))
  return troubles
}

/** One back-end leaves the name of the discovered group, and joins it again. Milliseconds, as in a step. */
export interface Absence { readonly at: number, readonly member: number, readonly lasts: number }

const BETWEEN_ABSENCES = [500, 2000] as const
/** Longer than a name may be remembered, so that the gateway sees most of them. */
const ABSENT = [2500, 6000] as const

/** One back-end is absent at a time; all are there when the plan is over. */
export function plannedAbsences (random: Random, members: number, duration: number): Absence[] {
  const absences: Absence[] = []
  for (let at = random.between(...BETWEEN_ABSENCES); ; at += random.between(...BETWEEN_ABSENCES)) {
    const lasts = random.between(...ABSENT)
    if (at + lasts > duration) return absences
    absences.push({ at, member: random.below(members), lasts })
    at += lasts
  }
}

/** Does all of it. @param announce called with the addresses that the name has from now on */
export async function conductAbsences (
  absences: readonly Absence[],
  members: readonly Member[],
  announce: (hosts: readonly string[]) => void
): Promise<Trouble[]> {
  const all = members.map((_, number) => hostOf(number))
  const troubles: Trouble[] = []
  const begun = Date.now()
  for (const { at, member, lasts } of absences) {
    await pause(Math.max(0, begun + at - Date.now()))
    const from = Date.now()
    announce(all.filter((_, number) => number !== member))
    await pause(lasts)
    announce(all)
    troubles.push({ name: members[member]!.name, fault: 'absent', from, to: Date.now() })
  }
  return troubles
}
