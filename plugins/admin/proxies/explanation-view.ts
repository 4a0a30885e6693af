import type { FilePosition } from '../../../lib/explain/file-position.js'
import type { TraceStep } from '../../../lib/explain/trace-steps.js'

/** One step, and its sentence. */
export interface ExplainedStep {
  readonly kind: TraceStep['kind']
  readonly text: string
  /** Where the configuration has it: its endpoint, or the mediator that ran. */
  readonly at: FilePosition | null
}

/** What the gateway would do with a request. */
export interface ExplanationView {
  readonly proxy: string
  /** The request line. */
  readonly request: string
  readonly steps: readonly ExplainedStep[]
}
