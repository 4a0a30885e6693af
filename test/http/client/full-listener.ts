import { once } from 'node:events'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Test } from 'tap'
import { until } from '../../support/until.js'

/** Listens, and accepts nothing: its queue of one connection or two is full. */
export async function fullListener (t: Test, port = 0): Promise<number> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const code = `const { parentPort, workerData } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: workerData.port, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      setImmediate(() => { Atomics.wait(workerData.gate, 0, 0); process.exit() })
    })`
  const worker = new Worker(code, { eval: true, workerData: { gate, port } })
  const [bound] = await once(worker, 'message') as [number]
  const sockets = Array.from({ length: 8 }, () => connect(bound, '127.0.0.1').on('error', () => {}))
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
    await once(worker, 'exit')
  })
  await until(() => sockets.some(({ connecting }) => !connecting))
  return bound
}
