/** Members that came back or joined a group with `slowStart`. */
import t from 'tap'
import { Registry } from '../../lib/state/registry.js'
import {
  answered,
  BY_HEADER,
  codeOf,
  failed,
  from,
  group,
  address,
  request,
  simulate,
  type Simulation
} from '../support/flows/flow-run.js'

/** A group with slow start whose random number is `luck.now`. */
function slow (
  more: object = {},
  members: (string | object)[] = ['A', 'B']
): { gateway: Simulation; luck: { now: number } } {
  const luck = { now: 0.5 }
  return {
    luck,
    gateway: simulate(group('loadbalance', members, { slowStart: 1000, ...more }), { random: () => luck.now })
  }
}
const send = (gateway: Simulation, message = request()): string => gateway.play(message, answered()).calls.join()
/** A fails, and is tried again when its suspension is over, at 30,000. */
function comeBack (gateway: Simulation): void {
  gateway.play(request(), failed(), answered())
  gateway.clock.now = 30_000
  while (gateway.state('A') !== 'active') send(gateway)
}

t.test('slow start: a member that came back gets its share gradually', async t => {
  const { gateway, luck } = slow()
  comeBack(gateway)
  t.equal(gateway.registry.endpoints.get('A')!.readySince, 30_000)
  const shares = [0, 250, 500, 999, 1000].map(age => {
    gateway.clock.now = 30_000 + age
    let taken = 0
    for (let message = 0; message < 1000; message++) {
      luck.now = (message % 100) / 100
      if (send(gateway) === 'A') taken++
    }
    return taken
  })
  t.equal(shares[0], 0, 'none at first')
  t.ok(
    shares.every((share, at) => at === 0 || share > shares[at - 1]! - 5),
    shares.join(' ')
  )
  t.equal(shares[4], 500, 'all of it in the end')
})

t.test('slow start does not apply to a member from the start, after a counted failure, or after a switch', async t => {
  const { gateway } = slow({}, [address('A', { markForSuspension: { retriesBeforeSuspension: 1 } }), 'B'])
  t.same([send(gateway), send(gateway), send(gateway)], ['A', 'B', 'A'])
  gateway.play(request(), answered())
  gateway.play(request(), failed('CONNECTION_TIMEOUT'), answered())
  t.equal(gateway.state('A'), 'timeout')
  while (gateway.state('A') !== 'active') send(gateway)
  t.equal(gateway.registry.endpoints.get('A')!.readySince, -Infinity)
  gateway.clock.now = 5
  gateway.registry.switchOff('A')
  gateway.registry.switchOn('A')
  t.equal(gateway.registry.endpoints.get('A')!.readySince, 5, 'a member that was switched off counts as new')
})

t.test('slow start: the only ready member gets all messages at once', async t => {
  const { gateway } = slow()
  comeBack(gateway)
  gateway.registry.switchOff('B')
  t.equal(send(gateway), 'A')
})

t.test('slow start does not delay bound sessions', async t => {
  const { gateway } = slow({ session: BY_HEADER })
  t.equal(send(gateway, from('1')), 'A')
  t.equal(send(gateway, from('2')), 'B')
  t.equal(codeOf(gateway.play(from('1'), failed()).end), 'CONNECTION_FAILED')
  gateway.clock.now = 30_000
  t.equal(send(gateway, from('1')), 'A', 'a bound session tries it')
  t.equal(send(gateway, from('1')), 'A')
  t.same(
    ['3', '4', '5'].map(id => send(gateway, from(id))),
    ['B', 'B', 'B'],
    'new sessions go to the other member'
  )
})

t.test('slow start: a member that joins an existing group gets its share gradually', async t => {
  const clock = { now: 7 }
  const registry = new Registry(() => clock.now)
  const load = (...members: string[]): Simulation =>
    simulate(group('loadbalance', members, { slowStart: 1000 }), { registry, clock, random: () => 0.5 })
  load('A', 'B').configuration.lease.commit()
  const gateway = load('A', 'B', 'C')
  t.same(
    ['A', 'B', 'C'].map(name => registry.endpoints.get(name)!.readySince),
    [-Infinity, -Infinity, 7]
  )
  t.same([1, 2, 3, 4, 5, 6].map(() => send(gateway)).includes('C'), false)
  clock.now = 1007
  t.same([1, 2, 3].map(() => send(gateway)).includes('C'), true)
})
