import type { Look } from '../support/look-hook.js'
import { held, megabytes } from './holdings.js'
import type { Law } from './laws.js'
import { endpointName, type Service } from './services.js'

/**
 * What a process may hold more after the storm than before it, in megabytes: objects and buffers once garbage is
 * collected, and memory of the system.
 */
const HEAP_GROWTH = 8
const RESIDENT_GROWTH = 64

/** What is known when all is over. */
export interface Remains {
  readonly services: readonly Service[]
  readonly metrics: ReadonlyMap<string, number>
  /** What the gateway held at first, after load without faults, and at the end. */
  readonly fresh: Look
  readonly first: Look
  readonly last: Look
  readonly complaints: readonly string[]
  /** The exit code of the gateway. */
  readonly code: number | null
}

type Samples = readonly (readonly [name: string, value: number])[]

const all = (value: number, samples: Samples): string[] =>
  samples.length === 0
    ? ['not told']
    : samples.filter(([, found]) => found !== value).map(([key, found]) => `${key} ${found}`)
const more = (what: string, grown: number, most: number): string[] =>
  grown <= most ? [] : [`${what}: ${grown} more, at most ${most}`]

/** What must be so once all faults are over, all clients have left, and the gateway has stopped. */
export function finalLaws ({ services, metrics, fresh, first, last, complaints, code }: Remains): Law[] {
  const sample = (name: string): Samples => [...metrics].filter(([key]) => key.startsWith(`proxy_services_${name}`))
  const standbys = services.flatMap(({ name, places }) =>
    places.flatMap(place => place.slice(1).map(member => endpointName(name, member)))
  )
  const isStandby = (key: string): boolean => standbys.some(name => key.includes(`endpoint="${name}"`))
  return [
    {
      law: 'members come back after their suspension',
      broken: [
        ...all(1, sample('endpoint_ready').filter(([key]) => !isStandby(key))),
        // A stand-in gets no message while its place has a better member: it stays half-open.
        ...all(
          0,
          sample('endpoint_state').filter(([key]) => isStandby(key) && !/state="(active|half-open)"/.test(key))
        )
      ]
    },
    {
      law: 'nothing is under way any more',
      broken: [...all(0, sample('endpoint_requests_in_flight')), ...all(0, sample('buffered_body_bytes'))]
    },
    { law: 'no socket is left behind', broken: more('sockets', last.sockets - fresh.sockets, 0) },
    { law: 'no timer is left behind', broken: more('timers', last.timers - fresh.timers, 0) },
    {
      law: 'no memory is left behind',
      broken: [
        ...more('MB of objects and buffers', held(last) - held(first), HEAP_GROWTH),
        ...more('MB of the process', megabytes(last.resident - first.resident), RESIDENT_GROWTH)
      ]
    },
    {
      law: 'the gateway complains of nothing and stops when it is told',
      broken: [...complaints, ...(code === 0 ? [] : [`exit code ${code}`])]
    }
  ]
}
