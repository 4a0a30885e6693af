import { compileExpression } from '../../../lib/expression/expression.js'
import type { Expression } from '../../../lib/expression/compiled-expression.js'
import { MediationError } from '../../../lib/message/fault.js'
import type { Message } from '../../../lib/message/message.js'
import { request, soapRequest } from '../../support/flows/drive-flow.js'
import { unlessRefused, type Target } from '../target.js'
import { JSON_SEEDS } from './seeds.js'
import { EXPRESSION_SNIPPETS } from './snippets.js'

const properties = { a: 'x', n: 5, j: { json: '{"a":[1,2]}' }, m: { xml: '<p><q>1</q></p>' } }
const MESSAGES: readonly Message[] = [
  soapRequest(
    '<o:order xmlns:o="urn:o"><o:item n="1">a</o:item><o:item n="2">b</o:item><x/></o:order>',
    '1.1',
    '<h xmlns="urn:h">1</h>',
    { properties }
  ),
  request('<a><b>1</b><b>2</b></a>', 'application/xml', { properties }),
  ...JSON_SEEDS.slice(0, 4).map(each => request(each, 'application/json', { properties }))
]
const NAMESPACES = { o: 'urn:o', s: 'urn:s' }
const ENVIRONMENT = { now: () => 0, environment: () => undefined, localEntry: () => undefined }

export const EXPRESSION: Target = {
  name: 'expression',
  looksFor: 'expressions that are neither refused with a reason in one line nor evaluated, or take too long',
  share: 10,
  seeds: [
    '//item[1]/@n',
    'count(//o:item) > 1 and not(//x)',
    "concat(get-property('a'), '-', $ctx:n)",
    '$body/*[1]',
    'json-eval($.a.b[0])',
    '${payload.a.b[1] + vars.n * 2}',
    '${toUpper(properties.synapse.a)}',
    "substring-before(string(//b[last()]), '1')",
    "//*[local-name()='item'][position() < 3] | //@n",
    '${payload.store.book[?(@.price < 10)].title}',
    'sum(//b) div 2 mod 3',
    "get-property('axis2', 'messageType') = 'x'",
    '${exists(payload.a) ? "yes" : "no"}',
    '/a/b/text()'
  ],
  snippets: EXPRESSION_SNIPPETS,
  maxLength: 512,
  isBudgeted: true,
  run (input, { oneOf }) {
    const xpath = input.toString('utf8')
    const expression = unlessRefused(() => compileExpression({ xpath, namespaces: NAMESPACES }, ENVIRONMENT))
    if (expression === undefined) return
    const message = oneOf(MESSAGES)
    for (const use of USES) {
      try {
        use(expression, message)
      } catch (error) {
        if (!(error instanceof MediationError)) throw error
      }
    }
  }
}

const USES: readonly ((expression: Expression, message: Message) => unknown)[] = [
  (expression, message) => expression.text(message),
  (expression, message) => expression.test(message),
  (expression, message) => expression.markup(message),
  (expression, message) => expression.json(message)
]
