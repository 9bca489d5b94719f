/** Log files in the window: packed ones are read, and one that cannot be read is named and stops no other. */
import { File } from 'node:buffer'
import { gzipSync } from 'node:zlib'
import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { useLog, type OpenLog } from '../../src/renderer/planner/use-log.ts'

const entry = (text: string): string => `<![LOG[${text}]LOG]!><time="09:00:00.123-060" date="11-24-2026" component="TSManager" type="1" thread="1">\r\n` // prettier-ignore
const good = entry('Task Sequence Engine succeeded! Execution History:')
const bad = entry('Task Sequence Engine failed! Code: enExecutionFail')
const file = (name: string, bytes: Uint8Array | string) => new File([bytes], name) as unknown as globalThis.File // prettier-ignore
const none = {}

function Shown({ log }: { readonly log: OpenLog }) {
  const { logs, problem, progress } = useLog(log, none)
  return (
    <p>{progress ? 'reading' : `${logs.map((one) => `${one.name} ${one.report.outcome}`).join(', ')}; ${problem}`}</p>
  )
}

test('packed logs, archives and logs side by side', async () => {
  const packed = gzipSync(bad)
  const files = [file('packed.log.gz', packed), file('a.zip', 'PK\u0003\u0004xx'), file('cut.log.gz', packed.subarray(0, packed.length - 12)), file('good.log', good)] // prettier-ignore
  render(<Shown log={{ text: '', files }} />)
  const told = await screen.findByText(/good\.log good/)
  expect(told.textContent).toMatch(/^packed\.log\.gz failed, good\.log good; a\.zip is a ZIP archive.* cut\.log\.gz cannot be read: /) // prettier-ignore
})
