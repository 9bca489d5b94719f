/** Why a file that was named cannot be read, in words behind its name. */
const words: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
}

/** `does not exist (ENOENT)`; a code that has no words of its own stays a code. */
export function whyUnread(error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException
  return `${words[code] ?? 'cannot be read'} (${code})`
}
