import { request } from 'node:http'
import t from 'tap'
import { Running, serve } from '../support/processes/serve-process.js'

const CONFIG = 'config/lb-proxy.xml'

t.test('log-level shows and changes the level of a running gateway, and the change is in its log', async t => {
  const gateway = serve(t, CONFIG, ['--log-level', 'info'], { adminPort: '0' })
  await gateway.port('Server')
  const admin = ['--admin', `http://127.0.0.1:${await gateway.port('Admin')}`]
  const run = async (...words: string[]): Promise<[number | null, string]> => {
    const command = new Running(t, [...words, ...admin])
    return [await command.exited, command.text]
  }
  t.strictSame(await run('log-level'), [0, 'info\n'])
  t.strictSame(await run('log-level', 'silent'), [0, 'silent\n'])
  await run('off', 'LBService1')
  t.strictSame(await run('log-level', 'debug'), [0, 'debug\n'])
  await run('on', 'http://localhost:9001/services/LBService1')
  await gateway.line(/by hand: .* is switched on/)
  t.strictSame(
    gateway.lines
      .filter(({ msg }) => msg.startsWith('by hand: the log level'))
      .map(({ before, after, remote }) => [before, after, remote]),
    [
      ['info', 'silent', '127.0.0.1'],
      ['silent', 'debug', '127.0.0.1']
    ]
  )
  t.notOk(
    gateway.lines.some(({ msg }) => /is switched off/.test(msg)),
    'nothing is logged in between'
  )
  const [code, text] = await run('log-level', 'loud')
  t.equal(code, 1)
  t.match(text, /level/)
})

t.test('status --watch shows the state again and again, also while no gateway is reachable', async t => {
  const start = (port: string): Running =>
    new Running(t, ['serve', CONFIG, '--port', '0', '--host', '127.0.0.1', '--admin-port', port])
  const first = start('0')
  const port = String(await first.port('Admin'))
  const watch = new Running(t, ['status', '--watch', '--admin', `http://127.0.0.1:${port}`])
  await watch.until(text => (text.match(/all 3 endpoints are ready/g) ?? []).length > 1)
  first.child.kill('SIGKILL')
  await watch.until(text => text.includes('nothing listens at'))
  start(port)
  await watch.until(text => /nothing listens[^]*all 3 endpoints are ready/.test(text))
  watch.child.kill('SIGINT')
  await watch.exited
})

t.test('serve has the console at its admin port, and has none with --admin-console off', async t => {
  const statuses = async (...flags: string[]): Promise<number[]> => {
    const gateway = serve(t, CONFIG, flags, { adminPort: '0' })
    const admin = `http://127.0.0.1:${await gateway.port('Admin')}`
    const paths = ['/console/', '/configuration', '/endpoints']
    const all = await Promise.all(paths.map(async path => (await fetch(admin + path)).status))
    gateway.child.kill('SIGTERM')
    await gateway.exited
    return all
  }
  t.strictSame(await statuses(), [200, 200, 200])
  t.strictSame(await statuses('--admin-console', 'off'), [404, 404, 200], 'the rest of the admin API stays')
})

t.test('serve accepts the names of --admin-allow-host as Host, and no other', async t => {
  const gateway = serve(t, CONFIG, ['--admin-allow-host', 'gateway.example,other.example'], { adminPort: '0' })
  const port = await gateway.port('Admin')
  const status = async (host: string): Promise<number | undefined> =>
    await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/endpoints', headers: { host } }, response => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject).end()
    })
  const hosts = ['gateway.example', 'other.example:9164', '127.0.0.1', 'evil.example']
  t.strictSame(await Promise.all(hosts.map(status)), [200, 200, 200, 403])
})
