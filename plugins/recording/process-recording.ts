import type { FastifyBaseLogger } from 'fastify'
import type { MessageRecorder } from './message-recorder.js'
import type { Recorded } from './recorded-message.js'
import { Recorder, type RecorderSettings } from './recorder.js'

/** What serves the messages that are recorded. */
export interface RecordedService {
  recorder: MessageRecorder | undefined
}

/**
 * Records the messages of one process. Numbers of messages rise from one recording to the next: what arrives late of an
 * earlier one is not taken for a message of the next.
 */
export class ProcessRecording {
  readonly #services: Iterable<RecordedService>
  readonly #log: Pick<FastifyBaseLogger, 'error'>
  #recorder: Recorder | undefined
  #lastNumber = 0

  constructor (services: Iterable<RecordedService>, log: Pick<FastifyBaseLogger, 'error'>) {
    this.#services = services
    this.#log = log
  }

  /** Records by these settings from now on; undefined: stops. Messages on their way are not kept any more. */
  record (settings: RecorderSettings | undefined, keep: (recorded: Recorded) => void): void {
    this.#recorder?.stop()
    const onFailure = (error: string): void => this.#log.error({ error }, 'a message could not be recorded')
    this.#recorder = settings && new Recorder(settings, keep, () => ++this.#lastNumber, onFailure)
    for (const service of this.#services) service.recorder = this.#recorder
  }

  /** Hands over all messages that have ended. */
  flush (): void {
    this.#recorder?.flush()
  }
}
