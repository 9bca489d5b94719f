/** What was asked for makes no sense, and has been told. */
export class UsageError extends Error {}
