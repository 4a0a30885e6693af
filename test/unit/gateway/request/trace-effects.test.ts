import t from 'tap'
import { tracedSessions } from '../../../../plugins/gateway/request/trace-effects.js'
import { MessageCapture } from '../../../../plugins/recording/message-capture.js'
import { TABLE_SESSIONS } from '../../../../lib/pipeline/interpret.js'
import { Registry } from '../../../../lib/state/registry.js'

t.test('a recorded message names the member of a client-held session, also after members have changed', async t => {
  const registry = new Registry(() => 0)
  const groupOf = (...members: string[]) => {
    const lease = registry.lease()
    const { group } = lease.group('g', 'loadbalance', members)
    lease.commit()
    return group
  }
  groupOf('A', 'B')
  const group = groupOf('B', 'C')
  const recorded = new MessageCapture({ proxy: 'P', method: 'POST', path: '/', headers: [], definitions: {} }, 0)
  const { noteSession } = tracedSessions(TABLE_SESSIONS)
  noteSession!({ kind: 'noteSession', group, memberIndex: 0, decision: 'bound' }, { trace: undefined, recorded })
  noteSession!({ kind: 'noteSession', group, memberIndex: 1, decision: 'moved' }, { trace: undefined, recorded })
  t.match(recorded.notes, [
    { kind: 'session', group: 'g', member: 'B' },
    { kind: 'bound', group: 'g', member: 'C' }
  ])
})
