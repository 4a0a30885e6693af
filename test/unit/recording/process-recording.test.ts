import t from 'tap'
import { MessageStore } from '../../../plugins/admin/messages/message-store.js'
import { ProcessRecording, type RecordedService } from '../../../plugins/recording/process-recording.js'
import type { Recorded } from '../../../plugins/recording/recorded-message.js'
import { until } from '../../support/until.js'

const SETTINGS = {
  only: 'all', slowerThan: null, proxies: null, bytes: 0, hide: [], perSecond: 1e6, seed: [1, 2]
} as const

const QUIET = { error () {} }

/** A message passes through the proxy, from its begin to its end. */
function pass ({ recorder }: RecordedService, proxy = 'P', definitions = {}): void {
  const message = recorder!.begin({ proxy, method: 'GET', path: '/', headers: [], definitions })!
  message.finish(200, false)
  recorder!.finished(message)
}

t.test('what arrives late of an earlier recording hides no message of the next one', async t => {
  const service: RecordedService = { recorder: undefined }
  const recording = new ProcessRecording([service], QUIET)
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
  const recording = new ProcessRecording([service], QUIET)
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

/** Of a configuration whose session headers cannot be found, as by an error in what hides secrets. */
const UNREADABLE = {
  get session (): never {
    throw new TypeError('the password is hunter2\n    at hunter2')
  }
}

t.test('a message whose secrets cannot be hidden is dropped, and the log reports it once, without quoting it', async t => {
  const lines: unknown[][] = []
  const service: RecordedService = { recorder: undefined }
  const recording = new ProcessRecording([service], { error: (...line: unknown[]) => lines.push(line) })
  const recorded: Recorded[] = []
  recording.record(SETTINGS, each => recorded.push(each))
  pass(service, 'Unreadable', UNREADABLE)
  pass(service, 'Unreadable', UNREADABLE)
  pass(service, 'Readable')
  await until(() => recorded.length === 3)
  t.match(recorded, [{ dropped: 1 }, { dropped: 2 }, { message: { proxy: 'Readable' } }])
  t.equal(lines.length, 1)
  t.match(lines[0], [{ error: /^TypeError at .*process-recording\.test/ }, 'a message could not be recorded'])
  t.notMatch(JSON.stringify(lines), 'hunter2')
})

t.test('a message that cannot be recorded while it is on its way is dropped once', async t => {
  const service: RecordedService = { recorder: undefined }
  const recording = new ProcessRecording([service], QUIET)
  const recorded: Recorded[] = []
  recording.record(SETTINGS, each => recorded.push(each))
  const message = service.recorder!.begin({ proxy: 'P', method: 'GET', path: '/', headers: [], definitions: UNREADABLE })!
  message.finish(202, false)
  const delivery = Promise.resolve()
  service.recorder!.finished(message, delivery)
  recording.flush()
  await delivery
  recording.flush()
  t.same(recorded, [{ dropped: 1 }])
  t.equal(message.given.path, '', 'nothing of it is left')
})
