import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { openClients, openPoisoners } from '../chaos/client.js'
import type { Turn } from '../chaos/history.js'
import { judge } from '../chaos/laws.js'
import { FAULTS, hostOf, insideMember, type Member } from '../chaos/member.js'
import { conduct, conductAbsences, planned, plannedAbsences } from '../chaos/plan.js'
import { seeded } from '../chaos/random.js'
import { configurationFor, knownName, MEMBERS_NAME, servicesFor } from '../chaos/services.js'
import { nameServer } from '../support/dns-server.js'
import { gateway } from '../support/gateway.js'

/**
 * The short form of `npm run chaos`: everything in this process, one seed. How long it takes is not promised
 * here.
 */
/** Its plan has every kind of fault. */
const SEED = 983
const DURATION = 5_000
const CLIENTS = 12
const MEMBERS = 4
/** No answer takes so long, however busy the machine is, in milliseconds. */
const PATIENCE = 30_000
/** In one process an effect comes with the next turn of its loop. */
const GRACE = 250

t.test('back-ends that die, stall, reset and break off, under load: no promise is broken', async t => {
  const random = seeded(SEED)
  /** Elsewhere all back-ends have one address. */
  const discovers = process.platform === 'linux'
  const members: Member[] = []
  t.teardown(async () => { for (const member of members) await member.close() })
  for (let number = 0; number < MEMBERS; number++) {
    const port = discovers && number > 0 ? Number(new URL(members[0]!.origin).port) : 0
    members.push(await insideMember(number, port))
  }
  const names = await nameServer(t, { [MEMBERS_NAME]: members.map((_, number) => hostOf(number)) })
  const services = servicesFor(MEMBERS, discovers)
  const { app, url } = await gateway(t, {
    definitions: configurationFor(
      services,
      members.map(({ origin }) => origin),
      PATIENCE
    ),
    dnsServers: [names.address]
  })
  const turns: Turn[] = []
  app.endpointRegistry.on('stateChange', ({ endpoint: { name: endpoint }, to }) =>
    turns.push({ at: Date.now(), endpoint: knownName(endpoint), to: to.state, cause: 'cause' in to ? to.cause : undefined })
  )

  const clients = openClients(url, services, CLIENTS, random.fork(), 'c')
  const steps = planned(random.fork(), MEMBERS, DURATION)
  t.equal(new Set(steps.map(({ fault }) => fault)).size, FAULTS.length, 'all kinds of faults')
  const poisoners = openPoisoners(url, services, random.fork(), 'poison')
  const [faults, absences] = await Promise.all([
    conduct(steps, members),
    conductAbsences(plannedAbsences(random.fork(), MEMBERS, DURATION), members, hosts => {
      names.records = { [MEMBERS_NAME]: hosts }
    })
  ])
  await poisoners.stop()
  await clients.stop()

  const { laws, numbers } = judge(
    {
      replies: clients.replies,
      poisons: poisoners.replies,
      sights: members.flatMap(member => member.takeSights()),
      troubles: [...faults, ...absences],
      turns,
      states: []
    },
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
