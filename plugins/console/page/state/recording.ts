import type { RecordingView } from '../../../admin/messages/message-views.js'
import { api, messageOf, operatorQuery } from './api.js'
import { notify } from './notice.js'
import { recording } from './store.js'

/** Reads whether messages are recorded. @param maySee whether the gateway shows that to this caller */
export async function readRecording (maySee: boolean): Promise<void> {
  // A reading that fails is repeated with the connection: until then the page keeps what it knew.
  if (maySee) recording.value = await api<RecordingView>('recording').catch(() => recording.value)
  else recording.value = undefined
}

/** Stops the recording, and keeps what was recorded. */
export async function stopRecording (): Promise<void> {
  try {
    recording.value = await api<RecordingView>(`recording${operatorQuery()}`, 'DELETE')
    notify('The recording is stopped.')
  } catch (error) {
    notify(messageOf(error), undefined, true)
  }
}
