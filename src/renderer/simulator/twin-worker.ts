/** The twin of a network in its worker. */
import { serveWorker } from '../worker-client.ts'
import { TwinEngine } from './twin-engine.ts'

serveWorker(new TwinEngine((progress) => self.postMessage({ told: progress })))
