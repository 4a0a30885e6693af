/** What mutations of XML insert. */
export const XML_SNIPPETS: readonly string[] = [
  '<', '>', '/', '"', "'", '=', '&', ';', ':', '--', '<!--', '-->', '<![CDATA[', ']]>', '<?', '?>',
  '<?xml version="1.0"?>', '<!DOCTYPE x>', '&#0;', '&x;', 'xmlns=""', ' xmlns:a=""', ' xmlns:s="urn:s"',
  '</s:Header>', '<s:Header>', '<s:Body>', '</s:Envelope>', '<ClientID>', '</x>', '<x/>', '\0', '\r', '\x0B',
  '\uFFFE', '\u00D7', ' p1=""', ' xml:a=""', ' ', '\n', 'x', '1', '-', ']', 'xmlns:b="urn:b"', '<b:c/>',
  '<?xml version="1.0" encoding="UTF-16"?>', '<a b="', '&#x10FFFF;', '<![CDATA[]]>'
]

/** What mutations of JSON insert. */
export const JSON_SNIPPETS: readonly string[] = [
  '{', '}', '[', ']', ',', ':', '"', '\\', '\\"', '\\u0000', '\\ud800', '\\u00e9', 'true', 'false', 'null', '0', '-0', '-', '1', '.5',
  '1.50', '1e5', '1E+400', '12345678901234567890', '"a":', '"@a":', '"$":', '"":', '"__proto__":', '"constructor":', '{}', '[]',
  '"a b":', '"1":', '"\u00b5":', '[1,2]', '{"a":1}', ' ', '\n', '\t', '\u00a0', '\u2028', '\0', '\ufeff', 'NaN', "'", '/*', '//',
  '[[', ']]', '"jsonObject":', '"jsonElement":', '"_JsonReader_PD_1":'
]

/** What mutations of JSONPath insert. */
export const PATH_SNIPPETS: readonly string[] = [
  '$', '@', '.', '..', '[', ']', '(', ')', '*', '?', '?@', '?(@.', ',', ':', '-1', '0', "'a'", '"b"', '.length()', '.size()', '.max()',
  '==', '!=', '<', '>=', '&&', '||', '!', 'a', 'b', 'store', 'true', 'null', '1.5', '1e2', 'count(', 'value(', 'length(', 'match(',
  ' ', '..*', '[*]', '[0,1]', "['a','b']", '[1:]', '[::-1]', '\\', "'", '"', '=~', '\u00e9', '\0', '~'
]

/** What mutations of expressions insert. */
export const EXPRESSION_SNIPPETS: readonly string[] = [
  '/', '//', '..', '.', '*', '@', '@*', '[', ']', '(', ')', '|', '+', '-', ' div ', ' mod ', ' and ', ' or ', '=', '!=', '<', '<=', '"', "'",
  ',', '::', 'child::', 'ancestor-or-self::', 'following::', 'preceding-sibling::', 'text()', 'node()', 'position()', 'last()', 'count(',
  'string(', 'concat(', 'substring(', 'translate(', 'normalize-space(', 'not(', 'true()', 'sum(', 'number(', 'get-property(', "'axis2'",
  'json-eval(', '$', '$body', '$header', '$ctx:', '$trp:', '$func:', '${', '}', 'payload.', 'vars.', 'headers[', 'properties.', '?', ':',
  '==', '&&', 'toUpper(', 'subString(', 'round(', 'object(', 'exists(', '1', '0.5', '-1', '9999999999', 'a', 's:', 'x', '\0', '\u00e9'
]
