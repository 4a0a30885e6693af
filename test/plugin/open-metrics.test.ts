import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import proxyServices, { admin } from '../../plugins/index.js'
import { backend } from '../support/backend.js'
import { registerSdk } from '../support/operation/spans.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
/** As Prometheus sends it. */
const ACCEPT =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1'

registerSdk()

/** What a scraper of OpenMetrics gets from a gateway that has served two requests, the second of them traced. */
async function scraped (): Promise<{ text: string; type: unknown; plain: string }> {
  const up = await backend(t, 'up')
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(proxyServices, {
    definitions: { proxies: { 'a "quoted" name': { endpoint: { kind: 'address', uri: up.uri } } } }
  })
  await app.register(admin)
  const url = `/services/${encodeURIComponent('a "quoted" name')}`
  await app.inject({ method: 'POST', url, payload: 'abc', headers: { traceparent: `00-${TRACE}-b7ad6b7169203331-00` } })
  const traceparent = `00-${TRACE}-b7ad6b7169203331-01`
  await app.inject({ method: 'POST', url, payload: 'abc', headers: { traceparent } })
  const { body: text, headers } = await app.inject({ url: '/metrics', headers: { accept: ACCEPT } })
  const plain = (await app.inject('/metrics')).body
  return { text, type: headers['content-type'], plain }
}

t.test('a scraper that accepts OpenMetrics gets it, with the trace of a request as an exemplar', async t => {
  const { text, type, plain } = await scraped()
  t.equal(type, 'application/openmetrics-text; version=1.0.0; charset=utf-8')
  const exemplars = text.split('\n').filter(line => line.includes(' # {'))
  t.equal(exemplars.length, 1, 'one request is traced: one bucket has an exemplar')
  t.match(
    exemplars[0],
    /^proxy_services_proxy_request_seconds_bucket\{proxy="a \\"quoted\\" name",le="[^"]+"\} [12] # \{trace_id="0af7651916cd43dd8448eb211c80319c"\} \d+\.\d+ \d+\.\d{3}$/
  )
  t.match(text, /^# TYPE proxy_services_proxy_requests counter\n/m)
  t.match(text, /\n# EOF\n$/)
  const namesIn = (text: string): string[] => [...new Set(text.match(/^[a-z]\w+/gm))].sort()
  t.strictSame(namesIn(text), namesIn(plain), 'series have the same names in both formats')
  t.match(plain, /^# TYPE proxy_services_proxy_requests_total counter$/m, 'the text format stays as it is')
  t.notMatch(plain, /trace_id|EOF/)
})

t.test(
  'Prometheus reads it',
  { skip: spawnSync('promtool', ['--help']).error !== undefined && 'promtool is not installed' },
  async t => {
    const { text } = await scraped()
    const folder = t.testdir()
    const at = Math.floor(Date.now() / 1000)
    const withTimes = text.replace(/^([a-z]\S*(?:\{.*?\})? \S+)( # \{.*)?$/gm, (_, sample: string, exemplar = '') =>
      `${sample} ${at}${exemplar}`)
    writeFileSync(join(folder, 'metrics.txt'), withTimes)
    const words = ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'metrics.txt'), join(folder, 'data')]
    const { status, stdout, stderr } = spawnSync('promtool', words, { encoding: 'utf8' })
    t.equal(status, 0, stdout + stderr)
  }
)
