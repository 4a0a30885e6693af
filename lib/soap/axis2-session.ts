import { ADDRESSING } from './addressing.js'
import type { HeaderBlock } from '../message/envelope.js'

/** The namespace in which servers on Apache Axis2 name their sessions. */
const AXIS2 = 'http://ws.apache.org/namespaces/axis2'

const named = (blocks: readonly HeaderBlock[], name: string, namespace: string): HeaderBlock[] =>
  blocks.filter(block => block.name === name && block.namespace === namespace)

/** Among the header blocks of a request: those that name its session. */
export const serviceGroupIds = (blocks: readonly HeaderBlock[]): HeaderBlock[] =>
  named(blocks, 'ServiceGroupId', AXIS2)

/**
 * Among the header blocks of an answer: where the client learns the name of its session, as a reference parameter of
 * wsa:ReplyTo.
 */
export const blocksWithGroupId = (blocks: readonly HeaderBlock[]): HeaderBlock[] =>
  named(blocks, 'ReplyTo', ADDRESSING.final).filter(block => issuedGroupIds(block).length > 0)

/** The ids that such a block gives. */
export const issuedGroupIds = ({ children }: HeaderBlock): HeaderBlock[] =>
  named(children, 'ReferenceParameters', ADDRESSING.final).flatMap(parameters => serviceGroupIds(parameters.children))
