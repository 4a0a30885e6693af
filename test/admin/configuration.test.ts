import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { edited, ENDPOINT, endpointsOf, group, NS } from '../support/operation/edited-configuration.js'
import { adminApp } from '../support/operation/admin-app.js'

const execute = promisify(execFile)

t.test('a file is read with its hash, saved in place, and runs', async t => {
  const setup = await edited(t)
  const {
    body: { text, hash }
  } = await setup.get(`/configuration/files/${setup.path(ENDPOINT)}`)
  t.equal(text, group())
  t.match(hash, /^[0-9a-f]{64}$/)
  const next = group('900000', ['orders-1', 'orders-2'])
  const { status } = await setup.post('/configuration/apply', {
    how: 'save',
    files: await setup.change(ENDPOINT, next)
  })
  t.equal(status, 200)
  t.equal(await setup.onDisk(ENDPOINT), next, 'comments and white space included')
  t.strictSame(endpointsOf(setup), ['orders-1', 'orders-2'])
  t.ok(setup.log.some(({ msg }) => msg === 'by hand: the configuration was saved'))
  const {
    body: { reloads }
  } = await setup.get('/configuration')
  t.match(reloads, [
    { number: 1, reason: 'start', outcome: 'ran' },
    { number: 2, reason: 'saved', outcome: 'ran' }
  ])
})

t.test('a check reports problems by the words of `check`, and what would change', async t => {
  const setup = await edited(t)
  setup.app.endpointRegistry.groups.get('OrdersLB')!.sessions!.set('a', 0)
  const files = await setup.change(ENDPOINT, group('900000', ['orders-2']))
  const { body } = await setup.post('/configuration/check', { files })
  t.strictSame(body.problems, [])
  t.strictSame(body.effects, [
    {
      artefacts: { added: [], removed: [], changed: ['endpoint OrdersLB'] },
      newEndpoints: ['orders-2'],
      removedEndpoints: ['orders-1'],
      lostSessions: [{ group: 'OrdersLB', bound: 1 }]
    }
  ])
  t.strictSame(endpointsOf(setup), ['orders-1'], 'nothing is changed')

  const wrong = await setup.post('/configuration/check', { files: await setup.change(ENDPOINT, group('soon')) })
  t.match(wrong.body.problems, [{ severity: 'error', file: setup.path(ENDPOINT), line: 3 }])
  t.strictSame(wrong.body.effects, [])
})

t.test('a text is written in the other language, with what that cannot express', async t => {
  const { post } = await edited(t)
  const inJson = await post('/configuration/convert', { file: 'a.xml', text: group() })
  t.match(inJson.body, { to: 'json', losesComments: true, losses: [], problems: [] })
  t.match(JSON.parse(inJson.body.text), { endpoints: { OrdersLB: { session: { sessionTimeout: 600_000 } } } })
  const back = await post('/configuration/convert', { file: 'a.json', text: inJson.body.text })
  t.match(back.body, { to: 'xml', losesComments: false, text: /<sessionTimeout>600000</ })
  const broken = await post('/configuration/convert', { file: 'a.json', text: '{ "endpoints": ' })
  t.match(broken, { status: 200, body: { problems: [{ code: 'malformed-json', file: 'a.json' }] } })
  t.notOk('text' in broken.body)
  const withoutXml = { defaults: { timeout: 5 } }
  const lossy = await post('/configuration/convert', { file: 'a.json', text: JSON.stringify(withoutXml) })
  t.match(lossy.body, { to: 'xml', losses: ['defaults.timeout'] })
  t.equal((await post('/configuration/convert', { file: 'a.xml', text: group() }, '')).status, 401)
})

t.test('a configuration with errors is neither tried nor saved', async t => {
  const setup = await edited(t)
  for (const how of ['try', 'save']) {
    const files = await setup.change(ENDPOINT, '<endpoint')
    const { status, body } = await setup.post('/configuration/apply', { how, files })
    t.equal(status, 422)
    t.match(body.problems, [{ severity: 'error', file: setup.path(ENDPOINT) }])
  }
  t.equal(await setup.onDisk(ENDPOINT), group())
})

t.test('a file that was changed on disk is not overwritten', async t => {
  const setup = await edited(t)
  const files = await setup.change(ENDPOINT, group('900000'))
  await writeFile(setup.path(ENDPOINT), group('700000'))
  for (const how of ['try', 'save']) {
    const { status, body } = await setup.post('/configuration/apply', { how, files })
    t.equal(status, 409)
    t.match(body.Error, /has changed since it was opened/)
  }
  t.equal(await setup.onDisk(ENDPOINT), group('700000'))
})

t.test('files of a configuration are added and removed', async t => {
  const setup = await edited(t)
  const sequence = `<sequence xmlns="${NS}" name="log-all"><log/></sequence>`
  const added = { [setup.path('sequences/log-all.xml')]: { text: sequence, was: null } }
  t.equal((await setup.post('/configuration/apply', { how: 'save', files: added })).status, 200)
  t.ok((await setup.get('/configuration')).body.files.includes(setup.path('sequences/log-all.xml')))
  const removed = await setup.change('sequences/log-all.xml', null)
  t.equal((await setup.post('/configuration/apply', { how: 'save', files: removed })).status, 200)
  await t.rejects(setup.onDisk('sequences/log-all.xml'), { code: 'ENOENT' })
})

t.test('no path outside of the configuration is read or written', async t => {
  const setup = await edited(t)
  await mkdir(join(setup.folder, '..', 'elsewhere'), { recursive: true })
  await symlink(join(setup.folder, '..', 'elsewhere'), setup.path('sequences'))
  const outside = [
    '/etc/passwd',
    `${setup.folder}/../evil.xml`,
    setup.path('endpoints/../../evil.xml'),
    setup.path('sequences/x.xml'),
    setup.path('elsewhere/x.xml'),
    setup.path('endpoints/x.sh'),
    setup.path('package.json'),
    setup.path('.hidden.xml'),
    'endpoints/x.xml',
    setup.path('endpoints/a\0.xml'),
    setup.path('endpoints/deep/x.xml')
  ]
  for (const file of outside) {
    const { status } = await setup.get(`/configuration/files/${encodeURIComponent(file)}`)
    t.equal(status, 404, `${file} is not read`)
    for (const url of ['/configuration/check', '/configuration/apply']) {
      const files = { [file]: { text: '<x/>', was: null } }
      t.equal((await setup.post(url, { how: 'save', files })).status, 400, `${file} is refused by ${url}`)
    }
  }
})

t.test('sources and changes need the token; without one the list and the problems are shown', async t => {
  const setup = await edited(t, { token: undefined })
  const file = `/configuration/files/${setup.path(ENDPOINT)}`
  t.equal((await setup.get('/configuration', '')).status, 200)
  t.equal((await setup.get(file, '')).status, 403)
  t.equal((await setup.get('/configuration/reloads/1', '')).status, 403)
  const files = { [setup.path(ENDPOINT)]: { text: '', was: null } }
  for (const url of ['check', 'apply', 'keep', 'revert']) {
    t.equal((await setup.post(`/configuration/${url}`, { how: 'save', files }, '')).status, 403, url)
  }
  const locked = await edited(t)
  for (const url of ['/configuration', `/configuration/files/${locked.path(ENDPOINT)}`]) {
    t.equal((await locked.get(url, 'wrong')).status, 401, url)
  }
})

t.test('with editing switched off, sources are shown and checked, and nothing is changed', async t => {
  const setup = await edited(t, { edit: false })
  const files = await setup.change(ENDPOINT, group('900000'))
  t.equal((await setup.post('/configuration/check', { files })).status, 200)
  const { status, body } = await setup.post('/configuration/apply', { how: 'save', files })
  t.equal(status, 403)
  t.match(body.Error, /--admin-edit off/)
  t.match((await setup.get('/gateway')).body.mayEdit, /--admin-edit off/)
})

t.test('without the console nothing of the configuration is served', async t => {
  const setup = await edited(t, { console: false })
  t.equal((await setup.get('/configuration')).status, 404)
})

t.test('a refused reload is in the history with its problems, and an earlier text can be fetched', async t => {
  const setup = await edited(t)
  await writeFile(setup.path(ENDPOINT), group('soon'))
  const { status, body: refused } = await setup.post('/reload')
  t.equal(status, 422)
  t.match(refused.problems, [{ severity: 'error' }])
  const { body } = await setup.get('/configuration')
  t.match(body.reloads, [{ hasTexts: true }, { reason: 'by hand', outcome: 'refused', problems: [{}] }])
  t.match(body, { upToDate: false, problems: [{ severity: 'error' }] })
  const {
    body: { files }
  } = await setup.get('/configuration/reloads/1')
  t.equal(files[setup.path(ENDPOINT)], group(), 'the text that runs')
  const { body: events } = await setup.get('/events?kind=reload')
  t.match(events.list, [{ level: 'error', text: /^Reload refused \(by hand\): 1 problem/ }])
})

const notRoot = process.getuid?.() !== 0 && 'needs root, which can act as another user'
t.test('a folder that cannot be written is reported, and its files stay', { skip: notRoot }, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'read-only-'))
  t.teardown(async () => await rm(folder, { recursive: true }))
  const file = join(folder, 'a.json')
  await writeFile(file, '{}')
  await chmod(folder, 0o755)
  const module = new URL('../../plugins/admin/project/project-files.js', import.meta.url).href
  const script = `
    const { ProjectFiles } = await import(${JSON.stringify(module)})
    const files = new ProjectFiles(() => [${JSON.stringify({ path: folder, baseDir: folder, files: [file] })}])
    console.log(await files.isWritable())
    await files.write({ ${JSON.stringify(file)}: { text: 'x', was: null } }).catch(error => console.log(error.message))`
  const unprivileged = { uid: 65_534, gid: 65_534 }
  const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script], unprivileged)
  t.equal(stdout, `the folder ${folder} is read-only\n"${file}" cannot be written: EACCES\n`)
  t.equal(await readFile(file, 'utf8'), '{}')
})

t.test('an app that gives its configuration has no files to edit', async t => {
  const app = await adminApp(t, { definitions: { proxies: { A: { in: [{ kind: 'drop' }] } } } as object }, { console: true })
  const { isWritable, files } = (await app.inject('/configuration')).json()
  t.strictSame([isWritable, files], ['the app gives the configuration: it has no files', []])
})

t.test('changes that are too large are refused before they are read', async t => {
  const setup = await edited(t)
  const files = { [setup.path(ENDPOINT)]: { text: 'x'.repeat(5 * 1024 * 1024), was: null } }
  t.equal((await setup.post('/configuration/check', { files })).status, 413)
})
