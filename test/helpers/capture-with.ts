// Captures with one particular tool: `node capture-with.ts TOOL INTERFACE`; a line for each frame, until SIGINT.
import { inEnglish } from '#messages/text.ts'
import { captureArguments, type CaptureToolName } from '../../src/main/observe/capture-tools.ts'
import { startCapture } from '../../src/main/observe/live-capture.ts'
import { Flows } from '#shared/trace/flows.ts'
import { findTool } from './requirements.ts'

const [tool, interfaceName] = process.argv.slice(2) as [CaptureToolName, string]
const flows = new Flows()
let linkType = 1
const capture = await startCapture({
  tool: { name: tool, path: findTool(tool)!, reason: 'the test wants it' },
  interface: interfaceName,
  onInterface: (one) => ({ linkType } = one),
  onFrame({ bytes, originalLength }) {
    const { protocol, source, destination, summary } = flows.read(bytes, linkType)
    process.stdout.write(
      `${protocol} ${source} ${destination} ${inEnglish(summary)} (${bytes.length} of ${originalLength})\n`,
    )
  },
  onEnd: ({ message }) => process.stdout.write(`ended: ${message}\n`),
})
process.stdout.write(`capturing ${captureArguments(tool, interfaceName, '').length}\n`)
process.once('SIGINT', () => void capture.stop().then(() => process.exit(0)))
