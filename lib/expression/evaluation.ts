import { mediationError } from '../message/fault.js'
import type { Message, ReadDepth } from '../message/message.js'
import type { Context, Evaluation } from '../xpath/expr.js'
import type { Node, Tree } from '../xpath/node.js'
import { treeOf } from './message-tree.js'
import { rootOf } from './soap-tree.js'

/** What an expression may read besides the message. */
export interface Environment {
  /** The text of a local entry. */
  readonly localEntry?: ((key: string) => string | undefined) | undefined
  /** Milliseconds since 1970. Default: SYSTEM_DATE and SYSTEM_TIME are absent. */
  readonly now?: (() => number) | undefined
  /** A variable of the environment. */
  readonly environmentVariable?: ((name: string) => string | undefined) | undefined
  /** A property of `file.properties`. */
  readonly fileProperty?: ((name: string) => string | undefined) | undefined
  /** Default: a message without a MessageID has none. */
  readonly uuid?: (() => string) | undefined
  readonly systemProperty?: ((name: string) => string | undefined) | undefined
}

/** What `${configs.NAME}` stands for. @see WSO2, ConfigDeployer.getValueOfKey */
export const configuredValue = (name: string, environment: Environment): string | undefined =>
  environment.environmentVariable?.(name) ?? environment.systemProperty?.(name) ?? environment.fileProperty?.(name)

/** At 50 to 100 ns a step, the longest evaluation takes about a third of a second. */
const MAX_STEPS = 4_000_000

/** One evaluation of an expression on one message. The context node is the envelope. */
export class MessageEvaluation implements Evaluation<MessageEvaluation> {
  readonly message: Message
  readonly depth: ReadDepth
  readonly environment: Environment
  #remainingSteps = MAX_STEPS

  constructor (message: Message, depth: ReadDepth, environment: Environment) {
    this.message = message
    this.depth = depth
    this.environment = environment
  }

  get host (): this {
    return this
  }

  /** @throws MediationError UNREADABLE */
  get tree (): Tree {
    return treeOf(this.message, this.depth)
  }

  get contextNode (): Node {
    return rootOf(this.tree)
  }

  charge (steps: number): void {
    if ((this.#remainingSteps -= steps) < 0) {
      throw mediationError('an expression takes too long on this message')
    }
  }
}

/** The context of an expression on a message. */
export type MessageContext = Context<MessageEvaluation>
