import type { RecorderSettings } from '../recording/recorder.js'
import type { ProcessCondition } from '../gateway/process-condition.js'
import type { Recorded } from '../recording/recorded-message.js'
import type { HealthCheckStatus } from '../../lib/state/health-check.js'
import type { ServerCertificates } from '../tls/server-certificates.js'
import type { EndpointState } from '../../lib/state/endpoint-state.js'
import type { Health, Signal, SuspensionPolicy } from '../../lib/state/suspension.js'

/**
 * What a primary and its workers send to each other. Everything travels as JSON.
 *
 *     worker   hello → states → ready → (alive | signal | trial | counters | condition | recorded)*
 *     primary  (state | reload | renew | metrics | record)* → drain → close
 */
export const TOPICS = {
  /** Request of a worker: what it needs to start. Returns a Start. */
  hello: 'hello',
  /** Request of a worker: the states of endpoints that are not active. */
  states: 'states',
  /** Notice of a worker: it listens at its ports. Brings Ports. */
  ready: 'ready',
  /** Notice of a worker, once a second: its event loop turns. */
  alive: 'alive',
  /** Request of a worker: it cannot start. Brings the reason. */
  failed: 'failed',
  /** Notice of a worker: a signal has changed the state of an endpoint there. */
  signal: 'signal',
  /** Request of a worker: may a message try this half-open endpoint? Returns a TrialReply. */
  trial: 'trial',
  /** Notice of a worker: what its endpoints have counted since the last one. */
  counters: 'counters',
  /** Notice of a worker, once a second: how it is. Brings a WorkerCondition. */
  condition: 'condition',
  /** Notice of a worker: a message that it has recorded. Brings a RecordedByWorker. */
  recorded: 'recorded',
  /** Notice of the primary: the state of an endpoint. */
  state: 'state',
  /** Request of the primary: run this configuration. */
  reload: 'reload',
  /** Request of the primary: use these certificates. */
  renew: 'renew',
  /** Request of the primary: the metrics of the worker, as JSON of prom-client. */
  metrics: 'metrics',
  /** Notice of the primary: the least level that is logged. */
  logLevel: 'log level',
  /** Notice of the primary: record messages by these settings; null: stop. */
  record: 'record',
  /** Notice of the primary: clients are to be notified that their connections end. */
  drain: 'drain',
  /** Request of the primary: finish, then end. */
  close: 'close'
} as const

/** An endpoint as both sides know it: one of the same name at another address is another endpoint. */
export interface EndpointKey {
  readonly name: string
  readonly address: string
}

/** An endpoint of a worker. */
export interface WorkerEndpoint extends EndpointKey {
  /**
   * When it is suspended. Present if its address came with a message: the primary then knows it from the workers only.
   * Absent: the configuration names it.
   */
  readonly policy?: SuspensionPolicy | undefined
}

export const workerEndpoint = ({ name, address, addressFromMessage, policy }: EndpointState): WorkerEndpoint =>
  addressFromMessage ? { name, address, policy } : { name, address }

export interface EndpointSignal extends WorkerEndpoint {
  readonly signal: Signal
}

export interface EndpointHealth extends EndpointKey {
  readonly health: Health
  /** What health checks of the primary have found. */
  readonly checked?: HealthCheckStatus | undefined
}

export interface TrialRequest extends WorkerEndpoint {
  /** How long it keeps other messages away, in milliseconds. */
  readonly duration: number
}

/** When the trial started; null: it is refused; `unknown`: the primary does not have this endpoint. */
export type TrialReply = number | null | 'unknown'

export interface WorkerCondition {
  readonly pid: number
  readonly condition: ProcessCondition
}

export interface RecordedByWorker {
  readonly pid: number
  readonly recorded: Recorded
}

/** Where a worker listens. */
export interface WorkerPorts {
  readonly port: number
  readonly securePort?: number | undefined
}

/** What a worker runs. */
export interface WorkerConfiguration {
  /** As JSON. */
  readonly definitions: string
  readonly baseDir: string
}

/** What a worker needs to start. */
export interface Start {
  readonly configuration: WorkerConfiguration
  /** What it presents to clients: that of the primary, whatever the files are by now. */
  readonly certificates?: ServerCertificates | undefined
  /** The least level that is logged, if it was changed. */
  readonly logLevel?: string | undefined
  /** What it records, if messages are recorded. */
  readonly recording?: RecorderSettings | undefined
}
