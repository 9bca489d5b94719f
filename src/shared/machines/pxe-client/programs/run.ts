/** Starts a boot program that a firmware loaded. */
import { say } from '#messages/message.ts'
import { booted, type BootContext, type ProgramEnd } from '../boot-context.ts'
import type { ClientContext, ClientResult, Step } from '../client.ts'
import { programIn, type ProgramDescription } from '../program-image.ts'
import { ipxeProgram } from '../ipxe.ts'
import { runBootManager } from './boot-manager.ts'
import { runGrub } from './grub.ts'
import { runPxelinux } from './pxelinux.ts'
import { runShim } from './shim.ts'
import { runPxeboot, runWdsnbp, runWdsmgfw } from './wds.ts'

export function* runProgram(
  client: ClientContext,
  context: BootContext,
  head: Uint8Array,
  depth = 0,
): Step<ProgramEnd> {
  const program = programIn(head, context.file)
  client.stage('program', say('pxe-client.program-runs', { file: context.file }))
  switch (program.kind) {
    case 'ipxe':
      return yield* ipxeProgram(client, context.platform, context.architecture, depth + 1, context)
    case 'grub':
      return yield* runGrub(client, context, program)
    case 'pxelinux':
      return yield* runPxelinux(client, context, program)
    case 'wdsnbp':
      return yield* runWdsnbp(client, context)
    case 'wdsmgfw':
      return yield* runWdsmgfw(client, context)
    case 'pxeboot':
      return yield* runPxeboot(client, context)
    case 'abortpxe':
      client.line('PXE Boot aborted. Booting to next device...')
      return 'returned'
    case 'bootmgr':
      return yield* runBootManager(client, context)
    case 'shim':
      return yield* runShim(client, context, program, depth)
    case 'plain':
      return plain(client, context, program)
  }
}

function plain(client: ClientContext, { file }: BootContext, program: ProgramDescription): ClientResult {
  for (const line of [...program.prints, ...program.afterwards]) client.line(line)
  return booted(client, say('pxe-client.file-runs', { file }))
}
