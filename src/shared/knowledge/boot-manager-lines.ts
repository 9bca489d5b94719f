/**
 * The sentences that the Windows boot manager shows with its status values, as screens in Microsoft's documents and in reports have them. One
 * sentence may come with several values: the value and the file above it tell them apart.
 */
export const bootManagerLines: readonly { readonly code: string; readonly line: string }[] = [
  { code: '0xc000000f', line: 'The Boot Configuration Data for your PC is missing or contains errors.' },
  { code: '0xc000000f', line: 'An error occurred while attempting to read the boot configuration data.' },
  { code: '0xc000000f', line: 'The boot selection failed because a required device is inaccessible.' },
  { code: '0xc0000098', line: 'The Windows Boot Configuration Data (BCD) file from the PXE server does not contain a valid operating system entry. Ensure that the server has boot images installed for this architecture.' },
  { code: '0xc0000098', line: "The Boot Configuration Data file doesn't contain valid information for an operating system." },
  { code: '0xc0000001', line: "A required device isn't connected or can't be accessed." },
  { code: '0xc0000225', line: "A required device isn't connected or can't be accessed." },
  { code: '0xc000000e', line: "A required device isn't connected or can't be accessed." },
  { code: '0xc0000225', line: "The application or operating system couldn't be loaded because a required file is missing or contains errors." },
  { code: '0xc0000428', line: "The digital signature for this file couldn't be verified." },
  { code: '0xc0000017', line: "There isn't enough memory available to create a ramdisk device." },
] // prettier-ignore
