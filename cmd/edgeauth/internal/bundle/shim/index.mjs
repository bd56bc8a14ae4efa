// The handler module: Lambda imports it, and it makes way for the Go program beside it, which speaks the Runtime API
// itself. No event passes through Node.

import { accessSync, chmodSync, closeSync, constants, copyFileSync, openSync, readSync, renameSync } from 'node:fs';

let binary = `${import.meta.dirname}/bootstrap`;

// Releases of Node in use abort, without a word for Lambda, where execve fails; spawn would hand a foreign binary to
// the shell. So what is wrong with it is said before: ELF, 64 bit, machine 62 for x86-64.
const head = Buffer.alloc(20);
const file = openSync(binary);
readSync(file, head);
closeSync(file);
if (head.toString('latin1', 0, 4) !== '\x7fELF' || head[4] !== 2 || head.readUInt16LE(18) !== 62) {
  throw new Error(`${binary} is not a Linux x86-64 program`);
}
try {
  accessSync(binary, constants.X_OK);
} catch {
  // Somebody packed the zip again and lost the file modes. The task folder is read-only; /tmp is not.
  copyFileSync(binary, '/tmp/bootstrap.new');
  chmodSync('/tmp/bootstrap.new', 0o755);
  renameSync('/tmp/bootstrap.new', '/tmp/bootstrap');
  binary = '/tmp/bootstrap';
}

if (process.execve) process.execve(binary, [binary], process.env);

// Node before 22.15 cannot replace its process: it waits beside the program, and this import never ends.
const { spawn } = await import('node:child_process');
await new Promise((_, reject) => {
  const child = spawn(binary, { stdio: 'inherit' });
  child.on('error', reject);
  child.on('exit', (code, signal) => reject(new Error(`bootstrap ended: ${signal ?? code}`)));
});

export async function handler() {
  throw new Error("not reached: the events are bootstrap's");
}
