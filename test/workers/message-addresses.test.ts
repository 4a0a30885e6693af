import { join } from 'node:path'
import t from 'tap'
import { backend } from '../support/backend.js'
import { until } from '../support/until.js'
import { definitions } from '../support/workers/configuration.js'
import { fleet } from '../support/workers/fleet.js'

const SUSPENSION_MS = 300

// Several processes start, on a machine that may be busy.
t.setTimeout(600_000)

t.test('an endpoint whose address comes with messages is back after its suspension', async t => {
  const back = await backend(t, 'back')
  const uri = new URL(back.uri)
  await back.stop()
  const suspension = `<suspendOnFailure><initialDuration>${SUSPENSION_MS}</initialDuration></suspendOnFailure>`
  const endpoint = `<endpoint name="E"><http uri-template="http://{+uri.var.host}/">${suspension}</http></endpoint>`
  const host = '<property name="uri.var.host" expression="get-property(\'transport\', \'X-Back-End\')"/>'
  const proxy = `<proxy name="P"><target><inSequence>${host}<send>${endpoint}</send></inSequence><outSequence><send/></outSequence></target></proxy>`
  const config = join(t.testdir({ 'p.xml': definitions(proxy) }), 'p.xml')
  const gateway = await fleet(t, config, 2)
  await gateway.listened(2)
  const post = async (): Promise<number> => {
    const headers = { connection: 'close', 'content-type': 'text/xml', 'x-back-end': uri.host }
    return (await fetch(gateway.url, { method: 'POST', body: '<a/>', headers })).status
  }
  const isShownAs = async (...states: readonly string[]): Promise<boolean> => {
    const { list } = await gateway.admin('/endpoints')
    const found = list.find(({ name }: { name: string }) => name.includes(uri.host))
    return states.includes(found?.state)
  }
  t.not(await post(), 200)
  await until(async () => await isShownAs('suspended', 'half-open'), 'the primary knows of the suspension')
  await back.start()
  await until(async () => await isShownAs('half-open'), 'it is over after the time of the endpoint itself')
  await until(async () => await post() === 200)
  await until(async () => await isShownAs('active'))
  for (let each = 0; each < 6; each++) t.equal(await post(), 200, 'all workers know it')
})
