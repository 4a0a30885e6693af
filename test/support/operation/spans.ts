import { setImmediate as nextTurn } from 'node:timers/promises'
import { SpanKind, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor
} from '@opentelemetry/sdk-trace-node'

/** The SDK of this process with an exporter in memory. */
export interface Spans {
  /** Resolves with so many spans that have ended, and forgets them. */
  readonly take: (count: number) => Promise<ReadableSpan[]>
  /** Does what an exporter or a processor may do wrong; undefined: nothing. */
  misbehave: ((event: 'start' | 'end') => void) | undefined
  readonly provider: NodeTracerProvider
}

/** Registers the SDK: for the whole process. */
export function registerSdk (): Spans {
  trace.disable()
  const exporter = new InMemorySpanExporter()
  const inner = new SimpleSpanProcessor(exporter)
  const processor: SpanProcessor = {
    onStart: (span, context) => {
      spans.misbehave?.('start')
      inner.onStart(span, context)
    },
    onEnd: span => {
      spans.misbehave?.('end')
      inner.onEnd(span)
    },
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown()
  }
  const provider = new NodeTracerProvider({ spanProcessors: [processor] })
  provider.register()
  const spans: Spans = {
    provider,
    misbehave: undefined,
    async take (count) {
      while (exporter.getFinishedSpans().length < count) await nextTurn()
      const found = exporter.getFinishedSpans()
      exporter.reset()
      return found
    }
  }
  return spans
}

/** The one span of this kind. */
export function only (spans: readonly ReadableSpan[], kind: 'SERVER' | 'CLIENT' | 'INTERNAL'): ReadableSpan {
  const found = spans.filter(span => span.kind === SpanKind[kind])
  if (found.length !== 1) throw new Error(`${found.length} spans of kind ${kind} instead of one`)
  return found[0]!
}

/** The headers of this name, in all casings, as a client or a back-end sent them. */
export const valuesIn = (rawHeaders: readonly string[], lower: string): string[] =>
  rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === lower)
