import { suite } from './suite.js'

await suite(['flow', 'property', 'well-known', 'xpath', 'makefault'])
