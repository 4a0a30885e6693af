import { Type, type Static } from '@sinclair/typebox'
import { describe, omitUndefined } from '../../contracts/fields.js'
import type { BuildContext } from '../../contracts/build-context.js'
import type { Flow, Batch } from '../../contracts/flow.js'
import type { Step } from '../../contracts/mediator.js'
import type { ReadRequirements, RequirementsOf } from '../../contracts/read-requirements.js'
import type { Reader, Writer } from '../../contracts/xml-form.js'
import { Split } from '../../message/branch.js'
import type { Message } from '../../message/message.js'
import { continued } from '../../pipeline/branches.js'
import { toChainError } from '../../pipeline/chain.js'
import { sendToEndpoint } from '../../pipeline/send-and-receive.js'
import { READS_NOTHING } from '../../pipeline/read-depth.js'
import type { Element } from '../../xml/element.js'
import type { Tag } from '../../xml/markup.js'

/** Where a branch goes: through a sequence, or to an endpoint. */
export const SplitTarget = Type.Object(
  {
    to: describe(Type.Optional(Type.String()), 'Address that becomes the To of the branch.'),
    soapAction: describe(Type.Optional(Type.String()), 'Its Action.'),
    sequence: describe(Type.Optional(Type.Ref('Sequence')), 'Mediators that it passes.'),
    endpoint: describe(Type.Optional(Type.Ref('Endpoint')), 'Or: the endpoint that it is sent to.')
  },
  { additionalProperties: false }
)

type SplitTargetConfig = Omit<Static<typeof SplitTarget>, 'sequence' | 'endpoint'> & {
  readonly sequence?: unknown
  readonly endpoint?: unknown
}

/** Reads `<target>`. @see WSO2, TargetFactory */
export function readTarget (element: Element, reader: Reader): object {
  const [inline, inner] = [element.child('sequence'), element.child('endpoint')]
  const [sequenceKey, endpointKey] = [element.attribute('sequence'), element.attribute('endpoint')]
  const sequence =
    inline !== undefined ? reader.sequence(inline) : sequenceKey === undefined ? undefined : reader.branch(element)
  const endpoint =
    inner !== undefined
      ? reader.endpoint(inner)
      : endpointKey === undefined
        ? undefined
        : reader.located(element, { kind: 'reference', key: endpointKey })
  if (sequence === undefined && endpoint === undefined) {
    reader.problem(element, '<target> needs a sequence or an endpoint')
  }
  return omitUndefined({
    to: element.attribute('to'),
    soapAction: element.attribute('soapAction'),
    sequence,
    endpoint: sequence === undefined ? endpoint : undefined
  })
}

export function writeTarget ({ to, soapAction, sequence, endpoint }: SplitTargetConfig, writer: Writer): Tag {
  const key = keyOf('sequence', sequence)
  const reference = keyOf('reference', [endpoint])
  return [
    'target',
    { to, soapAction, sequence: key, endpoint: reference },
    sequence === undefined || key !== undefined ? undefined : writer.sequence('sequence', sequence),
    endpoint === undefined || reference !== undefined ? undefined : writer.endpoint(endpoint)
  ]
}

/** The key of a list that consists of one reference. */
function keyOf (kind: string, list: unknown): string | undefined {
  const [only, ...others]: { kind?: unknown; key?: unknown }[] = Array.isArray(list) ? list : []
  return only?.kind === kind && others.length === 0 && typeof only.key === 'string' ? only.key : undefined
}

/** What a branch reads. It continues after the mediator that split it, if it is sent by `call`. */
export const requirementsOfTarget = (
  { sequence, endpoint }: SplitTargetConfig, of: RequirementsOf
): ReadRequirements => ({
  ...(sequence === undefined ? { ...READS_NOTHING, ...of.endpoint(endpoint), responds: true } : of.chain(sequence)),
  request: 'body',
  passesOn: true
})

/** Runs a branch: the message is its own copy. */
export type RunTarget = (branch: Message) => Flow<Step>

/** Compiles a target. A branch that was not sent by `call` ends with its sequence. @see WSO2, Target */
export function targetRunner (target: SplitTargetConfig, context: BuildContext): RunTarget {
  const addressed = addressedBy(target)
  if (target.sequence === undefined) {
    const endpoint = context.endpoint(target.endpoint)
    return message => sendToEndpoint(endpoint, addressed(message))
  }
  const sequence = context.mediators(target.sequence)
  return function * (message) {
    return yield * continued(sequence(addressed(message)), step =>
      step.to === 'next' && step.message.branch?.hasCalled !== true ? { to: 'end', message: step.message } : step
    )
  }
}

/** Returns what gives a message the address and the Action of a target. */
export function addressedBy (
  { to, soapAction }: Pick<SplitTargetConfig, 'to' | 'soapAction'>
): (message: Message) => Message {
  if (to === undefined && soapAction === undefined) return message => message
  const changed = omitUndefined({ to, action: soapAction })
  return message => ({ ...message, addressing: { ...message.addressing, ...changed } })
}

export interface SplitOptions {
  readonly id?: string | undefined
  readonly isSequential: boolean
  readonly continueParent: boolean
  readonly count: number
  /** Makes the message of a branch, without what belongs to the split. */
  readonly messageOf: (index: number) => Message
  readonly run: (index: number) => RunTarget
  readonly uuid: () => string
}

/**
 * Splits a message. Branches that run one after the other end with the first that fails, as in the engine; the message
 * itself is then the last, else the first.
 */
export function split (message: Message, options: SplitOptions): Step {
  const { id, count, isSequential, continueParent, messageOf, run, uuid } = options
  const shared = new Split(id, count)
  const correlation = message.addressing.messageId ?? `urn:uuid:${uuid()}`
  const flowOf = (index: number): Flow<Step> =>
    runBranch(shared, message, () => run(index)(asBranch(messageOf(index), shared, index, correlation)), isSequential)
  const branches: Batch<Step> = { count, isSequential, flowOf }
  if (!continueParent) return { to: 'branches', message, batches: [branches] }
  const parent = (): Flow<Step> => runBranch(shared, message, () => continuedParent(message), isSequential)
  return isSequential
    ? {
        to: 'branches',
        message,
        batches: [{ ...branches, count: count + 1, flowOf: index => (index < count ? flowOf(index) : parent()) }]
      }
    : { to: 'branches', message, batches: [{ count: 1, isSequential, flowOf: parent }, branches] }
}

function * continuedParent (message: Message): Flow<Step> {
  return { to: 'next', message }
}

function * runBranch (shared: Split, parent: Message, run: () => Flow<Step>, isSequential: boolean): Flow<Step> {
  if (shared.stopped) return { to: 'end', message: parent }
  try {
    return yield * run()
  } catch (error) {
    shared.stopped ||= isSequential
    throw toChainError(error, parent)
  }
}

/** The properties are those of the engine. @see WSO2, MessageHelper.cloneMessageContext, EIPConstants */
function asBranch (message: Message, shared: Split, index: number, correlation: string): Message {
  const { id, total } = shared
  const suffix = id === undefined ? '' : `.${id}`
  return {
    ...message,
    properties: {
      ...message.properties,
      aggregateCorelation: correlation,
      [`aggregateCorelation${suffix}`]: correlation,
      [`messageSequence${suffix}`]: `${index}/${total}`
    },
    branch: { split: shared, index, hasCalled: false, isAggregated: false, outer: message.branch }
  }
}
