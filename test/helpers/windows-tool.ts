/** One tool of a double Windows server as a program: `windows-tool.ts STATE TOOL ARGUMENT...`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { WindowsDouble, type DoubleState } from './windows-double.ts'

const [file = '', program = '', ...values] = process.argv.slice(2)
const before = readFileSync(file, 'utf8')
const double = new WindowsDouble(JSON.parse(before) as DoubleState)
const { output, code } = double.run(program, values)
const after = JSON.stringify(double.state)
if (after !== before) {
  writeFileSync(`${file}.${process.pid}`, after)
  renameSync(`${file}.${process.pid}`, file)
}
process.stdout.write(output)
process.exitCode = code > 255 ? 1 : code
