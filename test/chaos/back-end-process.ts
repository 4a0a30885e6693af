import { writeSync } from 'node:fs'
import { openBackEnd, type Behaviour } from './back-end.js'

/** A command to the process of a back-end, which sends its port when it listens, and a number after each command. */
export type BackEndCommand = { readonly behave: Behaviour } | 'resetAll' | 'closeIdle'

/** Observations are written to this descriptor at once: a process that is killed has reported all that it received. */
const JOURNAL_DESCRIPTOR = 3

const [name, incarnation, host, port, kind] = process.argv.slice(2) as [
  string, string, string, string, 'healthy' | 'unresponsive'
]
const backEnd = await openBackEnd(
  name,
  Number(incarnation),
  host,
  Number(port),
  observation => writeSync(JOURNAL_DESCRIPTOR, `${JSON.stringify(observation)}\n`),
  { kind }
)
process.on('message', (command: BackEndCommand) => {
  process.send!((typeof command === 'string' ? backEnd[command]() : backEnd.behave(command.behave)) ?? 0)
})
process.on('disconnect', () => process.exit())
process.send!(backEnd.port)
