import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'

async function operated (t: Test, options: object): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, { definitions: { proxies: {} } })
  await app.register(admin, options)
  await app.ready()
  return app
}

t.test('the console is served below any prefix, compressed, with a strict content security policy', async t => {
  for (const prefix of ['', '/ops']) {
    const app = await operated(t, { console: true, prefix })
    t.equal((await app.inject(`${prefix}/`)).headers.location, `${prefix}/console/`)
    const page = await app.inject({ url: `${prefix}/console/`, headers: { 'accept-encoding': 'identity' } })
    t.match(
      page.headers['content-security-policy'],
      /^default-src 'none'; script-src 'self'; .*require-trusted-types-for 'script'$/
    )
    t.equal(page.headers['x-content-type-options'], 'nosniff')
    const files = [...page.body.matchAll(/(?:href|src)="([\w.]+)"/g)].map(([, file]) => file!)
    t.equal(files.length, 2)
    for (const file of files) {
      const brotli = await app.inject({ url: `${prefix}/console/${file}`, headers: { 'accept-encoding': 'gzip, br' } })
      t.equal(brotli.headers['content-encoding'], 'br')
      t.match(brotli.headers['cache-control'], /immutable/)
    }
  }
})

t.test('everything that the first screen needs is at most 150 KB, compressed', async t => {
  const app = await operated(t, { console: true })
  const sizeOf = async (file: string): Promise<number> =>
    (await app.inject({ url: `/console/${file}`, headers: { 'accept-encoding': 'gzip' } })).rawPayload.length
  const page = await app.inject('/console/')
  const files = [...page.body.matchAll(/(?:href|src)="([\w.]+)"/g)].map(([, file]) => file!)
  const sizes = await Promise.all(['', ...files].map(sizeOf))
  t.ok(sizes.reduce((sum, size) => sum + size, 0) <= 150 * 1024, sizes.join(' + '))
})

t.test('nothing but the files of the console is served', async t => {
  const app = await operated(t, { console: true })
  for (const path of [
    'manifest.json',
    '../package.json',
    '%2e%2e/package.json',
    '..%2fpackage.json',
    'main.js',
    'index.html.br'
  ]) {
    t.equal((await app.inject(`/console/${path}`)).statusCode, 404, path)
  }
})

t.test('without the option there is no console', async t => {
  const app = await operated(t, {})
  t.equal((await app.inject('/console/')).statusCode, 404)
  t.equal((await app.inject('/')).statusCode, 404)
})

t.test('a page learns what it may do before it offers it', async t => {
  t.match((await (await operated(t, {})).inject('/gateway')).json(), { mayChange: /^Without a token/, version: String })
  const protectedApp = await operated(t, { token: 'secret' })
  t.equal((await protectedApp.inject('/gateway')).statusCode, 401)
  t.match((await protectedApp.inject({ url: '/gateway', headers: { authorization: 'Bearer secret' } })).json(), {
    mayChange: true
  })
})
