import t, { type Test } from 'tap'
import { fault } from '../../../lib/message/fault.js'
import type { EndpointState } from '../../../lib/state/endpoint-state.js'
import { Registry } from '../../../lib/state/registry.js'
import type { StateLease } from '../../../lib/state/state-lease.js'
import { DEFAULT_POLICY } from '../../../lib/state/suspension.js'
import { IpcChannel } from '../../../plugins/ipc/ipc-channel.js'
import { EndpointAuthority } from '../../../plugins/workers/endpoint-authority.js'
import { EndpointFollower } from '../../../plugins/workers/endpoint-follower.js'
import { ipcEnds } from '../../support/workers/ipc-ends.js'
import { until } from '../../support/until.js'

const POLICY = { ...DEFAULT_POLICY, retriesBeforeSuspension: 1, retryDelay: 0, initialDuration: 5_000 }
const TRIAL_MS = 2_000
const REFUSED = { kind: 'fault', fault: fault('CONNECTION_FAILED', 'refused') } as const
const LATE = { kind: 'fault', fault: fault('CONNECTION_TIMEOUT', 'late') } as const

interface Worker {
  readonly registry: Registry
  readonly lease: StateLease
  /** An endpoint whose address comes with a message. */
  readonly endpoint: () => EndpointState
  readonly follower: EndpointFollower
}

/** A primary and its workers, on one clock. */
class Fleet {
  now = 1_000_000
  readonly registry = new Registry(() => this.now)
  readonly authority = new EndpointAuthority(this.registry)
  readonly #t: Test

  constructor (t: Test) {
    this.#t = t
  }

  worker (): Worker {
    const [primary, end] = ipcEnds()
    this.authority.serve(new IpcChannel(primary))
    const registry = new Registry(() => this.now)
    const follower = new EndpointFollower(registry, new IpcChannel(end))
    this.#t.teardown(() => follower.close())
    const lease = registry.lease()
    lease.commit()
    return { registry, lease, follower, endpoint: () => lease.endpoint('E http://a', 'http://a', POLICY) }
  }

  /** The state that the primary has. */
  state (): string | undefined {
    const endpoint = this.registry.endpoints.get('E http://a')
    return endpoint && this.registry.healthOf(endpoint).state
  }
}

t.test('the first failure at an address that a message brings is known to the primary, and to workers that meet it later', async t => {
  const fleet = new Fleet(t)
  const [first, second] = [fleet.worker(), fleet.worker()]
  const endpoint = first.endpoint()
  first.registry.signal(endpoint, REFUSED)
  await until(() => fleet.state() === 'suspended')
  t.match(fleet.registry.endpoints.get('E http://a'), { addressFromMessage: true, health: { retryAt: fleet.now + 5_000 } })
  await until(() => second.registry.knownHealth!({ ...endpoint })?.state === 'suspended')
  t.equal(second.registry.endpoints.size, 0)
})

t.test('such an endpoint is suspended by its own settings', async t => {
  const fleet = new Fleet(t)
  const { registry, endpoint: begin } = fleet.worker()
  const endpoint = begin()
  registry.signal(endpoint, LATE)
  await until(() => fleet.state() === 'timeout')
  registry.signal(endpoint, LATE)
  await until(() => fleet.state() === 'suspended')
  t.match(fleet.registry.endpoints.get(endpoint.name)?.health, { duration: 5_000 })
})

t.test('after a suspension one message of all workers is its trial, and a success makes it active', async t => {
  const fleet = new Fleet(t)
  const workers = [fleet.worker(), fleet.worker()]
  const [a, b] = workers.map(({ endpoint }) => endpoint()) as [EndpointState, EndpointState]
  workers[0]!.registry.signal(a, REFUSED)
  await until(() => b.health.state === 'suspended')
  fleet.now += 5_000
  const trials = await Promise.all([
    workers[0]!.registry.requestTrial!(a, TRIAL_MS), workers[1]!.registry.requestTrial!(b, TRIAL_MS)
  ])
  t.equal(trials.filter(each => each !== undefined).length, 1)
  workers[0]!.registry.signal(a, { kind: 'success' })
  await until(() => a.health.state === 'active' && b.health.state === 'active')
  t.equal(fleet.state(), 'active')
})

t.test('a worker that takes an endpoint for half-open adopts the state of the primary when its trial is refused', async t => {
  const fleet = new Fleet(t)
  const { registry, endpoint: begin } = fleet.worker()
  const endpoint = begin()
  registry.adopt(endpoint, {
    state: 'suspended', retryAt: fleet.now, duration: 5_000, retriesLeft: 0, since: fleet.now, cause: 'of an earlier time'
  })
  t.equal(await registry.requestTrial!(endpoint, TRIAL_MS), undefined)
  t.equal(endpoint.health.state, 'active')
})

t.test('an endpoint that only a worker has gets one trial at a time, too', async t => {
  const fleet = new Fleet(t)
  const { registry } = fleet.worker()
  const lease = registry.lease()
  const endpoint = lease.endpoint('configured', 'http://c', POLICY)
  lease.commit()
  registry.signal(endpoint, REFUSED)
  fleet.now += 5_000
  t.equal(await registry.requestTrial!(endpoint, TRIAL_MS), fleet.now)
  t.equal(await registry.requestTrial!(endpoint, TRIAL_MS), undefined)
  t.equal(fleet.registry.endpoints.size, 0)
})

t.test('the primary forgets such an endpoint when no worker has it, even if it has counted nothing', async t => {
  const fleet = new Fleet(t)
  const { registry, lease, follower, endpoint: begin } = fleet.worker()
  registry.signal(begin(), REFUSED)
  await until(() => fleet.state() === 'suspended')
  lease.forgetEndpoint('E http://a')
  follower.report()
  await until(() => fleet.registry.endpoints.size === 0)
  t.equal(fleet.state(), undefined)
})
