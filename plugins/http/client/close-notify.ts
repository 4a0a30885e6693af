import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { getSystemErrorName } from 'node:util'

/**
 * Returns whether a TLS peer has announced its end (close_notify). Call it in the turn of the socket's
 * 'end': TCP's own end may be forged by anyone on the way, so that a body that only the end of the connection
 * delimits would be cut without a trace.
 *
 * Node shows both in the same way. They differ in the TCP handle below: after a close_notify it still reads,
 * after TCP's end it does not. To begin to read what is being read fails with EALREADY. Where a version of Node
 * has no such handle, the result is false.
 *
 * @see RFC 9112, section 9.8
 */
export function closedByNotify (socket: Socket): boolean {
  if (!(socket instanceof TLSSocket) || !('_handle' in socket)) return false
  const { _handle: handle } = socket
  if (typeof handle !== 'object' || handle === null || !('_parent' in handle)) return false
  const { _parent: tcp } = handle
  if (typeof tcp !== 'object' || tcp === null || !('readStart' in tcp)) return false
  if (typeof tcp.readStart !== 'function') return false
  const result: unknown = tcp.readStart()
  return typeof result === 'number' && result < 0 && getSystemErrorName(result) === 'EALREADY'
}
