import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { endpoint } from '../contracts/kind.js'

/** An endpoint made from a template. It is expanded before anything is built. */
export const template = endpoint({
  name: 'template',
  description:
    'Made from a template of endpoints, with values for its parameters; name and uri are parameters of every template.',
  fields: {
    name: describe(Type.Optional(Type.String({ minLength: 1 })), 'The parameter `name`.'),
    uri: describe(Type.Optional(Type.String()), 'The parameter `uri`.'),
    template: describe(Type.String({ minLength: 1 }), 'The name of the template.'),
    parameters: describe(
      Type.Optional(Type.Record(Type.String(), Type.String())),
      'The other parameters with their values.'
    )
  },
  read (element, reader) {
    const parameters = element.all('parameter').map(each => {
      const [name, value] = [each.attribute('name') ?? '', each.attribute('value')]
      if (name === '' || value === undefined) reader.problem(each, '<parameter> needs a name and a value')
      return [name, value ?? '']
    })
    return omitUndefined({
      name: element.attribute('name')?.trim(),
      uri: element.attribute('uri'),
      template: element.attribute('template')?.trim(),
      parameters: parameters.length > 0 ? Object.fromEntries(parameters) : undefined
    })
  },
  write: ({ parameters = {}, ...attributes }) => [
    attributes,
    ...Object.entries(parameters).map(([name, value]) => ['parameter', { name, value }] as const)
  ],
  build ({ template }) {
    throw new Error(`the endpoint of the template "${template}" was not expanded`)
  }
})
