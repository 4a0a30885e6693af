import { ADDRESSING } from './addressing.js'
import type { Block } from '../message/envelope.js'

/** The namespace in which servers on Apache Axis2 name their sessions. */
const AXIS2 = 'http://ws.apache.org/namespaces/axis2'

const named = (blocks: readonly Block[], name: string, namespace: string): Block[] =>
  blocks.filter(block => block.name === name && block.namespace === namespace)

/** Among the header blocks of a request: those that name its session. */
export const serviceGroupIds = (blocks: readonly Block[]): Block[] => named(blocks, 'ServiceGroupId', AXIS2)

/** Among the header blocks of an answer: where the client learns the name of its session, as a reference parameter of wsa:ReplyTo. */
export const namingBlocks = (blocks: readonly Block[]): Block[] => named(blocks, 'ReplyTo', ADDRESSING.final).filter(block => idsGiven(block).length > 0)

/** The ids that such a block gives. */
export const idsGiven = ({ children }: Block): Block[] =>
  named(children, 'ReferenceParameters', ADDRESSING.final).flatMap(parameters => serviceGroupIds(parameters.children))
