import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import proxyServices from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { capture } from '../support/operation/captured-log.js'
import { until } from '../support/until.js'

t.test('minReady: one line when a group falls below it, one when it has reached it again, over changes of members', async t => {
  const backends = await Promise.all(['a', 'b', 'c', 'd'].map(name => backend(t, name)))
  const names = backends.map(({ port }) => `g 127.0.0.1:${port}`)
  const folder = t.testdir()
  const write = async (count: number): Promise<void> => {
    const members = backends.slice(0, count).map(({ port }) => ({ hostName: '127.0.0.1', httpPort: port }))
    await writeFile(join(folder, 'members.json'), JSON.stringify(members))
  }
  await write(3)
  const { app, lines } = capture(t)
  const group = { kind: 'dynamicLoadbalance', name: 'g', minReady: '60%', membership: { file: 'members.json' } }
  const definitions: object = { proxies: { P: { endpoint: group } } }
  await app.register(proxyServices, { definitions, baseDir: folder })
  await app.ready()
  const registry = app.endpointRegistry
  const headers = { 'content-type': 'application/xml' }
  const message = { method: 'POST', url: '/services/P', payload: '<a/>', headers } as const
  /** Sends ten messages. Returns the lines about minReady since the last ones. */
  let seen = 0
  const linesOfTen = async (): Promise<string[]> => {
    for (let count = 0; count < 10; count++) t.equal((await app.inject(message)).statusCode, 200)
    const found = lines.slice(seen).filter(({ msg }) => msg.includes('minReady'))
    seen = lines.length
    return found.map(({ level, msg }) => `${level} ${msg}`)
  }
  const changeTo = async (count: number): Promise<void> => {
    await write(count)
    await until(() => registry.groups.get('g')?.members.length === count, `${count} members`)
  }
  t.same(await linesOfTen(), [])
  for (const name of names.slice(0, 2)) registry.switchOff(name)
  const isBelow = '40 group g is below its minReady, and ignores suspensions after sending: 1 of 3 members are ready'
  t.same(await linesOfTen(), [isBelow])
  t.same(await linesOfTen(), [])
  await changeTo(4)
  t.same(await linesOfTen(), [], 'it is still below')
  registry.switchOn(names[0]!)
  t.same(await linesOfTen(), ['30 group g has reached its minReady again: 3 of 4 members are ready'])
  registry.switchOff(names[0]!)
  t.match(await linesOfTen(), [/^40 .* is below its minReady/])
  registry.switchOn(names[0]!)
  await changeTo(3)
  t.match(await linesOfTen(), [/^30 .* has reached its minReady again: 2 of 3/])
  t.same(await linesOfTen(), [])
})
