/** The client of Redis, loaded where it is used: a bundler finds its parts by name only where they are imported so. */
export { Cluster, Redis } from 'ioredis'
