/** A server and a client on one wire, and a folder for the server's lab: made before the tests, removed after them. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { LabFolder } from './lab.ts'
import { Network, type Wire, type WireOptions } from './network.ts'

export interface LabWire extends Wire {
  readonly network: Network
  readonly folder: LabFolder
}

function labWire(
  options: WireOptions,
  before: (body: () => void) => void,
  after: (body: () => Promise<void>) => void,
): LabWire {
  const network = new Network()
  const folder = new LabFolder()
  before(() => void network.wire(options))
  after(async () => {
    await network.close()
    folder.remove()
  })
  // The names are known before the namespaces are there: tests can have them as constants.
  return { network, folder, here: network.nameOf('s'), there: network.nameOf('c') }
}

/** One wire for the whole file, or for the group that asks for it. */
export const labWireForAllTests = (options: WireOptions = {}): LabWire => labWire(options, beforeAll, afterAll)

/** A new wire for each test, with nothing left of the test before. */
export const labWireForEachTest = (options: WireOptions = {}): LabWire => labWire(options, beforeEach, afterEach)
