import t from 'tap'
import { MessageStore } from '../../../plugins/admin/messages/message-store.js'
import { ProcessRecording, type RecordedService } from '../../../plugins/recording/process-recording.js'
import type { Recorded } from '../../../plugins/recording/recorded-message.js'
import { until } from '../../support/until.js'

const SETTINGS = {
  only: 'all', slowerThan: null, proxies: null, bytes: 0, hide: [], perSecond: 1e6, seed: [1, 2]
} as const

/** A message passes through the proxy, from its begin to its end. */
function pass ({ recorder }: RecordedService, proxy = 'P'): void {
  const message = recorder!.begin({ proxy, method: 'GET', path: '/', headers: [], definitions: {} })!
  message.finish(200, false)
  recorder!.finished(message)
}

t.test('what arrives late of an earlier recording hides no message of the next one', async t => {
  const service: RecordedService = { recorder: undefined }
  const recording = new ProcessRecording([service])
  const messagesOf = (proxy: string, count: number): readonly Recorded[] => {
    const recorded: Recorded[] = []
    recording.record(SETTINGS, each => recorded.push(each))
    for (let each = 0; each < count; each++) pass(service, proxy)
    recording.flush()
    return recorded
  }
  const store = new MessageStore()
  const earlier = messagesOf('Earlier', 3)
  store.restart()
  const next = messagesOf('Next', 2)
  for (const each of [...earlier, ...next]) store.add(7, each)
  t.same(store.list(0, 10).map(({ message }) => message.proxy), ['Next', 'Next', 'Earlier', 'Earlier', 'Earlier'])
})

t.test('a message that has ended is handed over in a later turn of the event loop, or when that is wanted', async t => {
  const service: RecordedService = { recorder: undefined }
  const recording = new ProcessRecording([service])
  const recorded: Recorded[] = []
  recording.record(SETTINGS, each => recorded.push(each))
  pass(service)
  t.same(recorded, [], 'the next request is not kept waiting')
  await until(() => recorded.length === 1)
  pass(service)
  pass(service)
  recording.flush()
  t.equal(recorded.length, 3)
  pass(service)
  recording.record(undefined, () => {})
  t.equal(recorded.length, 4, 'those that ended before the end of the recording are kept')
})
