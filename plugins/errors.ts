import createError from '@fastify/error'

/** What the plugin itself refuses. A configuration that is wrong is a ConfigurationError with all its problems. */
export const NoConfiguration = createError('PROXY_SERVICES_NO_CONFIGURATION', 'the plugin needs the option "config" (a path) or "definitions" (the model, or a text)', 500, TypeError)
export const InvalidPublicUrl = createError('PROXY_SERVICES_INVALID_PUBLIC_URL', 'publicUrl expects an http or https address, not "%s"', 500, TypeError)
export const InvalidSessionStore = createError('PROXY_SERVICES_INVALID_SESSION_STORE', 'a session store in Redis cannot be made: %s', 500, TypeError)
export const NoRedisClient = createError('PROXY_SERVICES_NO_REDIS_CLIENT', 'sessions in Redis need the package ioredis: npm install ioredis@6', 500)
