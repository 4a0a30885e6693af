import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      // A schema and its static type share a name; the compiler watches over the rest.
      '@typescript-eslint/no-redeclare': 'off',
      // A promise that nobody waits for says so.
      'no-void': ['error', { allowAsStatement: true }]
    }
  }
]
