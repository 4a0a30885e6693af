import type { Candidate } from '../../contracts/algorithm.js'

export interface Property {
  readonly name: string
  readonly value?: string
}

/**
 * The properties of a member as an algorithm reads them: the last one of a name counts.
 * @param properties those of the group, then those of the member
 * @see Apache Synapse, AbstractEndpoint
 */
export const memberProperty =
  (properties: readonly Property[]): Candidate['property'] =>
    name => {
      const property = properties.findLast(each => each.name === name)
      if (property !== undefined && property.value === undefined) {
        throw new Error(`the property ${name} needs a value, it cannot be an expression here`)
      }
      return property?.value
    }
