import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { ConnectionPool } from '../../../plugins/http/client/connection-pool.js'
import { until } from '../../support/until.js'
import { turns } from './scripted-server.js'
import { send, Sending, type Result } from './sending.js'

/**
 * Sends two requests on one connection to an endpoint in another thread. This thread sleeps until the endpoint has sent
 * a second response without framing, and has closed the connection: then all of it is read in one turn.
 */
async function sleepThrough (t: Test, close: 'end' | 'resetAndDestroy', size: number): Promise<Result> {
  const gate = new Int32Array(new SharedArrayBuffer(8))
  const code = `const { parentPort, workerData: { gate, close, size } } = require('node:worker_threads')
    const server = require('node:net').createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx')
        socket.once('data', () => {
          Atomics.wait(gate, 1, 0)
          socket.write('HTTP/1.1 200 OK\\r\\n\\r\\n' + 'y'.repeat(size), () => {
            socket[close]()
            setImmediate(() => { Atomics.store(gate, 0, 1); Atomics.notify(gate, 0) })
          })
        })
      })
    }).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`
  const worker = new Worker(code, { eval: true, workerData: { gate, close, size } })
  const [port] = await once(worker, 'message') as [number]
  const pool = new ConnectionPool(`http://127.0.0.1:${port}`, {})
  t.teardown(async () => {
    pool.destroy()
    await worker.terminate()
  })
  t.equal((await send(pool)).body, 'x')
  await turns(3)
  const second = new Sending(pool)
  await until(() => second.exchange.bytesWritten > 0)
  t.equal(second.exchange.reused, true)
  Atomics.store(gate, 1, 1)
  Atomics.notify(gate, 1)
  t.not(Atomics.wait(gate, 0, 0, 10_000), 'timed-out')
  return await second.result
}

for (const size of [10, 1000, 30_000]) {
  t.test(`a response of ${size} bytes without framing is broken off by a reset that is read with its last bytes`, async t => {
    const { error } = await sleepThrough(t, 'resetAndDestroy', size)
    t.match(error, { kind: 'truncated', code: 'ECONNRESET' })
  })

  t.test(`a response of ${size} bytes without framing is complete at the end of its connection`, async t => {
    const { body, error } = await sleepThrough(t, 'end', size)
    t.equal(error, undefined)
    t.equal(body.length, size)
  })
}
