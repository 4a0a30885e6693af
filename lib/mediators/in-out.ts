import { Type } from '@sinclair/typebox'
import { mediator } from '../kind.js'
import { isAnswer } from '../well-known.js'

const fields = { mediators: Type.Array(Type.Ref('Mediator')) }

/** What is inside runs for requests. */
export const inMediator = mediator({
  name: 'in',
  about: 'Runs what is inside for requests only.',
  fields,
  read: (element, reader) => ({ mediators: reader.mediators(element) }),
  write: ({ mediators }, writer) => [{}, ...writer.mediators(mediators)],
  needs: ({ mediators }, of) => ({ ...of.chain(mediators), passed: true }),
  build ({ mediators }, tools) {
    const inside = tools.mediators(mediators)
    return message => isAnswer(message) ? { to: 'next', message } : inside(message)
  }
})

/** What is inside runs for answers. */
export const outMediator = mediator({
  name: 'out',
  about: 'Runs what is inside for answers only.',
  fields,
  read: (element, reader) => ({ mediators: reader.mediators(element) }),
  write: ({ mediators }, writer) => [{}, ...writer.mediators(mediators)],
  needs: ({ mediators }, of) => ({ ...of.chain(mediators), passed: true }),
  build ({ mediators }, tools) {
    const inside = tools.mediators(mediators)
    return message => isAnswer(message) ? inside(message) : { to: 'next', message }
  }
})
