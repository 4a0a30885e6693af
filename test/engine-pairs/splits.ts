import { CALL, payloadFactory as put, targetOf } from '../support/flows/mediator-xml.js'
import { pairsOf, soap, type Row } from './pair.js'

const iterate = (expression: string, more = '', inside = CALL): string =>
  `<iterate expression="${expression}"${more}>${targetOf(inside)}</iterate>`
const aggregate = (expression: string, more = '', condition = ''): string =>
  `<aggregate><completeCondition>${condition}</completeCondition><onComplete expression="${expression}"${more}><respond/></onComplete></aggregate>`
const foreach = (expression: string, inside: string, more = ''): string =>
  `<foreach expression="${expression}"${more}><sequence>${inside}</sequence></foreach>`
const putJson = (format: string, arg = ''): string => put(format, arg, 'json')
const I = '<o><i>1</i><i>2</i></o>'
/** Sends two copies. */
const TWO = `<clone>${targetOf()}${targetOf()}</clone>`
const ok = (text: string): string => soap(`<ok>${text}</ok>`)
const EIP = 'EIPUtils.enrichEnvelope'
const FOREACH = 'ForEachMediator.mediate'

const ROWS: readonly Row[] = [
  [
    'iterate, aggregate: one response of all parts',
    iterate('//i') + aggregate('//ok'),
    soap(I),
    soap('<ok>a</ok><ok>b</ok>'),
    EIP,
    { responses: [ok('a'), ok('b')] }
  ],
  [
    'iterate: a JSON array is split',
    iterate('json-eval($.l)') + aggregate('json-eval($.k)'),
    '{"l":[1,2]}',
    '["a","b"]',
    'IterateMediator.mediate',
    { responses: ['{"k":"a"}', '{"k":"b"}'] }
  ],
  [
    'iterate: the place of a part is a property',
    iterate(
      '//i',
      ' id="x"',
      `${CALL}<property name="p" expression="get-property('messageSequence.x')"/>${put('<ok xmlns="">$1</ok>', '<arg expression="$ctx:p"/>')}`
    ) + aggregate('//ok').replace('<aggregate>', '<aggregate id="x">'),
    soap(I),
    soap('<ok>0/2</ok><ok>1/2</ok>'),
    'IterateMediator.getIteratedMessage',
    { responses: [ok(''), ok('')] }
  ],
  [
    'clone, aggregate: each copy is sent',
    `${TWO}${aggregate('//ok')}`,
    soap('<x/>'),
    soap('<ok>a</ok><ok>b</ok>'),
    'CloneMediator.mediate',
    { responses: [ok('a'), ok('b')] }
  ],
  [
    'aggregate: elements are lifted into the Body',
    iterate('//i') + aggregate('//ok'),
    soap(I),
    soap('<ok>a</ok><ok>b</ok>'),
    EIP,
    { responses: [soap('<r><ok>a</ok></r>'), soap('<r><ok>b</ok></r>')] }
  ],
  [
    'aggregate: a JSON array has an element for each message',
    `${TWO}${aggregate('json-eval($)')}`,
    '{}',
    '[{"a":1},{"b":2}]',
    'AggregateMediator.getAggregatedMessage',
    { responses: ['{"a":1}', '{"b":2}'] }
  ],
  [
    'aggregate: child merges objects',
    `${TWO}${aggregate('json-eval($)', ' aggregateElementType="child"')}`,
    '{}',
    '{"a":1,"b":2}',
    'JSONMergeUtils.extendJSONObject',
    { responses: ['{"a":1}', '{"b":2}'] }
  ],
  [
    'aggregate: values of one key become an array',
    `${TWO}${aggregate('json-eval($)', ' aggregateElementType="child"')}`,
    '{}',
    '{"a":[1,2]}',
    'JSONMergeUtils.extendJSONObject',
    { responses: ['{"a":1}', '{"a":2}'] }
  ],
  [
    'aggregate: an element around all',
    `<property name="e"><all xmlns=""/></property>${iterate('//i')}${aggregate('//ok', ' enclosingElementProperty="e"')}`,
    soap(I),
    soap('<all><ok>a</ok><ok>b</ok></all>'),
    'EIPUtils.encloseWithElement',
    { responses: [ok('a'), ok('b')] }
  ],
  [
    'aggregate: a name around JSON',
    `<property name="e"><all xmlns=""/></property>${TWO}${aggregate('json-eval($.k)', ' enclosingElementProperty="e"')}`,
    '{}',
    '{"all":[1,2]}',
    'AggregateMediator.getAggregatedMessage',
    { responses: ['{"k":1}', '{"k":2}'] }
  ],
  [
    'aggregate: a count completes it',
    iterate('//i') + aggregate('//ok', '', '<messageCount min="1" max="1"/>'),
    soap(I),
    soap('<ok>a</ok>'),
    'Aggregate.isComplete',
    { responses: [ok('a'), ok('b')] }
  ],
  [
    'foreach: each element is replaced by its payload',
    foreach('//i', put('<j xmlns="">$1</j>', '<arg expression="//i"/>')),
    '<o><i>1</i><i>2</i></o>',
    '<o><j>1</j><j>2</j></o>',
    FOREACH
  ],
  [
    'foreach: results stand after other children',
    foreach('//i', put('<j xmlns=""/>')),
    '<o><i/><k/></o>',
    '<o><k/><j/></o>',
    FOREACH
  ],
  ['foreach: nothing selected, nothing changed', foreach('//none', put('<j xmlns=""/>')), I, I, FOREACH],
  [
    'foreach: a counter is a property',
    `${foreach('//i', put('<j xmlns=""/>'))}${put('<n xmlns="">$1</n>', '<arg expression="$ctx:FOREACH_COUNTER"/>')}`,
    I,
    '<n>2</n>',
    FOREACH
  ],
  [
    'foreach: a JSON array',
    foreach('json-eval($.l)', putJson('{"m":$1}', '<arg evaluator="json" expression="$.n"/>')),
    '{"l":[{"n":1},{"n":2}]}',
    '{"l":[{"m":1},{"m":2}]}',
    FOREACH
  ],
  [
    'foreach: the root is a JSON array',
    foreach('json-eval($)', putJson('{"m":$1}', '<arg evaluator="json" expression="$.n"/>')),
    '[{"n":1}]',
    '[{"m":1}]',
    FOREACH
  ],
  [
    'foreach: no JSON array is a fault',
    foreach('json-eval($.l)', putJson('{}')),
    '{"l":1}',
    'selects no JSON array',
    FOREACH,
    { status: 500 }
  ]
]

export const SPLITS = pairsOf('splits', ROWS)
