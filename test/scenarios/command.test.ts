import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { backend } from '../backend.js'
import { Running } from '../plugin/admin-process.js'

/** The published command, made anew, in a folder with what the image has, far from any other package. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const { bin, version, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: Record<string, string>, version: string, dependencies: Record<string, string> }
const elsewhere = mkdtempSync(join(tmpdir(), 'command-'))
t.teardown(() => { rmSync(elsewhere, { recursive: true, force: true }) })
for (const each of ['package.json', 'config']) cpSync(join(ROOT, each), join(elsewhere, each), { recursive: true })
const command = join(elsewhere, bin['proxy-services']!)

const run = (...words: string[]): { status: number | null, stdout: string, stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: elsewhere, encoding: 'utf8' })
  return { status, stdout, stderr }
}

t.test('it is made of what the compiler made, and says whose work it holds', t => {
  const made = spawnSync(process.execPath, ['bundle.js', command], { cwd: ROOT, encoding: 'utf8' })
  t.equal(made.status, 0, made.stderr)
  t.equal(made.stderr, '', 'nothing was doubtful')
  const licences = readFileSync(command.replace(/js$/, 'LICENSES.txt'), 'utf8')
  for (const name of Object.keys(dependencies)) t.ok(licences.includes(`\n${name} `), name)
  t.match(licences.split(/={80}\n.*\n={80}\n/).slice(1), Array.from(licences.match(/^={80}\n.*\n={80}$/gm)!, () => /\w+/), 'each with words')
  t.end()
})

t.test('it says the same as what it is made of', t => {
  t.equal(run(command, '--version').stdout, `${version}\n`)
  for (const words of [['schema'], ['check', 'config/lb-proxy.xml'], ['serve', 'package.json'], ['explain', 'config/stock-quote', '--proxy', 'LoadBalanceProxy']]) {
    t.strictSame(run(command, ...words), run(join(ROOT, 'dist/lib/cli.js'), ...words), words.join(' '))
  }
  t.end()
})

t.test('it serves, says how it is, and ends well', async t => {
  const there = await backend(t, 'there')
  const config = join(elsewhere, 'one.json')
  writeFileSync(config, JSON.stringify({ proxies: { P: { in: [{ kind: 'send', endpoint: { kind: 'address', uri: there.uri } }], out: [{ kind: 'send' }] } } }))
  const gateway = new Running(t, ['serve', config, '--port', '0', '--host', '127.0.0.1', '--admin-port', '0'], {}, command)
  const answer = await fetch(`http://127.0.0.1:${await gateway.port('Server')}/services/P`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' })
  t.equal(answer.status, 200)
  t.match(await answer.text(), '<from>there</from>')
  const status = new Running(t, ['status', '--admin', `http://127.0.0.1:${await gateway.port('Admin')}`], {}, command)
  t.equal(await status.exited, 0)
  t.match(status.text, 'all 1 endpoints take messages')
  gateway.child.kill('SIGTERM')
  t.equal(await gateway.exited, 0)
})
