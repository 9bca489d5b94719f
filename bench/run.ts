// `npm run bench [dhcp] [tftp] [http] [flows] [window] [simulation] [planner] [growth] [latency] [storm] [hub] [class]`: measures beside a peer in the same run and tells ratios. Needs root for its namespaces.
import { benchClass } from './class.ts'
import { benchDhcp } from './dhcp.ts'
import { benchFlows, benchWindow } from './flows.ts'
import { benchGrowth } from './growth.ts'
import { benchHttp } from './http.ts'
import { benchHub } from './hub.ts'
import { benchLatency } from './latency.ts'
import { benchPlanner } from './planner.ts'
import { benchSimulation } from './simulation.ts'
import { benchStorm } from './storm.ts'
import { benchTftp } from './tftp.ts'

const all = {
  dhcp: benchDhcp,
  tftp: benchTftp,
  http: benchHttp,
  flows: benchFlows,
  window: benchWindow,
  simulation: benchSimulation,
  planner: benchPlanner,
  growth: benchGrowth,
  latency: benchLatency,
  storm: benchStorm,
  hub: benchHub,
  class: benchClass,
}
const wanted = process.argv.slice(2)
for (const [name, bench] of Object.entries(all)) if (wanted.length === 0 || wanted.includes(name)) await bench()
