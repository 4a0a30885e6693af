import createError from '@fastify/error'

/** The errors of the plugin's options. Mistakes in a configuration are a ConfigurationError with all its problems. */
export const NoConfiguration = createError(
  'PROXY_SERVICES_NO_CONFIGURATION',
  'the plugin needs the option "config" (a path) or "definitions" (the model, or a text)', 500, TypeError)
export const InvalidPublicUrl = createError(
  'PROXY_SERVICES_INVALID_PUBLIC_URL', 'publicUrl expects an http or https address, not "%s"', 500, TypeError)
export const InvalidSessionStore = createError(
  'PROXY_SERVICES_INVALID_SESSION_STORE', 'the session store in Redis cannot be created: %s', 500, TypeError)
export const NoRedisClient = createError(
  'PROXY_SERVICES_NO_REDIS_CLIENT', 'sessions in Redis need the package ioredis: npm install ioredis@6', 500)
