/** The head of a UEFI program for that machine (Microsoft PE format, section 3.3.1), filled up to `size` bytes. */
export function peProgram(machine: number, size = 512): Uint8Array {
  const program = new Uint8Array(size)
  const headerAt = 0x80
  const subsystemAt = headerAt + 24 + 68
  program.set([0x4d, 0x5a])
  program[0x3c] = headerAt
  program.set([0x50, 0x45, 0, 0, machine & 255, machine >> 8], headerAt)
  program[subsystemAt] = 10
  return program
}
