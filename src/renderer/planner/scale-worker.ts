import { serveWorker } from '../worker-client.ts'
import { ScaleEngine } from './scale-engine.ts'

serveWorker(new ScaleEngine((progress) => self.postMessage({ told: progress })))
