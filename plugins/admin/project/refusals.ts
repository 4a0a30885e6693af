import createError from '@fastify/error'

/** Why a change of the configuration is refused; the status is that of the response of the admin API. */
export const UnknownFile = createError('PROXY_SERVICES_UNKNOWN_FILE', 'the configuration has no file "%s"', 404)
export const FileNotAllowed = createError(
  'PROXY_SERVICES_FILE_NOT_ALLOWED',
  'the file "%s" cannot be added: expected NAME.xml or NAME.json in the folder of the configuration, or NAME.xml in ' +
    'one of %s',
  400
)
export const NotEditable = createError('PROXY_SERVICES_NOT_EDITABLE', '"%s" cannot be edited here: %s', 409)
export const StaleFile = createError(
  'PROXY_SERVICES_STALE_FILE',
  '"%s" has changed since it was opened: read it again, and repeat the change',
  409
)
export const NotWritable = createError('PROXY_SERVICES_NOT_WRITABLE', '"%s" cannot be written: %s', 409)
export const UnconfirmedConfigurationRuns = createError(
  'PROXY_SERVICES_UNCONFIRMED_CONFIGURATION_RUNS',
  'an unconfirmed configuration runs: keep it or revert it first',
  409
)
export const ChangeInProgress = createError(
  'PROXY_SERVICES_CHANGE_IN_PROGRESS',
  'another change of the configuration is in progress: try again',
  409
)
export const NoUnconfirmedConfiguration = createError(
  'PROXY_SERVICES_NO_UNCONFIRMED_CONFIGURATION',
  'no unconfirmed configuration runs',
  409
)
export const TooManyChecks = createError(
  'PROXY_SERVICES_TOO_MANY_CHECKS',
  'other configurations are being checked: try again',
  429
)
