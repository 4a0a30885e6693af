import createError from '@fastify/error'

/** What the plugin itself refuses. A configuration that is wrong is a ConfigurationError with all its problems. */
export const NoConfiguration = createError('PROXY_SERVICES_NO_CONFIGURATION', 'the plugin needs the option "config" (a path) or "definitions" (the model, or a text)', 500, TypeError)
export const InvalidPublicUrl = createError('PROXY_SERVICES_INVALID_PUBLIC_URL', 'publicUrl expects an http or https address, not "%s"', 500, TypeError)
