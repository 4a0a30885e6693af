import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../support/processes/command.js'

t.test('explain shows neither users nor passwords nor values of queries of addresses', async t => {
  const uri = 'http://scott:tiger@127.0.0.1:1/orders?key=hush'
  const members = [{ kind: 'address', uri }, { kind: 'address', uri: 'http://127.0.0.1:2/' }]
  const proxies = {
    Group: { endpoint: { kind: 'loadbalance', session: { kind: 'simpleClientSession' }, members } },
    One: { endpoint: members[0] }
  }
  const config = join(t.testdir({ 'p.json': JSON.stringify({ proxies }) }), 'p.json')
  for (const flags of [[], ['--json']]) {
    const { code, out, err } = await runCommand(['explain', config, ...flags])
    t.equal(code, 0, err)
    t.match(out, /127\.0\.0\.1:1\/orders\?key=\*\*\*/)
    t.notMatch(`${out}${err}`, /scott|tiger|hush/)
  }
})
