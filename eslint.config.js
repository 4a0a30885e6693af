import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'
import noHtmlStrings from './.ci/no-html-strings.js'
import plainWords from './.ci/plain-words.js'

/** Only a URL that does not fit in a line may make it longer. */
const LONG_URL = 'https?://\\S{80,}'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      // A schema and its static type share a name; the compiler checks the rest.
      '@typescript-eslint/no-redeclare': 'off',
      // A promise that is deliberately not awaited is marked with `void`.
      'no-void': ['error', { allowAsStatement: true }],
      // Expressions of Micro Integrator are written `${…}`.
      'no-template-curly-in-string': 'off'
    }
  },
  { rules: { '@stylistic/max-len': ['error', { code: 120, ignorePattern: LONG_URL }] } },
  {
    plugins: { house: { rules: { 'plain-words': plainWords } } },
    rules: { 'house/plain-words': 'error' }
  },
  {
    // The page shows what clients, back-ends and configurations have sent. No comment allows an exception.
    files: ['plugins/console/**'],
    linterOptions: { noInlineConfig: true },
    rules: { 'no-restricted-syntax': ['error', ...noHtmlStrings] }
  },
  {
    // Messages and configurations are data: a line break would change them.
    files: ['test/**'],
    rules: {
      '@stylistic/max-len': [
        'error',
        {
          code: 120,
          ignorePattern: LONG_URL,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true
        }
      ]
    }
  },
  {
    // These name the banned words.
    files: ['.ci/banned-words.js', 'test/docs/plain-words.test.ts'],
    rules: { 'house/plain-words': 'off' }
  }
]
