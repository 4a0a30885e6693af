/**
 * npm run hostile: hostile and broken input against the built command, and against nginx, HAProxy and Apache Synapse
 * where they are installed, or Maven brings it.
 *
 *     npm run hostile -- [--kind framing] [--only ID] [--peer ours,nginx,haproxy,synapse] [--json]
 *
 * One line for each row that fails, totals for each kind, exit code 1 if a row of ours fails that is not known, or one
 * that is known holds.
 * Linux only (/proc, mkfifo).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { KNOWN } from './known.js'
import { PEERS, whyMissing, type PeerName } from './peers.js'
import { runRows, unexpected, type GatewayRun } from './run-rows.js'
import { KINDS } from './row.js'
import { ROWS } from './rows/index.js'

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    only: { type: 'string' },
    peer: { type: 'string' },
    json: { type: 'boolean', default: false }
  }
})
const kinds = values.kind?.split(',') ?? KINDS
const wrong = kinds.find(kind => !KINDS.some(each => each === kind))
if (wrong !== undefined) throw new Error(`--kind ${wrong}: one of ${KINDS.join(', ')}`)
const wanted = values.peer?.split(',') ?? PEERS
const peers = wanted
  .map(name => {
    const found = PEERS.find(each => each === name)
    if (found === undefined) throw new Error(`--peer ${name}: one of ${PEERS.join(', ')}`)
    return found
  })
  .filter(name => {
    const why = whyMissing(name)
    if (why !== undefined) console.error(`${name} is left out: ${why}`)
    return why === undefined
  })
const rows = ROWS.filter(
  ({ id, kind }) => kinds.includes(kind) && (values.only === undefined || id.startsWith(values.only))
)

const folder = await mkdtemp(join(tmpdir(), 'hostile-'))
const begun = performance.now()
const runs: GatewayRun[] = []
for (const peer of peers) runs.push(await runRows(peer, rows, folder))
await rm(folder, { recursive: true, force: true })

const problems = runs.flatMap(unexpected)
if (values.json) console.log(JSON.stringify({ seconds: seconds(), runs, known: KNOWN, problems }, null, 1))
else report()
process.exit(problems.length === 0 ? 0 : 1)

function report (): void {
  for (const { peer, results, after } of runs) {
    for (const { id, what, rule, seen } of results) {
      if (rule !== undefined) {
        console.log(
          `${peer} ${id} ${what}\n    ${rule}\n    ${seen}${peer === 'ours' && Object.hasOwn(KNOWN, id) ? '\n    known: ' + KNOWN[id] : ''}`
        )
      }
    }
    for (const each of after) console.log(`${peer} after all rows: ${each}`)
  }
  console.log(
    `\n${'held, of rows'.padEnd(16)}${runs.map(({ peer, version }) => `${peer} ${version}`.padStart(18)).join('')}`
  )
  for (const kind of KINDS) {
    if (kinds.includes(kind)) {
      console.log(`${kind.padEnd(16)}${runs.map(each => count(each, kind).padStart(18)).join('')}`)
    }
  }
  console.log(`${'all'.padEnd(16)}${runs.map(each => count(each).padStart(18)).join('')}`)
  console.log(`${rows.length} rows, ${seconds()} s`)
  for (const each of problems) console.log(`UNEXPECTED ${each}`)
}

function count ({ results }: GatewayRun, kind?: string): string {
  const all = results.filter(each => kind === undefined || each.kind === kind)
  return all.length === 0 ? '-' : `${all.filter(({ rule }) => rule === undefined).length} of ${all.length}`
}

function seconds (): number {
  return Math.round((performance.now() - begun) / 1000)
}

export type { PeerName }
