import { setTimeout as pause } from 'node:timers/promises'
import type { FaultPeriod } from './history.js'
import { FAULTS, hostOf, type Fault, type Member } from './member.js'
import type { Random } from '../support/random.js'

/**
 * One fault of one back-end: when it begins, counted from the beginning of the plan, and how long it lasts.
 * Milliseconds.
 */
export interface PlannedFault {
  readonly at: number
  readonly member: number
  readonly fault: Fault
  readonly duration: number
}

/** The time between the beginnings of two faults, in milliseconds: least and most. */
const FAULT_GAP = [100, 600] as const
/**
 * The duration of a fault, in milliseconds: least and most. A frozen back-end is noticed only after the response
 * timeout.
 */
const durationOf = (fault: Fault): [number, number] =>
  fault === 'freeze' || fault === 'slow-trial' ? [1000, 4000] : [150, 1500]

/**
 * Plans faults of back-ends, the same for the same seed. A back-end has one fault at a time, and at least one back-end
 * has none; all faults end within `total` milliseconds.
 */
export function planFaults (random: Random, members: number, total: number): PlannedFault[] {
  const faults: PlannedFault[] = []
  const busyUntil = new Array<number>(members).fill(0)
  for (let at = random.between(...FAULT_GAP); at < total; at += random.between(...FAULT_GAP)) {
    const fault = random.oneOf(FAULTS)
    const duration = Math.min(fault === 'reset-all' ? 0 : random.between(...durationOf(fault)), total - at)
    const idle = [...busyUntil.keys()].filter(member => busyUntil[member]! <= at)
    if (idle.length < 2) continue
    const member = random.oneOf(idle)
    busyUntil[member] = at + duration + 1
    faults.push({ at, member, fault, duration })
  }
  return faults
}

/** Injects all faults of a plan. Resolves with the time of each, once all are over. */
export async function injectFaults (
  faults: readonly PlannedFault[],
  members: readonly Member[]
): Promise<FaultPeriod[]> {
  const faultPeriods: FaultPeriod[] = []
  const begun = Date.now()
  await Promise.all(members.map(async (member, number) => {
    for (const { at, fault, duration } of faults.filter(each => each.member === number)) {
      await pause(Math.max(0, begun + at - Date.now()))
      const from = Date.now()
      await member.inject(fault)
      if (fault === 'slow-trial') {
        await pause(duration / 2)
        await member.restartFrozen()
        await pause(duration / 2)
      } else await pause(duration)
      await member.clear(fault)
      faultPeriods.push({ name: member.name, fault, from, to: Date.now() })
    }
  }))
  return faultPeriods
}

/** One back-end leaves the name of the discovered group, and joins it again. Milliseconds, as in a planned fault. */
export interface PlannedAbsence { readonly at: number, readonly member: number, readonly duration: number }

const ABSENCE_GAP = [500, 2000] as const
/** Longer than a resolved name may be cached, so that the gateway notices most of them. */
const ABSENCE_DURATION = [2500, 6000] as const

/** Plans absences, one at a time; all end within `total` milliseconds. */
export function planAbsences (random: Random, members: number, total: number): PlannedAbsence[] {
  const absences: PlannedAbsence[] = []
  for (let at = random.between(...ABSENCE_GAP); ; at += random.between(...ABSENCE_GAP)) {
    const duration = random.between(...ABSENCE_DURATION)
    if (at + duration > total) return absences
    absences.push({ at, member: random.below(members), duration })
    at += duration
  }
}

/** Carries out all absences. @param announce called with the addresses that the name resolves to from now on */
export async function injectAbsences (
  absences: readonly PlannedAbsence[],
  members: readonly Member[],
  announce: (hosts: readonly string[]) => void
): Promise<FaultPeriod[]> {
  const all = members.map((_, number) => hostOf(number))
  const faultPeriods: FaultPeriod[] = []
  const begun = Date.now()
  for (const { at, member, duration } of absences) {
    await pause(Math.max(0, begun + at - Date.now()))
    const from = Date.now()
    announce(all.filter((_, number) => number !== member))
    await pause(duration)
    announce(all)
    faultPeriods.push({ name: members[member]!.name, fault: 'absent', from, to: Date.now() })
  }
  return faultPeriods
}
