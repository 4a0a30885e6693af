/** What reads documents on servers, loaded where it is used: a bundler finds its parts by name only so. */
export { Agent, request } from 'undici'
