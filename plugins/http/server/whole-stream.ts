import type { Readable } from 'node:stream'

/** Whether nothing has begun to read a stream, and it can be read. */
export const isUnread = (stream: Readable): boolean => stream.readableFlowing === null && !stream.destroyed

/** Returns all `length` bytes of an unread stream if they are here and nothing else waits for its end; else null. */
export function takeWhole (stream: Readable, length: number): unknown {
  return stream.readableLength === length && isUnread(stream) && !hasListeners(stream) ? stream.read() : null
}

const hasListeners = (stream: Readable): boolean =>
  stream.listenerCount('close') > 0 || stream.listenerCount('end') > 0 || stream.listenerCount('aborted') > 0
