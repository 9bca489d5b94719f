/** The engine in its worker. */
import { serveWorker } from '../worker-client.ts'
import { FlowsEngine } from './engine.ts'

serveWorker(new FlowsEngine((state) => self.postMessage({ told: state })))
