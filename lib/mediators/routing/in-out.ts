import { Type } from '@sinclair/typebox'
import { mediator } from '../../contracts/kind.js'
import { isResponse } from '../../message/well-known-properties.js'

/** Runs mediators for messages of one direction; other messages pass unchanged. */
const oneWay = <const N extends string>(name: N, description: string, forResponses: boolean) => mediator({
  name,
  description,
  fields: { mediators: Type.Array(Type.Ref('Mediator')) },
  read: (element, reader) => ({ mediators: reader.mediators(element) }),
  write: ({ mediators }, writer) => [{}, ...writer.mediators(mediators)],
  reads ({ mediators }, of) {
    const chain = of.chain(mediators)
    return { ...chain, passesOn: true, usesTo: !forResponses && chain.usesTo }
  },
  build ({ mediators }, context) {
    const chain = context.mediators(mediators)
    return message => isResponse(message) === forResponses ? chain(message) : { to: 'next', message }
  }
})

export const inMediator = oneWay('in', 'Runs its mediators for requests only.', false)
export const outMediator = oneWay('out', 'Runs its mediators for responses only.', true)
