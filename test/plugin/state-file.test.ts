/** The option `stateFile`: switches by hand survive a restart. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { type Definitions } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { definitions, proxy } from '../support/workers/configuration.js'
import { fleet, send } from '../support/workers/fleet.js'
import { until } from '../support/until.js'

const groupOf = (...members: readonly string[]): Definitions => ({
  proxies: {
    P: {
      endpoint: { kind: 'loadbalance', members: members.map((uri, at) => ({ kind: 'address', name: `E${at}`, uri })) }
    }
  }
})

interface Started {
  readonly app: FastifyInstance
  readonly log: { level: number; msg: string; cause?: string; renamedTo?: string }[]
  readonly states: () => Record<string, string>
}

async function start (t: Test, stateFile: string, definitions: Definitions | (() => Definitions)): Promise<Started> {
  const log: Started['log'] = []
  const stream = {
    write: (line: string): void => {
      log.push(JSON.parse(line) as Started['log'][number])
    }
  }
  const app = Fastify({ logger: { stream } })
  t.teardown(async () => {
    await app.close()
  })
  await app.register(proxyServices, { definitions, stateFile })
  await app.ready()
  const states = (): Record<string, string> =>
    Object.fromEntries([...app.endpointRegistry.endpoints].map(([name, { health }]) => [name, health.state]))
  return { app, log, states }
}

/** A folder that is removed when the apps of the test are closed. Files by name; an object is a folder. */
function folderOf (t: Test, files: Record<string, string | Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'state-file-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string') writeFileSync(join(folder, name), content)
    else {
      mkdirSync(join(folder, name))
      for (const [inner, text] of Object.entries(content)) writeFileSync(join(folder, name, inner), text)
    }
  }
  return folder
}

const status = async ({ app }: Started): Promise<number> =>
  (await app.inject({ method: 'POST', url: '/services/P', headers: { 'content-type': 'text/plain' }, body: 'x' }))
    .statusCode

t.test('an endpoint that is off or draining by hand is so after a restart, one that is switched on is not', async t => {
  const file = join(folderOf(t, {}), 'state.json')
  const members = groupOf('http://user:secret@127.0.0.1:1/', 'http://127.0.0.1:2/', 'http://127.0.0.1:3/')
  const first = await start(t, file, members)
  first.app.endpointRegistry.switchOff('E0')
  first.app.endpointRegistry.drain('E1')
  first.app.endpointRegistry.switchOff('E2')
  first.app.endpointRegistry.switchOn('E2')
  const since = first.app.endpointRegistry.endpoints.get('E0')!.health
  await first.app.close()
  t.notMatch(readFileSync(file, 'utf8'), 'secret', 'the file contains no password')

  const second = await start(t, file, members)
  t.same(second.states(), { E0: 'off', E1: 'draining', E2: 'active' })
  t.same(second.app.endpointRegistry.endpoints.get('E0')!.health, since, 'since when is kept, too')
  t.match(
    second.log.map(({ msg }) => msg),
    [/E0|127.0.0.1:1.* is off/, /127.0.0.1:2.* is draining/]
  )
  second.app.endpointRegistry.switchOn('P loadbalance')
  await second.app.close()
  const third = await start(t, file, members)
  t.same(third.states(), { E0: 'active', E1: 'active', E2: 'active' })
  await third.app.close()
  t.same(readdirSync(dirname(file)), ['state.json'], 'no other file is left')
})

t.test('an endpoint at another address is another endpoint; one that a reload adds again is what it was', async t => {
  const file = join(folderOf(t, {}), 'state.json')
  let members = ['http://127.0.0.1:1/', 'http://127.0.0.1:2/']
  const { app, states } = await start(t, file, () => groupOf(...members))
  app.endpointRegistry.switchOff('E1')
  members = ['http://127.0.0.1:1/']
  await app.proxyServices.reload()
  members = ['http://127.0.0.1:1/', 'http://127.0.0.1:3/']
  await app.proxyServices.reload()
  t.same(states(), { E0: 'active', E1: 'active' })
  members = ['http://127.0.0.1:1/', 'http://127.0.0.1:2/']
  await app.proxyServices.reload()
  t.same(states(), { E0: 'active', E1: 'off' })
})

const BROKEN: Record<string, string> = {
  'no JSON': '{"version": 1, "swi',
  empty: '',
  'another version': '{"version": 2, "switches": []}',
  'no list': '{"version": 1, "switches": {}}',
  'an entry without a state': '{"version": 1, "switches": [{"endpoint": "E0", "id": "x", "since": "2026-01-01"}]}',
  'an unknown state':
    '{"version": 1, "switches": [{"endpoint": "E0", "id": "x", "state": "suspended", "since": "2026-01-01"}]}',
  'no time': '{"version": 1, "switches": [{"endpoint": "E0", "id": "x", "state": "off", "since": "then"}]}',
  'a list': '[]'
}
for (const [what, text] of Object.entries(BROKEN)) {
  t.test(`a state file with ${what} is set aside with a line in the log, and traffic continues`, async t => {
    const up = await backend(t, 'up')
    const file = join(folderOf(t, { 'state.json': text }), 'state.json')
    const started = await start(t, file, groupOf(up.uri))
    t.equal(await status(started), 200)
    const [line] = started.log.filter(({ level }) => level === 50)
    t.match(line?.msg, /^the state file .*state\.json cannot be used: endpoints that were off or draining receive/)
    t.ok(line?.cause, 'and why')
    t.equal(line?.renamedTo, `${file}.broken`, 'and where its content is')
    t.equal(readFileSync(`${file}.broken`, 'utf8'), text, 'its content is kept')
    started.app.endpointRegistry.switchOff('E0')
    await started.app.close()
    t.same((await start(t, file, groupOf(up.uri))).states(), { E0: 'off' }, 'and the next one works')
  })
}

t.test('a state file that cannot be written is one line in the log, and is written once it can be', async t => {
  const up = await backend(t, 'up')
  const folder = join(folderOf(t, {}), 'later')
  const started = await start(t, join(folder, 'state.json'), groupOf(up.uri))
  const { app, log } = started
  for (let count = 0; count < 10; count++) {
    app.endpointRegistry.switchOff('E0')
    app.endpointRegistry.switchOn('E0')
  }
  app.endpointRegistry.drain('E0')
  await until(() => log.some(({ msg }) => msg.includes('cannot be kept')))
  app.endpointRegistry.switchOn('E0')
  t.equal(await status(started), 200)
  app.endpointRegistry.switchOff('E0')
  mkdirSync(folder)
  await until(() => log.some(({ msg }) => msg.includes('again')))
  t.equal(log.filter(({ level }) => level === 40).length, 1)
  t.match(readFileSync(join(folder, 'state.json'), 'utf8'), /"state": "off"/)
})

t.test('a state file that is a folder or a device changes nothing but the log', async t => {
  const up = await backend(t, 'up')
  const folder = join(folderOf(t, { state: { inside: '' } }), 'state')
  const started = await start(t, folder, groupOf(up.uri))
  t.equal(await status(started), 200)
  t.equal(started.log.filter(({ level }) => level >= 40).length >= 1, true)
})

t.test('the file has one of the states of many switches whenever it is read', async t => {
  const file = join(folderOf(t, {}), 'state.json')
  const { app } = await start(t, file, groupOf('http://127.0.0.1:1/', 'http://127.0.0.1:2/'))
  await until(() => readdirSync(dirname(file)).includes('state.json'))
  for (let count = 0; count < 200; count++) {
    app.endpointRegistry[count % 2 === 0 ? 'switchOff' : 'switchOn']('P loadbalance')
    if (count % 10 === 0) await delay(1)
    const { switches } = JSON.parse(readFileSync(file, 'utf8')) as { switches: object[] }
    t.ok([0, 1, 2].includes(switches.length))
  }
  app.endpointRegistry.switchOff('E0')
  await app.close()
  t.equal(
    (JSON.parse(readFileSync(file, 'utf8')) as { switches: object[] }).switches.length,
    1,
    'the last state is kept'
  )
})

t.test('two registrations of an app have one file', async t => {
  const folder = folderOf(t, { other: '' })
  const { app } = await start(t, join(folder, 'state.json'), groupOf('http://127.0.0.1:1/'))
  await app.close()
  const second = Fastify()
  t.teardown(async () => {
    await second.close()
  })
  const options = { definitions: groupOf('http://127.0.0.1:1/') }
  await second.register(proxyServices, { ...options, stateFile: join(folder, 'state.json'), prefix: '/a' })
  await second.register(proxyServices, { ...options, stateFile: join(folder, 'state.json'), prefix: '/b' })
  await t.rejects(
    async () => await second.register(proxyServices, { ...options, stateFile: join(folder, 'other'), prefix: '/c' }),
    { code: 'PROXY_SERVICES_INVALID_OPTION', message: /keeps its switches in .*state\.json already/ }
  )
})

t.test('several workers keep one state: off before, off after, also for an endpoint that a reload adds', async t => {
  t.setTimeout(600_000)
  const members = await Promise.all(['one', 'two'].map(async name => await backend(t, name)))
  const config = join(folderOf(t, { config: { 'p.xml': definitions(proxy(members)) } }), 'config', 'p.xml')
  const file = join(dirname(config), '..', 'state.json')
  const restart = async (): Promise<Awaited<ReturnType<typeof fleet>>> => await fleet(t, config, 2, ['--state', file])
  const gateway = await restart()
  await gateway.listened(2)
  await gateway.admin('/endpoints', { name: 'P-one', status: 'off' })
  gateway.running.child.kill('SIGTERM')
  t.equal(await gateway.running.exited, 0)

  const next = await restart()
  await next.listened(2)
  const replies = await Promise.all(Array.from({ length: 40 }, async (_, at) => await send(next.port, `s${at}`)))
  t.same(new Set(replies.map(({ from }) => from)), new Set(['two']))

  const both = readFileSync(config, 'utf8')
  writeFileSync(config, both.replace(/<endpoint name="P-one">.*?<\/endpoint>/s, ''))
  next.running.child.kill('SIGHUP')
  await next.running.line(/configuration reloaded/)
  writeFileSync(config, both)
  next.running.child.kill('SIGHUP')
  await next.running.line(/configuration reloaded/, 2)
  const later = await Promise.all(Array.from({ length: 40 }, async (_, at) => await send(next.port, `l${at}`)))
  t.same(new Set(later.map(({ from }) => from)), new Set(['two']))
  t.equal(members[0]!.requests.length, 0, 'it received no message')
})
