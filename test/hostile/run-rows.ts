import { inPool } from '../support/pool.js'
import { runCheckCommand } from './check-command.js'
import { describe, type Seen } from './checks.js'
import { KNOWN } from './known.js'
import type { PeerName } from './peers.js'
import type { ConfigurationRow, EnvelopeRow, Kind, Row } from './row.js'
import { NOTHING, checksOf, isWire, Environment } from './environment.js'

/** What came of one row at one gateway. */
export interface Result {
  readonly id: string
  readonly kind: Kind
  readonly peer: PeerName
  readonly what: string
  /** The rule that is broken, and what was seen; undefined: all hold. */
  readonly rule?: string | undefined
  readonly seen?: string | undefined
  readonly ms: number
}

/** What came of all rows at one gateway. */
export interface GatewayRun {
  readonly peer: PeerName
  readonly version: string
  readonly results: readonly Result[]
  /** What is not as it was before all rows. */
  readonly after: readonly string[]
}

/** How many rows use one gateway at a time. */
const CONCURRENT_ROWS = 12
/** How many processes of `check` run at a time. */
const CONCURRENT_CHECKS = 3

/** Whether a row can run at this gateway. */
export const isFor = (peer: PeerName, row: Row): boolean =>
  peer === 'ours' || (isWire(row) && row.kind !== 'injection' && row.oursOnly !== true)

/** Runs rows at one gateway: those on the wire side by side, those that look at its log or its sessions in turn. */
export async function runRows (peer: PeerName, rows: readonly Row[], folder: string): Promise<GatewayRun> {
  const mine = rows.filter(row => isFor(peer, row))
  const configurations = mine.filter((row): row is ConfigurationRow => row.kind === 'configurations')
  const results: Result[] = []
  const checked = inPool(configurations, CONCURRENT_CHECKS, async row => {
    const found = await runCheckCommand(row, folder)
    results.push(resultOf(peer, row, { ...NOTHING, ...found }, `exit code ${found.code}, ${Math.round(found.ms)} ms`))
  })
  const throughGateway = mine.filter(row => row.kind !== 'configurations')
  if (throughGateway.length === 0) {
    await checked
    return { peer, version: '', results, after: [] }
  }
  const environment = await Environment.open(peer, folder, mine)
  const wire = mine.filter(isWire)
  const withBackgroundCheck = async (result: Result): Promise<Result> => {
    const why = await environment.background.check()
    return why === undefined || result.rule !== undefined
      ? result
      : { ...result, rule: 'other clients are served rightly after the row', seen: why }
  }
  const runWireRow = async (row: (typeof wire)[number]): Promise<void> => {
    const seen = await environment.runWire(row)
    results.push(await withBackgroundCheck(resultOf(peer, row, seen, describe(seen))))
  }
  const long = Promise.all(wire.filter(row => row.long === true).map(runWireRow))
  const inTurn = ({ heavy, oursOnly, alone }: (typeof wire)[number]): boolean =>
    heavy === true || oursOnly === true || alone === true
  const short = wire.filter(row => row.long !== true)
  await inPool(
    short.filter(row => !inTurn(row)),
    CONCURRENT_ROWS,
    runWireRow
  )
  for (const row of short.filter(inTurn)) await runWireRow(row)
  for (const row of mine.filter((row): row is EnvelopeRow => row.kind === 'envelopes')) {
    const seen = await environment.runEnvelopes(row)
    const shown = seen.placed
      .map(
        ({ status, member, sessions, ms }) =>
          `${status} ${member ?? 'no member'}, ${sessions} sessions, ${Math.round(ms)} ms`
      )
      .join('; ')
    results.push(await withBackgroundCheck(resultOf(peer, row, seen, shown)))
  }
  await Promise.all([long, checked])
  return { peer, version: environment.peer.version, results, after: await environment.after() }
}

function resultOf (peer: PeerName, row: Row, seen: Seen, shown: string): Result {
  const { id, kind, what } = row
  const result = { id, kind, peer, what, ms: Math.round(seen.ms) }
  for (const { rule, broken } of checksOf(row)) {
    const why = broken(seen)
    if (why !== undefined) return { ...result, rule, seen: `${why} [${shown}]` }
  }
  return result
}

/** What is wrong with the results of our own gateway: new failures, and known ones that are none any more. */
export function unexpected ({ peer, results, after }: GatewayRun): readonly string[] {
  if (peer !== 'ours') return []
  const failed = results.flatMap(({ id, what, rule, seen }) =>
    rule === undefined
      ? Object.hasOwn(KNOWN, id)
        ? [`${id}: holds now, and is still on the list of known failures`]
        : []
      : Object.hasOwn(KNOWN, id)
        ? []
        : [`${id} (${what}): ${rule}: ${seen}`]
  )
  return [...failed, ...after]
}
