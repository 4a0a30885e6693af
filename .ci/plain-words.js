/**
 * An ESLint rule: comments, strings and templates name the actor (endpoint, client, gateway, caller)
 * instead of an indefinite pronoun.
 */
const PRONOUNS = ['nobody', 'somebody', 'anybody', 'whoever', 'whom', 'kin']
const BANNED = new RegExp(`\\b(?:${PRONOUNS.join('|')})\\b`, 'gi')

export default {
  meta: {
    type: 'suggestion',
    docs: { description: 'name the actor: endpoint, client, gateway, caller' },
    messages: { word: '"{{word}}" names no actor: say endpoint, client, gateway, caller, or use the passive voice' },
    schema: []
  },
  create (context) {
    const { sourceCode } = context

    /** Reports each banned word in the source text of a comment, a string or a template. */
    function report (node) {
      const [start] = node.range
      for (const { 0: word, index } of sourceCode.text.slice(...node.range).matchAll(BANNED)) {
        const loc = {
          start: sourceCode.getLocFromIndex(start + index),
          end: sourceCode.getLocFromIndex(start + index + word.length)
        }
        context.report({ loc, messageId: 'word', data: { word } })
      }
    }

    return {
      Program: () => sourceCode.getAllComments().forEach(report),
      Literal: node => { if (typeof node.value === 'string') report(node) },
      TemplateElement: report
    }
  }
}
