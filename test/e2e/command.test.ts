import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'
import { backend } from '../support/backend.js'
import { Running, serve } from '../support/processes/serve-process.js'
import { missing, redisServer } from '../support/sessions/redis.js'

/** The published command, made again, in a folder with what the image has, far from any other package. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const { bin, version, dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8')
) as {
  bin: Record<string, string>
  version: string
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
}
const copy = mkdtempSync(join(tmpdir(), 'command-'))
t.teardown(() => {
  rmSync(copy, { recursive: true, force: true })
})
for (const each of ['package.json', 'config', bin['proxy-services']!]) {
  cpSync(join(ROOT, each), join(copy, each), { recursive: true })
}
const command = join(copy, bin['proxy-services']!)
const bundle = join(copy, 'dist/lib/cli/main.bundle.js')

const run = (...words: string[]): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' })
  return { status, stdout, stderr }
}

t.test('the bundled command is made of compiled files, and lists the licences of its packages', t => {
  const made = spawnSync(process.execPath, ['.ci/bundle.js', join(copy, 'dist')], {
    cwd: ROOT,
    encoding: 'utf8'
  })
  t.equal(made.status, 0, made.stderr)
  t.equal(made.stderr, '', 'nothing was doubtful')
  t.equal(statSync(join(ROOT, bin['proxy-services']!)).mode & 0o111, 0o111, 'the binary can be run as it is')
  const licences = readFileSync(bundle.replace(/js$/, 'LICENSES.txt'), 'utf8')
  // The yardstick of the side-by-side tests; the binary itself serves no upgrades and does not contain it.
  const bundled = Object.keys({ ...dependencies, ...peerDependencies }).filter(name => name !== '@fastify/http-proxy')
  for (const name of bundled) t.ok(licences.includes(`\n${name} `), name)
  t.match(
    licences.split(/={80}\n.*\n={80}\n/).slice(1),
    Array.from(licences.match(/^={80}\n.*\n={80}$/gm)!, () => /\w+/),
    'each with words'
  )
  t.end()
})

t.test('the bundled command prints the same as the compiled files', t => {
  const compiled = join(copy, 'compiled.mjs')
  writeFileSync(
    compiled,
    `import { main } from ${JSON.stringify(pathToFileURL(join(ROOT, 'dist/lib/cli/main.js')))}\nprocess.exitCode = await main(process.argv.slice(2))\n`
  )
  t.equal(run(command, '--version').stdout, `${version}\n`)
  for (const words of [
    ['schema'],
    ['check', 'config/lb-proxy.xml'],
    ['serve', 'package.json'],
    ['explain', 'config/stock-quote', '--proxy', 'LoadBalanceProxy']
  ]) {
    t.strictSame(run(command, ...words), run(compiled, ...words), words.join(' '))
  }
  t.end()
})

t.test('the bundled command serves, reports its health, and exits with 0', async t => {
  const there = await backend(t, 'there')
  const config = join(copy, 'one.json')
  writeFileSync(
    config,
    JSON.stringify({
      proxies: {
        P: { in: [{ kind: 'send', endpoint: { kind: 'address', uri: there.uri } }], out: [{ kind: 'send' }] }
      }
    })
  )
  const gateway = serve(t, config, [], { adminPort: '0', binary: command })
  const response = await fetch(`http://127.0.0.1:${await gateway.port('Server')}/services/P`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: '<a/>'
  })
  t.equal(response.status, 200)
  t.match(await response.text(), '<from>there</from>')
  const status = new Running(t, ['status', '--admin', `http://127.0.0.1:${await gateway.port('Admin')}`], {}, command)
  t.equal(await status.exited, 0)
  t.match(status.text, 'all 1 endpoints are ready')
  gateway.child.kill('SIGTERM')
  t.equal(await gateway.exited, 0)
})

t.test('what serve reads at its start has no package that no request of a client needs', t => {
  const read = new Map<string, string>()
  const follow = (file: string): void => {
    if (read.has(file)) return
    const text = readFileSync(join(dirname(bundle), file), 'utf8')
    read.set(file, text)
    for (const [, imported] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) follow(imported!)
  }
  follow('main.bundle.serve.js')
  const text = [...read.values()].join('')
  t.match(text, '"node_modules/fastify/fastify.js"')
  t.notMatch(text, /"node_modules\/(ajv|fast-json-stringify-compiler|prom-client|undici|ioredis|@fastify\/swagger)\//)
  t.ok(read.size < 15, `${read.size} files`)
  t.end()
})

t.test('the bundled command reads a WSDL on a server', async t => {
  const wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:a"/>'
  const server = await backend(t, 'server', (_seen, response) => {
    response.setHeader('content-type', 'text/xml').end(wsdl)
  })
  const config = join(copy, 'published.json')
  const endpoint = { kind: 'address', uri: server.uri }
  writeFileSync(config, JSON.stringify({ proxies: { P: { wsdl: { uri: server.uri }, endpoint } } }))
  const gateway = serve(t, config, [], { binary: command })
  const response = await fetch(`http://127.0.0.1:${await gateway.port('Server')}/services/P?wsdl`)
  t.equal(response.status, 200)
  t.match(await response.text(), 'urn:a')
})

t.test('compiled files that are newer than the bundled command run in its place', t => {
  const folder = mkdtempSync(join(copy, 'work-'))
  for (const [file, text] of [
    ['package.json', '{"type":"module"}'],
    ['dist/.tsbuildinfo', ''],
    ['dist/lib/cli/main.js', 'export const main = () => 3'],
    ['dist/lib/cli/main.bundle.js', 'export const main = () => 4'],
    ['dist/lib/cli/main.bundle.serve.js', 'export const main = () => 5']
  ] as const) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const binary = bin['proxy-services']!
  cpSync(join(ROOT, binary), join(folder, binary))
  const dated = (file: string, seconds: number): void => utimesSync(join(folder, file), seconds, seconds)
  dated('dist/.tsbuildinfo', 2000)
  for (const [second, code] of [
    [1999, 3],
    [2000, 4],
    [2001, 4]
  ] as const) {
    dated('dist/lib/cli/main.bundle.js', second)
    t.equal(run(join(folder, binary)).status, code, String(second))
  }
  rmSync(join(folder, 'dist/.tsbuildinfo'))
  t.equal(run(join(folder, binary)).status, 4, 'as published')
  t.equal(run(join(folder, binary), 'serve').status, 5, 'serve has a bundle by itself')
  rmSync(join(folder, 'dist/lib/cli/main.bundle.js'))
  t.equal(run(join(folder, binary)).status, 3)
  t.end()
})

t.test('the bundled command keeps sessions in Redis, without anything else installed', { skip: missing }, async t => {
  const server = await redisServer(t, { password: 'very-secret' })
  const there = await backend(t, 'there')
  const config = join(copy, 'shared.json')
  writeFileSync(
    config,
    JSON.stringify({
      proxies: {
        P: {
          in: [
            {
              kind: 'send',
              endpoint: {
                kind: 'loadbalance',
                name: 'G',
                session: { kind: 'header', name: 'X-Session' },
                members: [{ kind: 'address', uri: there.uri }]
              }
            }
          ],
          out: [{ kind: 'send' }]
        }
      }
    })
  )
  const environment = { PROXY_SERVICES_SESSION_STORE: server.url }
  const gateway = serve(t, config, ['--session-store-timeout', '120000'], { environment, binary: command })
  await gateway.line(/^sessions are shared with other gateways$/)
  const response = await fetch(`http://127.0.0.1:${await gateway.port('Server')}/services/P`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', 'x-session': 'client-7' },
    body: '<a/>'
  })
  t.equal(response.status, 200)
  await response.text()
  t.equal(((await server.call('KEYS', 'proxy-services:session:G:*')) as string[]).length, 1)
  gateway.child.kill('SIGTERM')
  t.equal(await gateway.exited, 0)
  t.notMatch(gateway.text, /very-secret|client-7/)

  const wrong = run(command, 'serve', config, '--port', '0', '--session-store', 'http://user:very-secret@host')
  t.equal(wrong.status, 2)
  t.match(wrong.stderr, '--session-store: the session store cannot be created: the url must be like redis:')
  t.notMatch(wrong.stderr, 'very-secret')
})
