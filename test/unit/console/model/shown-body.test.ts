import t from 'tap'
import { linesOfBody, linesThatDiffer } from '../../../../plugins/console/model/shown-body.js'

t.test('XML has a line for each element, and its text stays in its line', async t => {
  const xml = '<?xml version="1.0"?><a x="1>"><b>text</b><c/><d><e><![CDATA[<x>]]></e></d><!-- note --></a>'
  t.same(linesOfBody(xml, 'formatted'), [
    '<?xml version="1.0"?>',
    '<a x="1>">',
    '  <b>text</b>',
    '  <c/>',
    '  <d>',
    '    <e><![CDATA[<x>]]></e>',
    '  </d>',
    '  <!-- note -->',
    '</a>'
  ])
  t.same(linesOfBody('<a><b>te', 'formatted'), ['<a>', '  <b>te'], 'half a document')
  t.equal(linesOfBody('<'.repeat(16_384), 'formatted').join('').length >= 16_384, true, 'any text is shown')
})

t.test('JSON has a line for each member; half of it stays as it is', async t => {
  t.same(linesOfBody('{"a":[1]}', 'formatted'), ['{', '  "a": [', '    1', '  ]', '}'])
  t.same(linesOfBody('{"a":[1', 'formatted'), ['{"a":[1'])
  const exact = '{"id":12345678901234567890,"price":1.10,"price":1e2}'
  const lines = ['{', '  "id": 12345678901234567890,', '  "price": 1.10,', '  "price": 1e2', '}']
  t.same(linesOfBody(exact, 'formatted'), lines, 'numbers and repeated names are as they came')
})

t.test('raw is as it is kept; hex shows its bytes in UTF-8', async t => {
  t.same(linesOfBody('<a>\r\n<b/></a>', 'raw'), ['<a>', '<b/></a>'])
  t.same(linesOfBody('aü\n', 'hex'), ['00000000  61 c3 bc 0a                                      a...'])
  t.equal(linesOfBody('0123456789abcdefg', 'hex').length, 2)
})

t.test('lines that do not occur in the other text as often differ', async t => {
  t.same(linesThatDiffer(['a', 'b', 'b', 'c'], ['a', 'b', 'd']), [false, false, true, true])
})
