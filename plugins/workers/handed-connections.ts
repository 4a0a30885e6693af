import type { Worker } from 'node:cluster'

/** One for each port; more do no harm. */
const MAX_HANDED = 4

interface Closeable {
  close(): void
}

/**
 * Closes the connections that a worker had not yet accepted when it ended: Node keeps them open in the primary, and
 * their clients would wait for ever. At most one of each port is on its way to a worker. Closing one that the worker
 * has accepted does nothing, since the primary has closed it already.
 * @see Node.js, lib/internal/cluster/round_robin_handle.js: a connection is closed by the reply of its worker only
 */
export function closeHandedConnections (worker: Worker): void {
  const { process } = worker
  const send = process.send.bind(process) as (...words: unknown[]) => boolean
  const handed: Closeable[] = []
  process.send = (...words: unknown[]): boolean => {
    const [, handle] = words
    if (isCloseable(handle)) {
      handed.push(handle)
      if (handed.length > MAX_HANDED) handed.shift()
    }
    return send(...words)
  }
  worker.once('exit', () => {
    for (const handle of handed) handle.close()
  })
}

const isCloseable = (value: unknown): value is Closeable =>
  typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function'
