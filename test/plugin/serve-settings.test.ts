import { join } from 'node:path'
import t from 'tap'
import { Running, serve } from '../support/processes/serve-process.js'

const CONFIG = 'config/lb-proxy.xml'

t.test('serve prints its effective configuration, and starts nothing', async t => {
  const running = new Running(t, ['serve', CONFIG, '--print-config', '--connect-timeout', '77'], {
    PROXY_SERVICES_ADMIN_TOKEN: 'very-secret'
  })
  t.equal(await running.exited, 0)
  const shown = JSON.parse(running.text) as Record<string, unknown>
  t.match(shown, {
    'connect-timeout': { value: 77, source: 'flag' },
    'admin-token': { value: '***', source: 'environment' },
    'admin-port': { value: '9164, if it is free', source: 'default' }
  })
  t.notMatch(running.text, 'very-secret')
})

t.test('limits of requests are those of the flags', async t => {
  const limits = ['--body-limit', '1K', '--max-header-size', '2K', '--max-requests-per-connection', '1']
  const running = serve(t, CONFIG, limits)
  const url = `http://127.0.0.1:${await running.port('Server')}/services/LBProxy`
  const post = async (headers: Record<string, string>, body: string): Promise<Response> =>
    await fetch(url, { method: 'POST', headers, body })
  t.equal((await post({ 'content-type': 'text/xml' }, 'x'.repeat(1025))).status, 413)
  t.equal((await post({ 'x-long': 'x'.repeat(3000) }, 'x')).status, 431)
  t.equal(
    (await fetch(`${url}?wsdl`)).headers.get('connection'),
    'close',
    'one request, then the connection is closed'
  )
})

t.test('a variable that Kubernetes has set for a Service is ignored, with one line of the log', async t => {
  const running = serve(t, CONFIG, [], {
    environment: { PROXY_SERVICES_HTTPS_PORT: 'tcp://10.0.0.7:8243', PROXY_SERVICES_SERVICE_HOST: '10.0.0.7' }
  })
  await running.port('Server')
  const { level } = await running.line(/^ignored: PROXY_SERVICES_HTTPS_PORT, which Kubernetes sets for a Service$/)
  t.equal(level, 30)
  t.equal(running.lines.filter(({ msg }) => msg.startsWith('ignored')).length, 1)
})

t.test('behind an ingress that ends TLS, a proxy for https serves clients where that is trusted, and else responds 403', async t => {
  const proxies = { A: { transports: ['https'], in: [{ kind: 'respond' }] } }
  const config = join(t.testdir({ 'p.json': JSON.stringify({ proxies }) }), 'p.json')
  const status = async (environment: Record<string, string>): Promise<number> => {
    const running = serve(t, config, [], { environment })
    const url = `http://127.0.0.1:${await running.port('Server')}/services/A`
    const headers = { 'content-type': 'text/plain', 'x-forwarded-proto': 'https' }
    return (await fetch(url, { method: 'POST', headers, body: 'x' })).status
  }
  t.equal(await status({}), 403)
  t.equal(await status({ PROXY_SERVICES_TRUST_PROXY: 'true' }), 200)
})
