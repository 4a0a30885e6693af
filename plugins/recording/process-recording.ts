import type { MessageRecorder } from './message-recorder.js'
import type { Recorded } from './recorded-message.js'
import { Recorder, type RecorderSettings } from './recorder.js'

/** What serves the messages that are recorded. */
export interface RecordedService {
  recorder: MessageRecorder | undefined
}

/** Records the messages of one process. */
export class ProcessRecording {
  readonly #services: Iterable<RecordedService>
  #recorder: Recorder | undefined

  constructor (services: Iterable<RecordedService>) {
    this.#services = services
  }

  /** Records by these settings from now on; undefined: stops. Messages on their way are not kept any more. */
  record (settings: RecorderSettings | undefined, keep: (recorded: Recorded) => void): void {
    this.#recorder?.stop()
    this.#recorder = settings && new Recorder(settings, keep)
    for (const service of this.#services) service.recorder = this.#recorder
  }
}
