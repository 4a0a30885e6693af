import t from 'tap'
import { openClients, openPoisonClients } from './client.js'
import type { StateChange } from './history.js'
import { checkHistory } from './rules.js'
import { FAULTS, hostOf, inProcessMember, type Member } from './member.js'
import { injectFaults, injectAbsences, planFaults, planAbsences } from './fault-plan.js'
import { Random } from '../support/random.js'
import { configurationFor, knownName, MEMBERS_NAME, servicesFor } from './services.js'
import { nameServer } from '../support/http/dns-server.js'
import { gateway } from '../support/gateway.js'
import { schedulingDelay } from '../support/timing/scheduling-delay.js'
import { until } from '../support/until.js'

/**
 * The short form of `npm run chaos`: everything in this process, one seed, without timed rules about processes.
 */
/** Its plan has every kind of fault. */
const SEED = 983
const DURATION = 5_000
const CLIENTS = 12
const MEMBERS = 4
/** No response takes so long, however busy the machine is, in milliseconds. */
const RESPONSE_TIMEOUT_MS = 30_000
/** In one process an effect follows with the next turn of the event loop, which takes longer on a slow machine. */
const LAG_MS = 250

t.test('chaos under load: back-ends are killed, freeze, reset and truncate, and no rule is broken', async t => {
  const random = new Random(SEED)
  /** Elsewhere all back-ends have one address. */
  const discovers = process.platform === 'linux'
  const members: Member[] = []
  t.teardown(async () => { for (const member of members) await member.close() })
  for (let number = 0; number < MEMBERS; number++) {
    const port = discovers && number > 0 ? Number(new URL(members[0]!.origin).port) : 0
    members.push(await inProcessMember(number, port))
  }
  const names = await nameServer(t, { [MEMBERS_NAME]: members.map((_, number) => hostOf(number)) })
  const services = servicesFor(MEMBERS, discovers)
  const { app, url } = await gateway(t, {
    definitions: configurationFor(
      services,
      members.map(({ origin }) => origin),
      RESPONSE_TIMEOUT_MS
    ),
    dnsServers: [names.address]
  })
  const stateChanges: StateChange[] = []
  app.endpointRegistry.on('stateChange', ({ endpoint: { name: endpoint }, to }) =>
    stateChanges.push({
      at: Date.now(),
      endpoint: knownName(endpoint),
      to: to.state,
      cause: 'cause' in to ? to.cause : undefined
    })
  )

  const scheduling = schedulingDelay(t)
  const clients = openClients(url, services, CLIENTS, random.fork(), 'c')
  const steps = planFaults(random.fork(), MEMBERS, DURATION)
  t.equal(new Set(steps.map(({ fault }) => fault)).size, FAULTS.length, 'all kinds of faults')
  const poisoners = openPoisonClients(url, services, random.fork(), 'poison')
  const [faults, absences] = await Promise.all([
    injectFaults(steps, members),
    injectAbsences(planAbsences(random.fork(), MEMBERS, DURATION), members, hosts => {
      names.records = { [MEMBERS_NAME]: hosts }
    })
  ])
  await poisoners.stop()
  await clients.stop()
  const lag = Math.max(LAG_MS, 2 * scheduling.take())

  const { rules, numbers } = checkHistory(
    {
      replies: clients.replies,
      poisonReplies: poisoners.replies,
      observations: members.flatMap(member => member.takeObservations()),
      faultPeriods: [...faults, ...absences],
      stateChanges,
      initialStates: []
    },
    services,
    members.map(({ name }) => name),
    { responseTimeout: RESPONSE_TIMEOUT_MS, lag }
  )
  t.comment(numbers)
  for (const { rule, violations } of rules) t.same(violations.slice(0, 5), [], rule)
  for (const what of ['orders', 'complete responses', 'faults of back-ends', 'sessions']) {
    t.ok(numbers[what]! > 0, what)
  }

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
  t.pass('no request is in flight, and no connection is left')
})
