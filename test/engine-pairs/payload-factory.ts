import { payloadFactory } from '../support/flows/mediator-xml.js'
import { pairsOf, soap, type Row } from './pair.js'

const json = (format: string, args = ''): string => payloadFactory(format, args, 'json')
const xml = (format: string, args = ''): string => payloadFactory(format, args, 'xml')
const text = (format: string, args = ''): string => payloadFactory(format, args, 'text')
const path = (expression: string, more = ''): string => `<arg evaluator="json" expression="${expression}"${more}/>`
const xpath = (expression: string, more = ''): string => `<arg expression="${expression}"${more}/>`
const value = (of: string): string => `<arg value="${of}"/>`
const A = '{"a":{"b":[1,2],"s":"x \\"y\\"","n":1.50,"t":true,"u":null}}'
const X = '<a><b>1</b><c>x &amp; y</c></a>'
const VALUES = 'TemplateProcessor.getArgValues'
const REPLACEMENT = 'TemplateProcessor.prepareReplacementValue'
const INLINE = 'RegexTemplateProcessor.replace'

const ROWS: readonly Row[] = [
  ['json: a text is put in quotes by the format', json('{"r":"$1"}', value('t')), A, '{"r":"t"}', REPLACEMENT],
  [
    'json: quotes in a value are escaped',
    json('{"r":"$1"}', path('$.a.s')),
    A,
    '{"r":"x \\"y\\""}',
    'TemplateProcessor.escapeSpecialChars'
  ],
  [
    'json: a line break in a value is escaped',
    json('{"r":"$1"}', value('a&#10;b&#9;c')),
    A,
    '{"r":"a\\nb\\tc"}',
    'TemplateProcessor.escapeSpecialChars'
  ],
  ['json: an array is an array', json('{"r":$1}', path('$.a.b')), A, '{"r":[1,2]}', REPLACEMENT],
  ['json: an object is an object', json('{"r":$1}', path('$')), '{"k":{"l":1}}', '{"r":{"k":{"l":1}}}', REPLACEMENT],
  ['json: a number keeps its digits', json('{"r":$1}', path('$.a.n')), A, '{"r":1.50}', REPLACEMENT],
  ['json: a boolean without quotes is one', json('{"r":$1}', path('$.a.t')), A, '{"r":true}', REPLACEMENT],
  [
    'json: a literal array is a text',
    json('{"r":"$1"}', path('$.a.b', ' literal="true"')),
    A,
    '{"r":"[1,2]"}',
    'TemplateProcessor.inferReplacementType'
  ],
  [
    'json: a literal object is an escaped text',
    json('{"r":"$1"}', path('$.k', ' literal="true"')),
    '{"k":{"l":"m"}}',
    '{"r":"{\\"l\\":\\"m\\"}"}',
    'TemplateProcessor.inferReplacementType'
  ],
  ['json: what a path does not select is the empty text', json('{"r":"$1"}', path('$.none')), A, '{"r":""}', VALUES],
  [
    'json: deepCheck changes nothing',
    json('{"r":"$1","s":$2}', '<arg deepCheck="false" value="&lt;a"/>' + path('$.a.n', ' deepCheck="true"')),
    A,
    '{"r":"&lt;a","s":1.50}',
    'PayloadFactoryMediatorFactory.createSpecificMediator'
  ],
  [
    'json: several arguments, in any order',
    json('{"p":"$2","q":"$1","r":"$2"}', value('1') + value('2')),
    A,
    '{"p":"2","q":"1","r":"2"}',
    INLINE
  ],
  ['json: a number without an argument stays', json('{"r":"$2"}', value('1')), A, '{"r":"$2"}', INLINE],
  ['json: the format may be an array', json('[$1,$1]', value('7')), A, '[7,7]', INLINE],
  [
    'json: xml of an XPath becomes json',
    json('{"r":$1}', xpath('//a')),
    '<a><b>1</b></a>',
    '{"r":{"a":{"b":1}}}',
    'TemplateProcessor.convertXmlArgumentToJson'
  ],
  [
    'json: an element that has text is its text',
    json('{"r":$1}', xpath('//b')),
    X,
    '{"r":1}',
    'SynapseXPath.stringValueOf'
  ],
  [
    'json: the text of an XPath is a text',
    json('{"r":"$1"}', xpath('//c/text()')),
    X,
    '{"r":"x & y"}',
    VALUES
  ],
  [
    'json: json-eval in an expression without an evaluator',
    json('{"r":$1}', xpath('json-eval($.a.b[0])')),
    A,
    '{"r":1}',
    VALUES
  ],
  ['json: an expression in quotes is a text', json('{"r":"${payload.a.s}"}'), A, '{"r":"x \\"y\\""}', INLINE],
  ['json: an expression without quotes is a value', json('{"r":${payload.a.b}}'), A, '{"r":[1,2]}', INLINE],
  ['json: a computed expression', json('{"r":${payload.a.b[0] + 2}}'), A, '{"r":3}', INLINE],
  [
    'json: the type of the message is json',
    json('{"r":1}'),
    X,
    '{"r":1}',
    'PayloadFactoryMediator.setContentType',
    { type: 'application/json' }
  ],
  [
    'xml: a text is escaped',
    xml('<r xmlns="">$1</r>', value('a &lt; b &amp; c')),
    A,
    '<r>a &lt; b &amp; c</r>',
    VALUES
  ],
  [
    'xml: a text from json is escaped',
    xml('<r xmlns="">$1</r>', path('$.k')),
    '{"k":"<&"}',
    '<r>&lt;&amp;</r>',
    VALUES
  ],
  [
    'xml: a value that is xml is xml',
    xml('<r xmlns="">$1</r>', value('&lt;q&gt;1&lt;/q&gt;')),
    A,
    '<r><q>1</q></r>',
    VALUES
  ],
  [
    'xml: an object becomes elements without the wrapper',
    xml('<r xmlns="">$1</r>', path('$.k')),
    '{"k":{"l":1,"m":[2,3]}}',
    '<r><l>1</l><m>2</m><m>3</m></r>',
    'TemplateProcessor.convertJsonArgumentToXml'
  ],
  [
    'xml: an element that an XPath selects',
    xml('<r xmlns="">$1</r>', xpath('//b')),
    X,
    '<r>1</r>',
    'SynapseXPath.stringValueOf'
  ],
  ['xml: an attribute', xml('<r xmlns="" k="$1"/>', xpath('//b')), X, '<r k="1"/>', INLINE],
  [
    'xml: the type of a json message becomes xml',
    xml('<r xmlns=""/>'),
    A,
    '<r/>',
    'PayloadFactoryMediator.setContentType',
    { type: 'application/xml' }
  ],
  [
    'xml: in SOAP the Header stays, and the Body has the payload only',
    xml('<r xmlns="urn:r"/>'),
    soap('<x/><y/>', '<h xmlns="urn:h"/>'),
    soap('<r xmlns="urn:r"/>', '<h xmlns="urn:h"/>'),
    'PayloadFactoryMediator.mediate',
    { type: 'text/xml' }
  ],
  [
    'xml: an expression of an object becomes elements',
    xml('<r xmlns="">${payload.k}</r>'),
    '{"k":{"l":1}}',
    '<r><l>1</l></r>',
    'RegexTemplateProcessor.convertJsonToXML'
  ],
  [
    'xml: what is not well-formed is a fault',
    xml('&lt;r&gt;$1', value('1')),
    A,
    'not well-formed',
    'PayloadFactoryMediator.convertStringToOM',
    { status: 500 }
  ],
  [
    'text: nothing is escaped',
    text('a=$1', path('$.a.s')),
    A,
    'a=x "y"',
    REPLACEMENT,
    { type: 'text/plain' }
  ],
  [
    'text: surrounding space is removed',
    text('  $1  ', value('z')),
    A,
    'z',
    'PayloadFactoryMediator.mediate'
  ],
  [
    'a format by key',
    '<payloadFactory media-type="json"><format key="f"/><args><arg value="1"/></args></payloadFactory>',
    A,
    '{"k":1}',
    'PayloadFactoryMediator.transform',
    { beside: '<localEntry key="f">{"k":$1}</localEntry>' }
  ]
]

export const PAYLOAD_FACTORY = pairsOf('payloadFactory', ROWS)
