import { once } from 'node:events'
import { createServer } from 'node:http'
import t from 'tap'
import { backend } from '../support/backend.js'
import { listenOnLoopback } from '../support/listen-on-loopback.js'
import { until } from '../support/until.js'
import { envelope, post, recordingGateway } from './recording-gateway.js'

t.test('a delivery that continues without its client is completed in its message', async t => {
  const slow = createServer()
  const uri = await listenOnLoopback(t, slow)
  const { url, record, newest } = await recordingGateway(t, {
    proxies: {
      Orders: {
        in: [
          { kind: 'property', name: 'OUT_ONLY', value: 'true' },
          { kind: 'send', endpoint: { kind: 'address', name: 'E', uri } }
        ]
      }
    }
  })
  await record()
  const arrived = once(slow, 'request')
  t.equal((await post(url, envelope('a'))).status, 202)
  t.match(await newest(), { attempts: [{ outcome: 'pending' }], status: 202 })
  const [, response] = await arrived
  response.end('late')
  await until(async () => (await newest()).attempts[0]?.outcome === 'answered')
})

const oneWayOver = (...uris: readonly string[]): object => ({
  proxies: {
    Orders: {
      in: [
        { kind: 'property', name: 'OUT_ONLY', value: 'true' },
        {
          kind: 'send',
          endpoint: {
            kind: 'loadbalance',
            members: uris.map((uri, at) => ({ kind: 'address', name: `M${at + 1}`, uri }))
          }
        }
      ]
    }
  }
})
const REFUSING = 'http://127.0.0.1:1/'

t.test('a delivery that continues without its client is recorded with the attempts after the first', async t => {
  const up = await backend(t, 'up')
  const { url, record, newest } = await recordingGateway(t, oneWayOver(REFUSING, up.uri))
  await record()
  t.equal((await post(url, envelope('a'))).status, 202)
  await until(async () => (await newest()).attempts.length === 2)
  t.match(await newest(), { status: 202, attempts: [{ outcome: 'failed' }, { outcome: 'answered' }] })
})

t.test('a failed delivery that continues without its client is kept where only failed messages are wanted', async t => {
  for (const uris of [[REFUSING, REFUSING], [REFUSING]]) {
    const { url, record, newest } = await recordingGateway(t, oneWayOver(...uris))
    await record({ only: 'failed' })
    t.equal((await post(url, envelope('a'))).status, 202)
    t.match(await newest(), { status: 202, attempts: uris.map(() => ({ outcome: 'failed' })) })
  }
})
