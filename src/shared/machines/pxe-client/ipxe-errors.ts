/**
 * Numbers of iPXE's errors (its `errno.h`): bits 30-24 are a POSIX error, bits 23-13 the part of iPXE that reports it, bits 12-8 which of
 * that part's errors it is, bits 7-0 what the error is to the platform: PXE 2.1 on BIOS, an EFI_STATUS on UEFI.
 */

export interface PosixError {
  readonly number: number
  /** As iPXE prints it. */
  readonly text: string
  /** The last octet of its numbers. */
  readonly bios: string
  readonly uefi: string
}

/** Number, octet on BIOS, octet on UEFI, text: iPXE's `errno.h`, `errno/pcbios.h` and `errno/efi.h`. */
const rows = `
01 02 85 Argument list too long
02 3c 8f Permission denied
03 19 94 Address already in use
04 19 86 Address not available
05 03 83 Address family not supported
06 01 86 Resource temporarily unavailable
07 19 94 Connection already in progress
08 1a 82 Bad file descriptor
09 01 98 Bad message
0a 06 90 Device or resource busy
0b a0 95 Operation canceled
0c 3b 8e No child processes
0d 39 95 Connection aborted
0e 38 90 Connection refused
0f 39 95 Connection reset
10 01 86 Resource deadlock avoided
11 02 98 Destination address required
12 01 82 Mathematics argument out of domain of function
13 01 8b Disk quote exceeded
14 01 88 File exists
15 20 82 Bad address
16 20 9c File too large
17 11 90 Host is unreachable
18 01 82 Identifier removed
19 01 82 Illegal byte sequence
1a 01 94 Operation in progress
1b 01 86 Interrupted function call
1c 02 82 Invalid argument
1d 39 98 Input/output error
1e 19 94 Socket is connected
1f 01 98 Is a directory
20 01 8a Too many levels of symbolic links
21 06 89 Too many open files
22 01 89 Too many links
23 02 84 Message too long
24 01 82 Multihop attempted
25 01 82 Filename too long
26 11 90 Network is down
27 01 95 Connection aborted by network
28 11 90 Network unreachable
29 06 89 Too many open files in system
2a 06 89 No buffer space available
2b 01 90 No message is available on the STREAM
2c 3b 87 No such device
2d 3b 8e No such file or directory
2e 01 81 Exec format error
2f 01 89 No locks available
30 01 89 Link has been severed
31 06 89 Not enough space
32 01 98 No message of the desired type
33 03 83 Protocol not available
34 06 8b No space left on device
35 06 89 No STREAM resources
36 01 98 Not a STREAM
37 03 83 Function not implemented
38 01 93 The socket is not connected
39 01 8a Not a directory
3a 01 8a Directory not empty
3b 01 82 Not a socket
3c 03 83 Operation not supported
3d 01 83 Inappropriate I/O control operation
3e 3b 8e No such device or address
3f 03 83 Operation not supported on socket
40 01 85 Value too large to be stored in data type
41 3c 8f Operation not permitted
42 01 95 Broken pipe
43 01 98 Protocol error
44 03 83 Protocol not supported
45 01 82 Protocol wrong type for socket
46 01 85 Result too large
47 01 88 Read-only file system
48 01 9f Invalid seek
49 3b 93 No such process
4a 01 98 Stale file handle
4b 01 92 Timer expired
4c 35 92 Connection timed out
4d 01 8d Text file busy
4e 1b 86 Operation would block
4f 01 8a Improper link
7f 00 00 Platform-generated error
`

export const posixErrors: ReadonlyMap<number, PosixError> = new Map(
  rows
    .trim()
    .split('\n')
    .map((row) => {
      const [number, bios, uefi] = row.split(' ', 3) as [string, string, string]
      const value = Number.parseInt(number, 16)
      return [value, { number: value, text: row.slice(9), bios, uefi }]
    }),
)

/** The number that a UEFI build shows where a BIOS build shows this one; what only one of them shows stays. */
export function numberOnUefi(number: string): string {
  const error = posixErrors.get(Number.parseInt(number.slice(0, 2), 16))
  return error?.bios === number.slice(-2) ? `${number.slice(0, -2)}${error.uefi}` : number
}
