import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { openClients } from '../chaos/client.js'
import type { Turn } from '../chaos/history.js'
import { judge } from '../chaos/laws.js'
import { FAULTS, insideMember } from '../chaos/member.js'
import { conduct, planned } from '../chaos/plan.js'
import { seeded } from '../chaos/random.js'
import { configurationFor, servicesFor } from '../chaos/services.js'
import { gateway } from '../support/gateway.js'

/**
 * The short form of `npm run chaos`: everything in this process, one seed. How long it takes is not promised
 * here.
 */
/** Its plan has every kind of fault. */
const SEED = 129
const DURATION = 4_500
const CLIENTS = 12
const MEMBERS = 4
/** No answer takes so long, however busy the machine is, in milliseconds. */
const PATIENCE = 30_000
/** In one process an effect comes with the next turn of its loop. */
const GRACE = 250

t.test('back-ends that die, stall, reset and break off, under load: no promise is broken', async t => {
  const random = seeded(SEED)
  const members = await Promise.all(Array.from({ length: MEMBERS }, async (_, number) => await insideMember(number)))
  t.teardown(async () => { for (const member of members) await member.close() })
  const services = servicesFor(MEMBERS)
  const { app, url } = await gateway(t, {
    definitions: configurationFor(
      services,
      members.map(({ origin }) => origin),
      PATIENCE
    )
  })
  const turns: Turn[] = []
  app.endpointRegistry.on('stateChange', ({ endpoint: { name: endpoint }, to }) =>
    turns.push({ at: Date.now(), endpoint, to: to.state, cause: 'cause' in to ? to.cause : undefined })
  )

  const clients = openClients(url, services, CLIENTS, random.fork(), 'c')
  const steps = planned(random.fork(), MEMBERS, DURATION)
  t.equal(new Set(steps.map(({ fault }) => fault)).size, FAULTS.length, 'all kinds of faults')
  const troubles = await conduct(steps, members)
  await clients.stop()

  const { laws, numbers } = judge(
    { replies: clients.replies, sights: members.flatMap(member => member.sights()), troubles, turns },
    services,
    members.map(({ name }) => name),
    { patience: PATIENCE, grace: GRACE }
  )
  t.comment(numbers)
  for (const { law, broken } of laws) t.same(broken.slice(0, 5), [], law)
  for (const what of ['orders', 'answered, whole and right', 'faults of back-ends', 'sessions']) {
    t.ok(numbers[what]! > 0, what)
  }

  const until = async (done: () => boolean | Promise<boolean>): Promise<void> => { while (!await done()) await turn() }
  await until(() =>
    [...app.endpointRegistry.endpoints.values()].every(
      ({ inFlight, health }) => inFlight === 0 && !('trial' in health && health.trial !== undefined)
    )
  )
  await until(() => [...app.proxyServices].every(({ budget }) => budget.inUse === 0))
  await until(async () => await new Promise(resolve => app.server.getConnections((_, count) => resolve(count === 0))))
  await until(async () =>
    (await Promise.all(members.map(async member => await member.closeIdle()))).every(left => left === 0)
  )
  t.pass('nothing is under way any more, and no connection is left')
})
