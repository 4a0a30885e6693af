import { readdirSync, statSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { adminApp } from '../support/operation/admin-app.js'

async function operated (t: Test, options: object): Promise<FastifyInstance> {
  return await adminApp(t, { definitions: { proxies: {} } }, options)
}

/** Only files of the gateway; no frame around it, and no HTML made from strings. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'"
]

t.test('the console is served below any prefix, compressed, with a strict content security policy', async t => {
  for (const prefix of ['', '/ops']) {
    const app = await operated(t, { console: true, prefix })
    t.equal((await app.inject(`${prefix}/`)).headers.location, `${prefix}/console/`)
    const page = await app.inject({ url: `${prefix}/console/`, headers: { 'accept-encoding': 'identity' } })
    const policy = String(page.headers['content-security-policy']).split('; ')
    t.strictSame(policy, POLICY)
    t.match(page.headers, {
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin'
    })
    const files = [...page.body.matchAll(/(?:href|src)="([\w.]+)"/g)].map(([, file]) => file!)
    t.equal(files.length, 2)
    for (const file of files) {
      const brotli = await app.inject({ url: `${prefix}/console/${file}`, headers: { 'accept-encoding': 'gzip, br' } })
      t.equal(brotli.headers['content-encoding'], 'br')
      t.match(brotli.headers['cache-control'], /immutable/)
    }
  }
})

/** What a browser loads by itself after a file: scripts that are imported statically, fonts of a style sheet. */
const LOADED_WITH: Readonly<Record<string, RegExp>> = {
  '': /(?:href|src)="([\w.]+)"/g,
  js: /(?:\bfrom|\bimport)\s*"\.\/([\w.-]+)"/g,
  css: /url\("?(?:\.\/)?([\w.-]+)"?\)/g
}

t.test('everything that the first screen needs is at most 150 KB, compressed', async t => {
  const app = await operated(t, { console: true })
  const load = async (file: string, encoding: string): Promise<Buffer> => {
    const response = await app.inject({ url: `/console/${file}`, headers: { 'accept-encoding': encoding } })
    t.equal(response.statusCode, 200, file)
    return response.rawPayload
  }
  const sizes = new Map<string, number>()
  const count = async (file: string): Promise<void> => {
    if (sizes.has(file)) return
    sizes.set(file, 0)
    sizes.set(file, (await load(file, 'gzip')).length)
    const pattern = LOADED_WITH[file.split('.').at(-1)!]
    if (pattern === undefined) return
    const text = (await load(file, 'identity')).toString()
    for (const [, next] of text.matchAll(pattern)) await count(next!)
  }
  await count('')
  const files = [...sizes.keys()]
  for (const kind of [/^main\..*js$/, /^chunk\..*js$/, /^style\..*css$/, /\.woff2$/]) {
    t.ok(files.some(file => kind.test(file)), `${kind} is counted`)
  }
  t.notOk(files.some(file => file.startsWith('code-editor')), 'the editor of sources is loaded later')
  const sum = [...sizes.values()].reduce((total, size) => total + size, 0)
  t.ok(sum <= 150 * 1024, `${sum} bytes: ${[...sizes].map(([file, size]) => `${file} ${size}`).join(', ')}`)
})

t.test('what is loaded later than the first screen is at most 300 KB, compressed', async t => {
  const folder = new URL('../../console/', import.meta.url)
  const files = readdirSync(folder).filter(name => name.endsWith('.js.gz') && !/^(?:main|chunk)\./.test(name))
  t.ok(files.some(name => name.startsWith('code-editor')), 'the editor of sources is counted')
  const sum = files.reduce((total, name) => total + statSync(new URL(name, folder)).size, 0)
  t.ok(sum <= 300 * 1024, `${sum} bytes in ${files.length} files`)
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
  for (const url of ['/', '/console/', '/recording', '/messages', '/messages/1', '/configuration', '/samples?proxy=P']) {
    t.equal((await app.inject(url)).statusCode, 404, url)
  }
  for (const url of ['/explain', '/tries', '/recording', '/configuration/check', '/configuration/apply']) {
    t.equal((await app.inject({ method: 'POST', url, payload: {} })).statusCode, 404, url)
  }
})

t.test('a page gets its permissions before it offers actions', async t => {
  t.match((await (await operated(t, {})).inject('/gateway')).json(), { mayChange: /^Without a token/, version: String })
  const protectedApp = await operated(t, { token: 'secret' })
  t.equal((await protectedApp.inject('/gateway')).statusCode, 401)
  t.match((await protectedApp.inject({ url: '/gateway', headers: { authorization: 'Bearer secret' } })).json(), {
    mayChange: true
  })
})
