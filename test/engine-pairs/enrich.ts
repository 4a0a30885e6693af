import { enrich, jsonEval as json } from '../support/flows/mediator-xml.js'
import { pairsOf, soap, type Row } from './pair.js'

const inline = (content: string): string => `type="inline">${content}</source>`
const N = inline('<n xmlns="">1</n>')
const X = '<a><b k="1">x</b><b>y</b><c/></a>'
const J = '{"a":{"b":1.50,"l":[1,2]},"c":"x","d":{"e":true}}'
const TARGET = 'Target.insertElement'
const INSERT = 'Target.insert'
const RESULT = 'Target.setEnrichResultToBody'
const CHILD = 'Target.getNewJSONString'

const ROWS: readonly Row[] = [
  [
    'xml: an element replaces an element',
    enrich(N, 'xpath="//c"'),
    X,
    '<a><b k="1">x</b><b>y</b><n>1</n></a>',
    TARGET
  ],
  [
    'xml: the first of several targets is replaced',
    enrich(N, 'xpath="//b"'),
    X,
    '<a><n>1</n><b>y</b><c/></a>',
    'SynapsePath.selectSingleNode'
  ],
  [
    'xml: a child is the last one',
    enrich(N, 'action="child" xpath="//b"'),
    X,
    '<a><b k="1">x<n>1</n></b><b>y</b><c/></a>',
    TARGET
  ],
  [
    'xml: a sibling stands after',
    enrich(N, 'action="sibling" xpath="//b"'),
    X,
    '<a><b k="1">x</b><n>1</n><b>y</b><c/></a>',
    TARGET
  ],
  [
    'xml: of several siblings the last is the first',
    enrich('xpath="//b"/>', 'action="sibling" xpath="//c"'),
    X,
    '<a><b k="1">x</b><b>y</b><c/><b>y</b><b k="1">x</b></a>',
    TARGET
  ],
  [
    'xml: several elements replace in their order',
    enrich('xpath="//b"/>', 'xpath="//c"'),
    X,
    '<a><b k="1">x</b><b>y</b><b k="1">x</b><b>y</b></a>',
    TARGET
  ],
  [
    'xml: a text replaces the text of an element',
    enrich('xpath="//b[2]/text()"/>', 'xpath="//c"'),
    X,
    '<a><b k="1">x</b><b>y</b><c>y</c></a>',
    TARGET
  ],
  ['xml: a text is no child', enrich('xpath="string(//b[2])"/>', 'action="child" xpath="//c"'), X, X, TARGET],
  [
    'xml: an attribute gets a text',
    enrich(inline('z'), 'xpath="//b/@k"'),
    X,
    '<a><b k="z">x</b><b>y</b><c/></a>',
    INSERT
  ],
  [
    'xml: a text is set where a text is selected',
    enrich(inline('z'), 'xpath="//b[1]/text()"'),
    X,
    '<a><b k="1">z</b><b>y</b><c/></a>',
    INSERT
  ],
  [
    'xml: a target that selects nothing is a fault',
    enrich(N, 'xpath="//none"'),
    X,
    'selects nothing',
    INSERT,
    { status: 500 }
  ],
  ['xml: an empty source changes nothing', enrich('xpath="//none"/>', 'xpath="//c"'), X, X, INSERT],
  ['xml: the body is replaced', enrich(N, 'type="body"'), X, '<n>1</n>', 'Target.insertElementToBody'],
  [
    'xml: a child of the body is a child of its element',
    enrich(N, 'type="body" action="child"'),
    X,
    '<a><b k="1">x</b><b>y</b><c/><n>1</n></a>',
    'Target.insertElementToBody'
  ],
  [
    'xml: a text is the text of the payload',
    enrich('xpath="string(//b[2])"/>', 'type="body"'),
    X,
    '<a>y</a>',
    'Target.insertElementToBody'
  ],
  [
    'xml: a sibling of the body in SOAP',
    enrich(inline('<n xmlns=""/>'), 'type="body" action="sibling"'),
    soap('<x/>'),
    soap('<x/><n/>'),
    'Target.insertElementToBody'
  ],
  [
    'xml: json of a property becomes the body',
    `<property name="p" value="{&quot;k&quot;:1}"/>${enrich('type="property" property="p"/>', 'type="body"')}`,
    X,
    '{"k":1}',
    'Target.insertElementToBody',
    { type: 'application/json' }
  ],
  ['xml: an empty Body gets the element', enrich(N, 'type="body"'), soap(''), soap('<n>1</n>'), INSERT],
  [
    'xml: a moved element leaves its place',
    enrich('clone="false" xpath="//b[1]"/>', 'action="child" xpath="//c"'),
    X,
    '<a><b>y</b><c><b k="1">x</b></c></a>',
    'Source.evaluate'
  ],
  [
    'xml: a copied element stays',
    enrich('clone="true" xpath="//b[1]"/>', 'action="child" xpath="//c"'),
    X,
    '<a><b k="1">x</b><b>y</b><c><b k="1">x</b></c></a>',
    'Source.evaluate'
  ],
  [
    'xml: the body in a property, and back',
    enrich('type="body"/>', 'type="property" property="p"') +
      enrich(N, 'type="body"') +
      enrich('type="property" property="p"/>', 'type="body"'),
    X,
    X,
    'Source.evaluate'
  ],
  [
    'xml: a child of a property that is xml',
    enrich(inline('<p xmlns=""/>'), 'type="property" property="p"') +
      enrich(N, 'type="property" action="child" property="p"') +
      enrich('type="property" property="p"/>', 'type="body"'),
    X,
    '<p><n>1</n></p>',
    INSERT
  ],
  [
    'xml: inline content by key',
    enrich('type="inline" key="k"/>', 'type="body"'),
    X,
    '<n/>',
    'Source.evaluate',
    { beside: '<localEntry key="k"><n xmlns=""/></localEntry>' }
  ],
  [
    'json: a value replaces a value',
    enrich(`${json('$.c')}/>`, json('$.a.b')),
    J,
    '{"a":{"b":"x","l":[1,2]},"c":"x","d":{"e":true}}',
    RESULT
  ],
  [
    'json: a value replaces each that a path selects',
    enrich(inline('0'), json('$.a.l[*]')),
    J,
    '{"a":{"b":1.50,"l":[0,0]},"c":"x","d":{"e":true}}',
    RESULT
  ],
  [
    'json: an inline number is a number',
    enrich(inline('3'), json('$.c')),
    J,
    '{"a":{"b":1.50,"l":[1,2]},"c":3,"d":{"e":true}}',
    'Source.evaluateJson'
  ],
  [
    'json: an inline word is a text',
    enrich(inline('word'), json('$.c')),
    J,
    '{"a":{"b":1.50,"l":[1,2]},"c":"word","d":{"e":true}}',
    'Source.evaluateJson'
  ],
  [
    'json: an inline text in quotes has none',
    enrich(inline('"5"'), json('$.c')),
    J,
    '{"a":{"b":1.50,"l":[1,2]},"c":"5","d":{"e":true}}',
    'Source.evaluateJson'
  ],
  [
    'json: a child of an array',
    enrich(inline('3'), `action="child" ${json('$.a.l')}`),
    J,
    '{"a":{"b":1.50,"l":[1,2,3]},"c":"x","d":{"e":true}}',
    CHILD
  ],
  [
    'json: a child of an object is merged',
    enrich(inline('{"f":1}'), `action="child" ${json('$.d')}`),
    J,
    '{"a":{"b":1.50,"l":[1,2]},"c":"x","d":{"e":true,"f":1}}',
    CHILD
  ],
  [
    'json: a member of the child wins',
    enrich(inline('{"e":false}'), `action="child" ${json('$.d')}`),
    J,
    '{"a":{"b":1.50,"l":[1,2]},"c":"x","d":{"e":false}}',
    'EIPUtils.mergeJsonObjects'
  ],
  ['json: a text has no children', enrich(inline('{"f":1}'), `action="child" ${json('$.c')}`), J, J, CHILD],
  [
    'json: a child of the root',
    enrich(inline('{"f":1}'), `action="child" ${json('$')}`),
    '{"a":1}',
    '{"a":1,"f":1}',
    CHILD
  ],
  [
    'json: the body is replaced by an object',
    enrich(`${json('$.d')}/>`, 'type="body"'),
    J,
    '{"e":true}',
    'Target.insertJson'
  ],
  [
    'json: the body is replaced by an array',
    enrich(`${json('$.a.l')}/>`, 'type="body"'),
    J,
    '[1,2]',
    'Target.insertJson'
  ],
  ['json: the body is not replaced by a text', enrich(`${json('$.c')}/>`, 'type="body"'), J, J, 'Target.insertJson'],
  [
    'json: a key is renamed',
    enrich(inline('z'), `type="key" ${json('$.d.e')}`),
    J,
    '{"a":{"b":1.50,"l":[1,2]},"c":"x","d":{"z":true}}',
    'Target.renameKey'
  ],
  [
    'json: the source is removed from the body',
    enrich(`${json('$.a')}/>`, 'action="remove" type="body"'),
    J,
    '{"c":"x","d":{"e":true}}',
    'Target.removeJsonFromBody'
  ],
  [
    'json: several paths are removed',
    enrich(`${json('$.a,$.c')}/>`, 'action="remove" type="body"'),
    J,
    '{"d":{"e":true}}',
    'Target.removeJSONFromString'
  ],
  [
    'json: the root is removed',
    enrich(`${json('$')}/>`, 'action="remove" type="body"'),
    J,
    '',
    'Target.removeJSONFromString'
  ],
  [
    'json: a moved value leaves its place',
    enrich(`clone="false" ${json('$.d')}/>`, json('$.c')),
    J,
    '{"a":{"b":1.50,"l":[1,2]},"c":{"e":true}}',
    'Source.evaluateJson'
  ],
  [
    'json: a property that is an array grows',
    enrich(`${json('$.a.l')}/>`, 'type="property" property="p"') +
      enrich(inline('9'), 'type="property" action="child" property="p"') +
      enrich('type="property" property="p"/>', 'type="body"'),
    J,
    '[1,2,9]',
    'Target.insertJson'
  ],
  [
    'json: inline content by key',
    enrich('type="inline" key="k"/>', json('$.c')),
    '{"c":1}',
    '{"c":{"k":2}}',
    'Source.evaluateJson',
    { beside: '<localEntry key="k">{"k":2}</localEntry>' }
  ]
]

export const ENRICH = pairsOf('enrich', ROWS)
