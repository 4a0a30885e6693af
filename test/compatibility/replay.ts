import { parseArgs } from 'node:util'
import { commandLine } from './command-line.js'
import { inProcess } from './in-process.js'
import { runCase } from './run-case.js'
import { inPool } from '../support/pool.js'
import { recording, TOPICS, type Case } from './record.js'
import { summary, verdicts } from './verdict.js'

/** Replays records and prints every difference: here, or on any gateway that a command starts. See README.md. */
const { values: { gateway, all = false, at = gateway === undefined ? '8' : '1' }, positionals: wanted } = parseArgs({
  allowPositionals: true, options: { gateway: { type: 'string' }, all: { type: 'boolean' }, at: { type: 'string' } }
})
const start = gateway === undefined ? inProcess : commandLine(gateway)
const isWanted = (topic: string, { name }: Case): boolean =>
  wanted.length === 0 || wanted.includes(topic) || wanted.includes(name)
const short = (text: string, other: string): string => {
  let same = 0
  while (same < text.length && text[same] === other[same]) same++
  const from = same < 160 ? 0 : same - 80
  return `${from > 0 ? '… ' : ''}${text.slice(from, from + 400)}`.replace(/\s+/g, ' ')
}

const lines: string[] = []
for (const topic of TOPICS) {
  const cases = recording(topic).cases.filter(each => isWanted(topic, each))
  if (cases.length === 0) continue
  const found = (await inPool(cases, Number(at), async each => verdicts(each, await runCase(each, start)))).flat()
  for (const { exchange, open, unmet, explained, pending } of found) {
    const shown = all ? [...open, ...explained] : open
    if (pending !== undefined && open.length + unmet.length === 0) {
      console.log(`\n${topic} / ${exchange}  (has come right: ${pending.gap})`)
    }
    if (shown.length + unmet.length === 0) continue
    console.log(`\n${topic} / ${exchange}${pending === undefined ? '' : `  (pending: ${pending.gap})`}`)
    for (const each of shown) {
      console.log(
        `  ${each.class}, ${each.what}${'row' in each ? `  (${each.row})` : ''}\n    there  ${short(each.there, each.here)}\n    here   ${short(each.here, each.there)}`
      )
    }
    for (const { row, what, wanted, here } of unmet) {
      console.log(`  ${row}, ${what}\n    wanted ${wanted}\n    here   ${short(here, wanted)}`)
    }
  }
  lines.push(summary(topic, cases.length, found))
}
console.log(`\n${lines.join('\n')}`)
