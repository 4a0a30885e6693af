/**
 * npm run chaos:cases: single faults under load, one after the other, against this gateway and against HAProxy where it
 * is installed.
 *
 *     npm run chaos:cases -- [--only stale,frozen] [--peer ours,haproxy] [--seconds 2]
 *
 * Prints for each of them: requests, those that failed, how often a member was taken out, milliseconds until the member
 * had requests again, the slowest reply. Exit code 1: this gateway has broken a promise. Linux only (127.0.1.x).
 */
import { parseArgs } from 'node:util'
import { CASE_PEERS, isInstalled } from './case-gateways.js'
import { CASES } from './cases.js'
import { runCase } from './run-case.js'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    peer: { type: 'string', default: CASE_PEERS.join(',') },
    seconds: { type: 'string', default: '2' }
  }
})
const only = values.only?.split(',')
const peers = CASE_PEERS.filter(peer => values.peer.split(',').includes(peer))
const faultDuration = Number(values.seconds) * 1000
if (!(faultDuration > 0)) throw new Error('--seconds above 0')
const unknown = only?.find(name => !CASES.some(each => each.name === name))
if (unknown !== undefined) throw new Error(`--only ${unknown}: ${CASES.map(({ name }) => name).join(', ')}`)

let isBroken = false
const COLUMNS = ['requests', 'failed', 'taken out', 'back, ms', 'slowest, ms'].map(each => each.padStart(12)).join('')
console.log(`${'case'.padEnd(16)}${'gateway'.padEnd(10)}${COLUMNS}`)
for (const each of CASES) {
  if (only?.includes(each.name) === false) continue
  for (const peer of peers) {
    const start = `${each.name.padEnd(16)}${peer.padEnd(10)}`
    if (peer !== 'ours' && each.oursOnly !== undefined) {
      console.log(`${start}  not run: ${each.oursOnly}`)
      continue
    }
    if (!isInstalled(peer)) {
      console.log(`${start}  skipped: not installed`)
      continue
    }
    const result = await runCase(each, peer, faultDuration)
    const { requests, failed, takenOut, backAfter, slowest } = result
    const shown = [requests, failed, takenOut, backAfter ?? '-', slowest].map(value => String(value).padStart(12))
    console.log(`${start}${shown.join('')}`)
    for (const broken of peer === 'ours' ? each.violations(result) : []) {
      isBroken = true
      console.log(`  BROKEN ${broken}`)
    }
  }
}
process.exit(isBroken ? 1 : 0)
