import { suite } from './suite.js'

await suite(['addressing', 'content', 'engine-faults', 'formats', 'header'])
