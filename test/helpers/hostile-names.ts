/** Names that Windows reads as something other than a file in the folder; `secret` stands for a file beside the folder. */
export const hostileWindowsNames: readonly string[] = [
  '..\\secret', '..\\..\\secret', 'grub\\..\\..\\secret', '/..\\secret', 'x/..\\..\\secret', '.. \\secret', '..\\.. \\secret', '...\\secret', '. .\\secret',
  'C:\\secret', 'C:secret', 'c:/secret', '\\C:\\secret', '/C:/secret', 'Z:\\etc\\passwd', 'Z:etc/passwd', 'grub/C:/secret', 'grub\\Z:\\etc\\passwd',
  '\\\\?\\C:\\secret', '\\\\.\\C:\\secret', '//?/C:/secret', '//./C:/secret', '\\??\\C:\\secret', '/??/Z:/etc/passwd', '\\\\?\\UNC\\localhost\\c$\\secret',
  '\\\\?\\GLOBALROOT\\Device\\HarddiskVolume1\\secret', '\\\\localhost\\c$\\secret', '\\\\.\\pipe\\x', '\\\\.\\PhysicalDrive0',
  'file.txt::$DATA', 'file.txt:$DATA', 'file.txt:stream', 'file.txt:', 'grub::$INDEX_ALLOCATION\\file.txt', ':file.txt', '.:file.txt',
  'aux', 'AUX', 'con', 'CON', 'nul', 'prn', 'com1', 'COM9', 'lpt1', 'COM¹', 'conin$', 'CONOUT$', 'con.txt', 'nul.efi', 'aux.cfg', 'con .txt', 'CON  ', 'nul:', 'aux.', 'grub\\con', 'grub/nul.cfg',
  'file.txt.', 'file.txt ', 'file.txt..', 'file.txt. .', 'grub.\\file.txt', 'grub \\file.txt',
  'file.t?t', 'file.*', '*', 'file.<', 'file>txt', 'file".txt', 'a|b', 'file.txt\u0001', 'file\u001f.txt', 'file.txt\0', 'file.txt\0.efi',
] // prettier-ignore
