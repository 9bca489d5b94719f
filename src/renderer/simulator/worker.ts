/** The simulator in its worker. */
import { serveWorker } from '../worker-client.ts'
import { SimulatorEngine } from './engine.ts'

serveWorker(new SimulatorEngine((progress) => self.postMessage({ told: progress })))
