import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { backend } from '../support/backend.js'

const CLI = fileURLToPath(new URL('../../lib/cli.js', import.meta.url))
const skip = spawnSync('unshare', ['-rm', 'true']).status !== 0 && 'unshare cannot make a mount namespace here'

interface Line { readonly level: number, readonly msg: string, readonly endpoint?: string }

/** A gateway that has a file `/etc/resolv.conf` of its own: nothing listens at the name server that it names. */
async function start (t: Test, configuration: string, flags: readonly string[]) {
  const folder = t.testdir({ 'p.xml': configuration, 'resolv.conf': 'nameserver 127.255.255.1\n' })
  const mounted = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
  const serve = [process.execPath, CLI, 'serve', join(folder, 'p.xml'), '--port', '0', '--host', '127.0.0.1', ...flags]
  const words = ['-rm', 'sh', '-c', mounted, 'sh', join(folder, 'resolv.conf'), ...serve, '--admin-port', '0']
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: Line[] = []
  const reader = createInterface(child.stdout).on('line', text => lines.push(JSON.parse(text) as Line))
  const urlOf = (what: string): string | undefined => {
    const line = lines.find(({ msg }) => msg.startsWith(`${what} listening at http:`))
    return line?.msg.split(' ').at(-1)
  }
  while (urlOf('Server') === undefined || urlOf('Admin') === undefined) await once(reader, 'line')
  return { url: urlOf('Server')!, admin: urlOf('Admin')!, lines }
}

t.test('name-servers: while none responds, other members get the messages, and none is suspended', { skip }, async t => {
  for (const client of ['own', 'undici']) {
    await t.test(`name-servers: while none responds, the client ${client} reaches other members`, async t => {
      const well = await backend(t, 'well')
      const gateway = await start(t, `<definitions xmlns="http://ws.apache.org/ns/synapse"><proxy name="P"><target>
        <endpoint><failover>
          <endpoint key="lost"/>
          <endpoint name="well"><address uri="${well.uri}"/></endpoint>
        </failover></endpoint></target></proxy>
        <proxy name="Lost"><target><endpoint><failover>
          <endpoint key="lost"/><endpoint name="lost2"><address uri="http://lost.test/2"/></endpoint>
        </failover></endpoint></target></proxy>
        <endpoint name="lost"><address uri="http://lost.test/"/></endpoint></definitions>`, ['--upstream-client', client])
      for (let count = 0; count < 3; count++) {
        const response = await fetch(`${gateway.url}/services/P`, { method: 'POST', body: '<a/>' })
        t.equal(response.status, 200)
        await response.text()
      }
      const lost = await fetch(`${gateway.url}/services/Lost`, { method: 'POST', body: '<a/>' })
      t.equal(lost.status, 502, 'a group of which no member can be reached has this status')
      await lost.text()
      const { list } = await (await fetch(`${gateway.admin}/endpoints`)).json() as { list: { name: string }[] }
      t.match(list.find(({ name }) => name === 'lost'), { state: 'active', failures: 0 })
      t.match(list.find(({ name }) => name === 'well'), { responses: 3 })
      t.match(gateway.lines.filter(({ level }) => level === 50), [{
        endpoint: 'lost',
        msg: 'No connection to the endpoint: no name server responds; no endpoint is suspended for it'
      }], 'one line of the log reports it')
    })
  }
})
