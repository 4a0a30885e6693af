import { pairsOf, soap, type Row } from './pair.js'

const to = (type: string): string => `<property name="messageType" value="${type}" scope="axis2"/>`
const XML = to('application/xml')
const JSON_TYPE = to('application/json')
/** An envelope that the engine makes. */
const soapenv = (body: string): string =>
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header/>' +
  `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`
const READER = 'JsonUtil.toXml'
const WRITER = 'JsonUtil.toJsonString'
const DELEGATE = 'JsonReaderDelegate.getLocalName'
const PRIMITIVE = 'AutoPrimitiveTarget.value'
const ARRAY = 'AutoArrayTarget.startObject'

const TO_XML: readonly Row[] = [
  [
    'an object has a wrapper',
    XML,
    '{"a":1}',
    '<jsonObject><a>1</a></jsonObject>',
    READER,
    { type: 'application/xml' }
  ],
  [
    'an array has a wrapper, and each value an element',
    XML,
    '[1,"x"]',
    '<jsonArray><jsonElement>1</jsonElement><jsonElement>x</jsonElement></jsonArray>',
    READER
  ],
  ['a value has a wrapper', XML, '"x"', '<jsonValue>x</jsonValue>', READER],
  [
    'a number keeps its digits',
    XML,
    '{"a":1.50,"b":12345678901234567890}',
    '<jsonObject><a>1.50</a><b>12345678901234567890</b></jsonObject>',
    READER
  ],
  ['booleans are texts', XML, '{"a":true,"b":false}', '<jsonObject><a>true</a><b>false</b></jsonObject>', READER],
  ['null is an empty element', XML, '{"a":null}', '<jsonObject><a/></jsonObject>', READER],
  ['an empty object is an empty element', XML, '{"a":{}}', '<jsonObject><a/></jsonObject>', READER],
  ['an empty text is an empty element', XML, '{"a":""}', '<jsonObject><a/></jsonObject>', READER],
  ['an empty root', XML, '{}', '<jsonObject/>', READER],
  ['an array is repeated elements', XML, '{"a":[1,2]}', '<jsonObject><a>1</a><a>2</a></jsonObject>', READER],
  [
    'an array of objects',
    XML,
    '{"a":[{"b":1},{"b":2}]}',
    '<jsonObject><a><b>1</b></a><a><b>2</b></a></jsonObject>',
    READER
  ],
  ['an attribute', XML, '{"a":{"@k":"v","b":1}}', '<jsonObject><a k="v"><b>1</b></a></jsonObject>', READER],
  ['text beside attributes', XML, '{"a":{"@k":"v","$":"t"}}', '<jsonObject><a k="v">t</a></jsonObject>', READER],
  [
    'a key that begins with a digit',
    XML,
    '{"1a":2}',
    '<jsonObject><_JsonReader_PD_1a>2</_JsonReader_PD_1a></jsonObject>',
    DELEGATE
  ],
  [
    'a key that begins with $',
    XML,
    '{"$a":2}',
    '<jsonObject><_JsonReader_PS_a>2</_JsonReader_PS_a></jsonObject>',
    DELEGATE
  ],
  ['markup is escaped', XML, '{"a":"<b>&"}', '<jsonObject><a>&lt;b>&amp;</a></jsonObject>', READER],
  [
    'a type of SOAP 1.1 makes an envelope',
    to('text/xml'),
    '{"a":1}',
    soapenv('<jsonObject><a>1</a></jsonObject>'),
    'JsonUtil.getNewJsonPayload',
    { type: 'text/xml' }
  ],
  ['nested objects', XML, '{"a":{"b":{"c":[true]}}}', '<jsonObject><a><b><c>true</c></b></a></jsonObject>', READER]
]

const TO_JSON: readonly Row[] = [
  ['an element is an object', JSON_TYPE, '<a><b>1</b></a>', '{"a":{"b":1}}', WRITER, { type: 'application/json' }],
  ['the payload of an envelope', JSON_TYPE, soap('<a><b>x</b></a>'), '{"a":{"b":"x"}}', WRITER],
  ['repeated elements are an array', JSON_TYPE, '<a><b>1</b><b>2</b></a>', '{"a":{"b":[1,2]}}', ARRAY],
  ['one element is no array', JSON_TYPE, '<a><b>1</b></a>', '{"a":{"b":1}}', ARRAY],
  ['an attribute', JSON_TYPE, '<a k="1"/>', '{"a":{"@k":"1"}}', WRITER],
  ['text beside an attribute', JSON_TYPE, '<a k="1">t</a>', '{"a":{"@k":"1","$":"t"}}', WRITER],
  ['an empty element is null', JSON_TYPE, '<a><b/></a>', '{"a":{"b":null}}', 'JsonUtil.generateJSONOutputFactory'],
  [
    'prefixes and namespaces are dropped',
    JSON_TYPE,
    '<p:a xmlns:p="urn:p"><p:b>1</p:b></p:a>',
    '{"a":{"b":1}}',
    'JsonUtil.transformElement'
  ],
  ['a number', JSON_TYPE, '<a><b>-1.5e3</b></a>', '{"a":{"b":-1.5e3}}', PRIMITIVE],
  ['digits after a zero are a text', JSON_TYPE, '<a><b>007</b></a>', '{"a":{"b":"007"}}', PRIMITIVE],
  [
    'true, false and null',
    JSON_TYPE,
    '<a><b>true</b><c>false</c><d>null</d></a>',
    '{"a":{"b":true,"c":false,"d":null}}',
    PRIMITIVE
  ],
  ['other cases are texts', JSON_TYPE, '<a><b>True</b></a>', '{"a":{"b":"True"}}', PRIMITIVE],
  [
    'jsonObject is no member',
    JSON_TYPE,
    '<jsonObject><a>1</a></jsonObject>',
    '{"a":1}',
    'JsonUtil.isAJsonPayloadElement'
  ],
  [
    'jsonArray is an array',
    JSON_TYPE,
    '<jsonArray><jsonElement>10</jsonElement><jsonElement>20</jsonElement></jsonArray>',
    '[10,20]',
    'JsonUtil.isAJsonPayloadElement'
  ],
  [
    'jsonArray with one value is an array',
    JSON_TYPE,
    '<jsonArray><jsonElement>10</jsonElement></jsonArray>',
    '[10]',
    'JsonUtil.isAJsonPayloadElement'
  ],
  [
    'an escaped key is the key',
    JSON_TYPE,
    '<a><_JsonReader_PD_1b>1</_JsonReader_PD_1b></a>',
    '{"a":{"1b":1}}',
    'XmlReaderDelegate.getLocalName'
  ],
  [
    'an escaped $ is the key',
    JSON_TYPE,
    '<a><_JsonReader_PS_b>1</_JsonReader_PS_b></a>',
    '{"a":{"$b":1}}',
    'XmlReaderDelegate.getLocalName'
  ],
  ['quotes are escaped', JSON_TYPE, '<a>x "y"</a>', '{"a":"x \\"y\\""}', WRITER],
  ['json stays as it is', JSON_TYPE, '{"a" : 1.50}', '{"a" : 1.50}', 'JsonStreamFormatter.writeTo']
]

export const CONVERSIONS = [...pairsOf('json to xml', TO_XML), ...pairsOf('xml to json', TO_JSON)]
