import { BANNED_NAMES, bannedWords } from './banned-words.js'

/**
 * An ESLint rule: comments, strings, templates and the text of pages have no banned words, and no word of an identifier
 * is a banned name.
 */
export default {
  meta: {
    type: 'suggestion',
    docs: { description: 'plain technical English' },
    messages: {
      word: '"{{word}}": {{advice}}',
      name: 'the name "{{name}}" says nothing of what it names'
    },
    schema: []
  },
  create (context) {
    const { sourceCode } = context

    /** Reports each banned word in the source text of a comment, a string, a template or a text of a page. */
    function report (node) {
      const [start] = node.range
      for (const { word, index, advice } of bannedWords(sourceCode.text.slice(...node.range))) {
        const loc = {
          start: sourceCode.getLocFromIndex(start + index),
          end: sourceCode.getLocFromIndex(start + index + word.length)
        }
        context.report({ loc, messageId: 'word', data: { word, advice } })
      }
    }

    function reportName (node) {
      if (wordsIn(node.name).some(word => BANNED_NAMES.has(word))) {
        context.report({ node, messageId: 'name', data: { name: node.name } })
      }
    }

    return {
      Program: () => sourceCode.getAllComments().forEach(report),
      Literal: node => { if (typeof node.value === 'string') report(node) },
      TemplateElement: report,
      JSXText: report,
      Identifier: reportName,
      PrivateIdentifier: reportName
    }
  }
}

/** The words of an identifier, in lower case: `isLiveFeed` has three. A constant counts as one word. */
const wordsIn = name =>
  (/[a-z]/.test(name) ? name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) : [name]).map(word => word.toLowerCase())
