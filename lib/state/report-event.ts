import type { EventEmitter } from 'node:events'

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Calls the listeners of an event. An error or a rejection of one goes to `onError` and does not stop the others. */
export function reportEvent (
  emitter: Pick<EventEmitter, 'rawListeners'>, event: string, payload: unknown, onError: (error: unknown) => void
): void {
  for (const listener of emitter.rawListeners(event)) {
    try {
      const result: unknown = Reflect.apply(listener, emitter, [payload])
      if (isThenable(result)) result.then(undefined, onError)
    } catch (error) {
      onError(error)
    }
  }
}
