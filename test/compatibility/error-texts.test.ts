import t from 'tap'
import { CODES, errorProperties, fault, MESSAGES, type CodeName } from '../../lib/message/fault.js'
import { recording, TOPICS } from './record.js'
import { valuesOf } from './wire.js'

const NAMES = Object.keys(CODES) as CodeName[]

t.test('error-texts: texts are those of the engine, wherever it was recorded', async t => {
  const heads = TOPICS.flatMap(topic => recording(topic).cases).flatMap(({ exchanges }) =>
    exchanges.flatMap(({ reply }) => (reply === null ? [] : [reply.head]))
  )
  /** As the engine numbers them: a timeout, and what its transport shows for a connection that is closed. */
  const named: Readonly<Record<string, CodeName>> = { 504: 'CONNECTION_TIMEOUT', 101508: 'CONNECTION_CLOSED' }
  const seen = new Set<CodeName>()
  for (const head of heads) {
    const [[code], [message = ''], [detail = '']] = [
      valuesOf(head, 'x-code'),
      valuesOf(head, 'x-message'),
      valuesOf(head, 'x-detail')
    ]
    if (code === undefined || message === '') continue
    const reset = detail.startsWith('java.net.') ? 'CONNECTION_CLOSED' : undefined
    const name = reset ?? named[code] ?? NAMES.find(each => String(CODES[each]) === code)!
    const about = new RegExp(`^${MESSAGES[name].replace(/[.()[\]]/g, '\\$&').replace('{}', '(.*)')}$`).exec(
      message
    )?.[1]
    const here = errorProperties(fault(name, 'our words', { subject: about, exception: reset && detail }))
    t.match(
      here,
      {
        ERROR_MESSAGE: message,
        ERROR_DETAIL:
          detail === ''
            ? undefined
            : new RegExp(`^${detail.replace(/[.()[\]{}]/g, '\\$&')}(\nCaused by: our words)?$`)
      },
      `${code} ${message}`
    )
    seen.add(name)
  }
  t.same([...seen].sort(), [
    'CONNECTION_CLOSED',
    'CONNECTION_FAILED',
    'CONNECTION_TIMEOUT',
    'MEDIATION',
    'NONE_READY',
    'NOT_READY',
    'UNKNOWN_ENDPOINT'
  ])
})
