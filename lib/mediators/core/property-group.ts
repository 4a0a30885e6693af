import { Type } from '@sinclair/typebox'
import { mediator } from '../../contracts/kind.js'

/** Sets several properties. @see WSO2, PropertyGroupMediator */
export const propertyGroup = mediator({
  name: 'propertyGroup',
  description: 'Sets several properties.',
  fields: { properties: Type.Array(Type.Ref('Mediator')) },
  read (element, reader) {
    for (const each of element.elements) {
      if (each.name !== 'property') reader.problem(each, `<propertyGroup> has properties only, not <${each.name}>`)
    }
    return { properties: reader.mediators(element) }
  },
  write: ({ properties }, writer) => [{}, ...writer.mediators(properties)],
  reads: ({ properties }, of) => of.chain(properties),
  build: ({ properties }, context) => context.mediators(properties)
})
