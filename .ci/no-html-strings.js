/** What makes HTML of a string, by the names of the DOM and of Preact. */
const NAMES = [
  'innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML', 'srcdoc', 'srcDoc',
  'setHTMLUnsafe', 'parseHTMLUnsafe', 'createContextualFragment', 'DOMParser'
]
const NAME = `/^(?:${NAMES.join('|')})$/`
const message = 'names, causes and bodies come from others: render them as text, not as HTML'

/** Options of the rule no-restricted-syntax: no such name as an identifier, an attribute or a string. */
export default [
  `Identifier[name=${NAME}]`,
  `JSXIdentifier[name=${NAME}]`,
  `Literal[value=${NAME}]`,
  `TemplateElement[value.cooked=${NAME}]`,
  'MemberExpression[object.name="document"][property.name=/^write(?:ln)?$/]'
].map(selector => ({ selector, message }))
