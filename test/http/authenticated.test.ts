import type { Socket } from 'node:net'
import t from 'tap'
import { bareProxy, origin, post, rawBackend, whole, wire } from './harness.js'

t.test('a connection that NTLM authenticates serves one client alone, and ends with it', async t => {
  const used: Socket[] = []
  const closed = new Set<Socket>()
  const port = await rawBackend(t, socket => {
    socket.on('close', () => closed.add(socket)).on('error', () => {})
    socket.on('data', () => {
      used.push(socket)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
    })
  })
  const proxy = await bareProxy(t, { origins: [origin(port)] })
  const alice = wire(t, proxy.port, post('x', 'Authorization: NTLM TlRMTVNTUAAB\r\n'))
  await alice.until(whole)
  alice.text = ''
  alice.socket.write(post('x'))
  await alice.until(whole)
  t.equal(used[0], used[1], 'her next request goes out on it')
  await wire(t, proxy.port, post('x')).until(whole)
  t.not(used[2], used[0], 'another client gets another connection')
  alice.socket.destroy()
  await new Promise<void>(resolve => {
    if (closed.has(used[0]!)) resolve()
    else used[0]!.once('close', () => resolve())
  })
  t.notOk(closed.has(used[2]!))
})
