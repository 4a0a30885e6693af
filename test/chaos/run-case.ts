import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CaseClients } from './case-clients.js'
import { RESPONSE_TIMEOUT_MS, startHaproxy, startOurs, type CasePeer } from './case-gateways.js'
import { CaseMember } from './case-member.js'
import { resultOf, type Case, type CaseResult } from './cases.js'
import { SchedulingDelay } from '../support/timing/scheduling-delay.js'

const MEMBERS = 3

/**
 * Runs a case against a gateway of its own.
 * @param faultDuration the duration of faults, in milliseconds
 * @param responseTimeout of the members in our gateway, in milliseconds: a longer pause of the machine is no fault
 */
export async function runCase (
  each: Case,
  peer: CasePeer,
  faultDuration: number,
  responseTimeout = RESPONSE_TIMEOUT_MS
): Promise<CaseResult> {
  const members = Array.from({ length: MEMBERS }, (_, number) => new CaseMember(number))
  const ends: (() => unknown)[] = []
  const folder = await mkdtemp(join(tmpdir(), 'case-'))
  ends.push(async () => await rm(folder, { recursive: true, force: true }))
  try {
    for (const member of members) {
      await member.start(members[0]!.port)
      ends.push(async () => await member.stop())
    }
    const { group = '<loadbalance>MEMBERS</loadbalance>', options } =
      (peer === 'ours' ? await each.prepare?.(members, call => ends.push(call)) : undefined) ?? {}
    const gateway =
      peer === 'ours'
        ? await startOurs(folder, members, group, responseTimeout, options)
        : await startHaproxy(folder, members)
    ends.push(async () => await gateway.stop())
    const scheduling = new SchedulingDelay()
    ends.push(() => scheduling.stop())
    const clients = new CaseClients(gateway.url)
    ends.push(() => clients.disconnect())
    const healed = await each.run({ members, clients, errorLines: gateway.errorLines, faultDuration })
    // Where faults end before a response is late, no client waits for that.
    const longestWait = Math.max(3 * RESPONSE_TIMEOUT_MS, responseTimeout < faultDuration ? responseTimeout : 0) +
      2 * scheduling.take()
    return resultOf(clients.replies, await gateway.takenOut(), members[0]!, healed, longestWait)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}
