import { Type } from '@sinclair/typebox'
import { inTurn } from '../group.js'
import { endpoint, named, present } from '../kind.js'
import { after, NO_NEEDS } from '../needs.js'
import { common, readCommon, writeCommon } from './definition.js'

/** The first member that answers. */
export const failover = endpoint({
  name: 'failover',
  about: 'Sends to its first member; to the next while that is suspended.',
  fields: { ...common, dynamic: Type.Optional(Type.Boolean({ default: true })), members: Type.Array(Type.Ref('Endpoint'), { minItems: 1 }) },
  read (element, reader) {
    const group = element.child('failover')!
    group.attribute('buildMessage')
    return present({
      ...readCommon(element, reader),
      dynamic: reader.flag(group, 'dynamic'),
      members: group.all('endpoint').map(reader.endpoint)
    })
  },
  write: ({ dynamic, members, ...config }, writer) => [...writeCommon(config), ['failover', { dynamic }, ...members.map(writer.endpoint)]],
  needs: ({ members }, of) => members.map(of.endpoint).reduce(after, NO_NEEDS),
  build ({ name, dynamic = true, members: configs }, tools) {
    const members = configs.map(tools.endpoint)
    const called = name ?? tools.nameFor('failover')
    tools.claim.group(called, 'failover', members.map(member => member.called))
    let current = 0
    /** From the first one always; or from the one that served last, then from the first. */
    function * order (): Generator<number> {
      const begin = dynamic ? 0 : current
      if (!dynamic) yield begin
      for (const index of members.keys()) {
        if (!dynamic && index === begin) continue
        current = index
        yield index
      }
    }
    return named(called, message => inTurn(called, members, order(), message))
  }
})
