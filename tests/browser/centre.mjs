// A centre of its own for the test: a fresh store in a temporary folder, the demonstration's people, any free port.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOGINS = ['clinic', 'township', 'reader', 'senior', 'quality', 'admin'];

/** Starts `binary serve --demo`, its people and sites named in the language of `locale`; gives {base, passwords, stop}. */
export async function start(binary, locale = 'zh_CN.UTF-8') {
  const data = mkdtempSync(join(tmpdir(), 'centre-'));
  const child = spawn(binary, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--demo'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LANG: locale, LC_ALL: '' },
  });
  let said = '';
  const stop = async () => {
    const ended =
      child.exitCode === null &&
      new Promise((resolve) => {
        child.once('exit', resolve);
      });
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10000);
    await ended;
    clearTimeout(late);
    rmSync(data, { recursive: true, force: true });
  };
  const found = await new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`the server did not say where it listens and who may log in within 120 s:\n${said}`)),
      120000,
    );
    const look = (chunk) => {
      said += chunk;
      const base = /https?:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      const passwords = Object.fromEntries(
        LOGINS.map((login) => [login, new RegExp(`(?:^|\\s)${login}\\s+(\\S+)`, 'm').exec(said)?.[1]]),
      );
      if (!base || LOGINS.some((login) => !passwords[login])) return;
      clearTimeout(late);
      resolve({ base, passwords });
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  return { ...found, stop };
}
