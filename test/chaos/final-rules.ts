import type { ProcessResources } from '../support/processes/process-resources-hook.js'
import { megabytesHeld, megabytes } from './resources.js'
import type { Rule } from './rules.js'
import { endpointName, type Service } from './services.js'

/**
 * How much more the process may hold after the faults than before them, in megabytes: objects and buffers once garbage
 * is collected, and resident memory.
 */
const HEAP_GROWTH = 8
const RESIDENT_GROWTH = 64

/** The state at the end of a run. */
export interface FinalState {
  readonly services: readonly Service[]
  readonly metrics: ReadonlyMap<string, number>
  /** Resources of the gateway at its start, after load without faults, and at the end. */
  readonly fresh: ProcessResources
  readonly first: ProcessResources
  readonly last: ProcessResources
  readonly errorLines: readonly string[]
  /** The exit code of the gateway. */
  readonly code: number | null
}

type Samples = readonly (readonly [name: string, value: number])[]

const allEqual = (value: number, samples: Samples): string[] =>
  samples.length === 0
    ? ['no such metric']
    : samples.filter(([, found]) => found !== value).map(([key, found]) => `${key} ${found}`)
const atMost = (what: string, grown: number, most: number): string[] =>
  grown <= most ? [] : [`${what}: ${grown} more, at most ${most} allowed`]

/** The rules that hold once all faults are over, all clients have left, and the gateway has stopped. */
export function finalRules ({ services, metrics, fresh, first, last, errorLines, code }: FinalState): Rule[] {
  const sample = (name: string): Samples => [...metrics].filter(([key]) => key.startsWith(`proxy_services_${name}`))
  const standbys = services.flatMap(({ name, places }) =>
    places.flatMap(place => place.slice(1).map(member => endpointName(name, member)))
  )
  const isStandby = (key: string): boolean => standbys.some(name => key.includes(`endpoint="${name}"`))
  return [
    {
      rule: 'members come back after their suspension',
      violations: [
        ...allEqual(1, sample('endpoint_ready').filter(([key]) => !isStandby(key))),
        // A standby gets no message while the first member of its place is ready: it stays half-open.
        ...allEqual(
          0,
          sample('endpoint_state').filter(([key]) => isStandby(key) && !/state="(active|half-open)"/.test(key))
        )
      ]
    },
    {
      rule: 'no request is in flight, and no body is buffered',
      violations: [...allEqual(0, sample('endpoint_requests_in_flight')), ...allEqual(0, sample('buffered_body_bytes'))]
    },
    { rule: 'no socket is left behind', violations: atMost('sockets', last.sockets - fresh.sockets, 0) },
    { rule: 'no timer is left behind', violations: atMost('timers', last.timers - fresh.timers, 0) },
    {
      rule: 'no memory is left behind',
      violations: [
        ...atMost('MB of objects and buffers', megabytesHeld(last) - megabytesHeld(first), HEAP_GROWTH),
        ...atMost('MB of the process', megabytes(last.resident - first.resident), RESIDENT_GROWTH)
      ]
    },
    {
      rule: 'the gateway logs no error, and exits with 0 at SIGTERM',
      violations: [...errorLines, ...(code === 0 ? [] : [`exit code ${code}`])]
    }
  ]
}
