import { writeSync } from 'node:fs'
import { openBackEnd, type Mood } from './back-end.js'

/** What the process of a back-end is told. It says its port when it listens, and a number after each of these. */
export type Told = { readonly feel: Mood } | 'drop' | 'closeIdle'

/** Sights are written to this descriptor at once: a process that is killed must have told all that it took. */
const JOURNAL = 3

const [name, life, host, port, kind] = process.argv.slice(2) as [string, string, string, string, 'well' | 'deaf']
const backEnd = await openBackEnd(
  name,
  Number(life),
  host,
  Number(port),
  sight => writeSync(JOURNAL, `${JSON.stringify(sight)}\n`),
  { kind }
)
process.on('message', (told: Told) => {
  process.send!((typeof told === 'string' ? backEnd[told]() : backEnd.feel(told.feel)) ?? 0)
})
process.on('disconnect', () => process.exit())
process.send!(backEnd.port)
