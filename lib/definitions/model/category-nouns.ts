/** What the artefacts of each category of a configuration are called in problems and reports. */
export const CATEGORY_NOUNS = {
  proxies: 'proxy',
  apis: 'API',
  sequences: 'sequence',
  endpoints: 'endpoint',
  templates: 'template',
  localEntries: 'local entry',
  defaults: 'default',
  json: 'setting of json',
  registry: 'setting of the registry'
} as const
