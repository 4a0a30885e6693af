import { mediationError } from '../../message/fault.js'
import type { Static } from '@sinclair/typebox'
import { adviceToDefine, describe, writeExpression, omitUndefined } from '../../contracts/fields.js'
import { mediator } from '../../contracts/kind.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import { canonical, type Content as Markup } from '../../xml/markup.js'
import { contentOf, Source } from './enrich-source.js'
import { jsonRemoval, removalOf } from './enrich-removal.js'
import { EnrichTarget, targetOf } from './enrich-target.js'

/** Copies a part of a message, a property or a constant to another place. @see WSO2, EnrichMediator */
export const enrich = mediator({
  name: 'enrich',
  description: 'Copies a part of the message, a property or a constant into the message or a property.',
  fields: {
    source: describe(Source, 'What is copied.'),
    target: describe(EnrichTarget, 'Where to.')
  },
  read (element, reader) {
    const [source, target] = [element.child('source'), element.child('target')]
    if (source === undefined) reader.problem(element, '<enrich> needs a <source>')
    if (target === undefined) reader.problem(element, '<enrich> needs a <target>')
    return {
      source: source === undefined ? {} : readSource(source, reader),
      target: target === undefined ? {} : readTarget(target, reader)
    }
  },
  write: ({ source, target }) => [
    {},
    ['source', {
      type: source.type,
      clone: source.clone,
      ...writeExpression('xpath', source.expression),
      property: source.property,
      key: source.key
    }, markupOf(source.content)],
    ['target', {
      type: target.type,
      action: target.action,
      ...writeExpression('xpath', target.expression),
      property: target.property
    }]
  ],
  reads: () => ({ request: 'body' }),
  build ({ source, target }, context) {
    const { key } = source
    if (key !== undefined && source.content === undefined && context.localEntry(key) === undefined) {
      const reason = `no local entry is called "${key}"`
      const advice = adviceToDefine('localEntry', key)
      context.warn(`${reason}: every message that reaches it fails`, advice, 'missing-reference')
      return () => { throw mediationError(reason) }
    }
    const removal = removalOf(source, target, context)
    if (removal !== undefined) return message => ({ to: 'next', message: removal(message) })
    const content = contentOf(source, context)
    const isMoved = source.clone === false && (source.type ?? 'custom') === 'custom'
    const withoutSource = isMoved ? jsonRemoval(source.expression, context) : undefined
    const insert = targetOf(target, isMoved, context)
    const apply: typeof insert = (message, selected) =>
      insert(withoutSource === undefined || selected === undefined ? message : withoutSource(message), selected)
    return message => ({ to: 'next', message: apply(message, content(message)) })
  }
})

function readSource (element: Element, reader: Reader): object {
  return omitUndefined({
    type: element.attribute('type'),
    clone: reader.flag(element, 'clone', 'onlyTrue'),
    expression: reader.expression(element, 'xpath'),
    property: element.attribute('property'),
    key: element.attribute('key'),
    content: element.elements.map(each => each.markup()).join('') || element.text || undefined
  })
}

const readTarget = (element: Element, reader: Reader): object => omitUndefined({
  type: element.attribute('type'),
  action: element.attribute('action'),
  expression: reader.expression(element, 'xpath'),
  property: element.attribute('property')
})

const markupOf = (content: Static<typeof Source>['content']): Markup =>
  content !== undefined && canonical(content) === content ? { markup: content } : content
