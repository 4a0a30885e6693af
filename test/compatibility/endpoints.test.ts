import { suite } from './suite.js'

await suite(['endpoints', 'failures', 'sessions', 'seeds'])
