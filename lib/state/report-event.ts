import type { EventEmitter } from 'node:events'

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Calls the listeners of an event. What one throws, or rejects with, goes to `onError` and stops no other one. */
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
