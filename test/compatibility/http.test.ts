import { suite } from './suite.js'

await suite(['http', 'wsdl'])
