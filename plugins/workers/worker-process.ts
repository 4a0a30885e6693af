/** The environment variable of processes that are workers of a gateway. */
export const WORKER_VARIABLE = 'PROXY_SERVICES_WORKER_PROCESS'

/** Whether this process is a worker of a gateway with several of them. */
export const isWorker = (): boolean => process.env[WORKER_VARIABLE] !== undefined && process.send !== undefined
