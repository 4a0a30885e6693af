import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { backend } from '../support/backend.js'
import { freePorts } from '../support/free-port.js'
import { gateway } from '../support/gateway.js'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

/** The first fenced block of this language. */
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? ''

interface Call { readonly url: string, readonly headers: Record<string, string>, readonly output: string }

/** The `curl` calls of the README, each with the output that stands below it. */
const calls: readonly Call[] = block('console').split(/^\$ /m).slice(1).map(text => {
  const [command = '', ...output] = text.trimEnd().split('\n')
  const header = /-H '([^:]+): ([^']+)'/.exec(command)
  return {
    url: /http:\S+/.exec(command)![0],
    headers: header === null ? {} : { [header[1]!]: header[2]! },
    output: output.join('\n')
  }
})

/** Runs the text as a module of this package. Resolves when it listens. */
async function run (t: Test, text: string): Promise<void> {
  const file = join(t.testdir(), 'app.mjs')
  writeFileSync(file, `${text}\nconsole.log('listening')\n`)
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  await once(child.stdout, 'data')
}

t.test('README: the first example has eleven lines, and its curl calls print what stands below them', async t => {
  const ports = new Map((await freePorts(3)).map((port, at) => [['9001', '9002', '8290'][at]!, String(port)]))
  const moved = (text: string): string => text.replace(/\b(?:9001|9002|8290)\b/g, port => ports.get(port)!)
  const code = block('js')
  t.equal(code.split('\n').filter(line => line.trim() !== '').length, 11)
  await run(t, moved(code))
  t.equal(calls.length, 4)
  for (const { url, headers, output } of calls) {
    t.equal((await (await fetch(moved(url), { headers })).text()).trimEnd(), moved(output), JSON.stringify(headers))
  }
})

t.test('README: the example in XML balances and keeps sessions like the one in JavaScript', async t => {
  const respondingWith = (name: string) => backend(t, name, (_request, response) => { response.end(name) })
  const backends = [await respondingWith('from 9001'), await respondingWith('from 9002')]
  const definitions = block('xml').replace(
    /localhost:900(\d)/g,
    (_, at: string) => `127.0.0.1:${backends[Number(at) - 1]!.port}`
  )
  const { url } = await gateway(t, { definitions })
  for (const { headers, output } of calls) {
    t.equal(await (await fetch(`${url}/services/Orders`, { headers })).text(), output, JSON.stringify(headers))
  }
})
