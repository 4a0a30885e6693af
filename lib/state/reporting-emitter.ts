import { EventEmitter } from 'node:events'

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Emits events to listeners that may fail. @template E the arguments of each event by its name; one payload each */
export class ReportingEmitter<E extends Record<keyof E, [unknown]>> extends EventEmitter<E> {
  /** Receives the errors of listeners. Default: they are dropped */
  onListenerError: ((error: unknown, event: keyof E & string) => void) | undefined

  /** Calls the listeners of an event. One that throws or rejects affects nothing else. */
  report<K extends keyof E & string>(event: K, payload: E[K][0]): void {
    const onError = (error: unknown): void => this.onListenerError?.(error, event)
    for (const listener of (this as EventEmitter).rawListeners(event)) {
      try {
        const result: unknown = Reflect.apply(listener, this, [payload])
        if (isThenable(result)) result.then(undefined, onError)
      } catch (error) {
        onError(error)
      }
    }
  }
}
