/** The command `reload`: the configuration and the certificates are reloaded as one, and its exit code says whether. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Authority, noOpenssl } from '../support/http/authority.js'
import { backend } from '../support/backend.js'
import { Operator } from '../support/operation/operator.js'
import { sendOverTls } from '../support/http/tls-client.js'

t.setTimeout(600_000)

t.test(
  'reload reads the configuration and the certificates as one, and exits with 1 and all problems if it is refused',
  { skip: noOpenssl },
  async t => {
    const up = await backend(t, 'up')
    const proxies = (...names: readonly string[]): string =>
      '<definitions xmlns="http://ws.apache.org/ns/synapse">\n' +
      names
        .map(
          name =>
            `<proxy name="${name}"><target><endpoint><address uri="${up.uri}"/></endpoint>` +
            '<outSequence><send/></outSequence></target></proxy>\n'
        )
        .join('') +
      '</definitions>'
    const authority = new Authority(t)
    const [old, renewed] = [authority.issue('/CN=old'), authority.issue('/CN=new')]
    const folder = t.testdir({ 'p.xml': proxies('A'), tls: { 'a.pem': old.pem.cert, 'a-key.pem': old.pem.key } })
    const [config, cert, key] = ['p.xml', 'tls/a.pem', 'tls/a-key.pem'].map(name => join(folder, name)) as [
      string,
      string,
      string
    ]
    const operator = await Operator.start(t, [config, '--tls-cert', cert, '--tls-key', key])
    const served = async (name: string): Promise<[status: number, server: string | undefined]> => {
      const { status, server } = await sendOverTls(operator.httpsPort, `/services/${name}`, { ca: authority.pem })
      return [status, server]
    }
    const isUpToDate = async (): Promise<number | undefined> =>
      await operator.metric('proxy_services_configuration_up_to_date')

    writeFileSync(config, proxies('A', 'B'))
    t.same(await operator.run(['reload', '--by', 'ann']), {
      code: 0,
      out: 'configuration reloaded: 2 proxies; added: B\n',
      err: ''
    })
    t.match(await operator.noted(/^by hand: the configuration was reloaded$/), { by: 'ann', remote: '127.0.0.1' })
    t.same(await served('B'), [200, 'CN=old'])

    writeFileSync(config, proxies('A', 'B', 'C').replace('</definitions>', '<nonsense/></definitions>'))
    const invalid = await operator.run(['reload'])
    t.equal(invalid.code, 1)
    t.match(invalid.err, /^reload refused: the previous configuration continues\n.*p\.xml:5:\d+ .*nonsense/)

    writeFileSync(config, proxies('A', 'B', 'C'))
    writeFileSync(cert, renewed.pem.cert)
    const mismatched = await operator.run(['reload'])
    t.equal(mismatched.code, 1, 'the key does not belong to the certificate')
    t.match(mismatched.err, /a\.pem and .*a-key\.pem are not a certificate and its/)
    t.equal(await isUpToDate(), 0)
    t.same(await served('B'), [200, 'CN=old'])
    t.equal((await served('C'))[0], 404, 'the configuration is not reloaded either')
    t.equal(operator.gateway.lines.filter(({ msg }) => /^reload failed/.test(msg)).length, 2)

    writeFileSync(key, renewed.pem.key)
    t.match(await operator.run(['reload']), { code: 0, out: 'configuration reloaded: 3 proxies; added: C\n' })
    t.equal(await isUpToDate(), 1)
    t.same(await served('C'), [200, 'CN=new'])
    t.match(await operator.run(['reload', 'p.xml']), { code: 2, err: /reload takes no name/ })
  }
)
