import { Type } from '@sinclair/typebox'
import { mediator } from '../contracts/kind.js'
import { isResponse } from '../message/well-known-properties.js'

/** What is inside runs for messages that travel one way; the others pass by. */
const oneWay = <const N extends string>(name: N, about: string, forAnswers: boolean) => mediator({
  name,
  description: about,
  fields: { mediators: Type.Array(Type.Ref('Mediator')) },
  read: (element, reader) => ({ mediators: reader.mediators(element) }),
  write: ({ mediators }, writer) => [{}, ...writer.mediators(mediators)],
  reads: ({ mediators }, of) => ({ ...of.chain(mediators), passesOn: true }),
  build ({ mediators }, tools) {
    const inside = tools.mediators(mediators)
    return message => isResponse(message) === forAnswers ? inside(message) : { to: 'next', message }
  }
})

export const inMediator = oneWay('in', 'Runs what is inside for requests only.', false)
export const outMediator = oneWay('out', 'Runs what is inside for answers only.', true)
