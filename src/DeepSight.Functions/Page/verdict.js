import { age, ago, now } from './format.js';

const ADVICE = [
  [/settings are wrong/, 'Correct the settings and restart the app.'],
  [/store/, 'Look at the stores below: one does not answer as it should.'],
  [/backup failed/, 'Look at the failed run below: its hint says what to do. Then back up now.'],
  [/no good backup|hours old/, 'Back up now, and look at the runs below for why the schedule did not.'],
  [/drill/, 'Verify the newest backup now.'],
  [/signed/, 'Look at RESTORE_TRUSTED_KEYS and at who made those backups.'],
  [/folder/, 'Make room, or correct the folder’s rights.'],
];

// One sentence with its reason, out of what GET health/backup says.
export function judge(report) {
  const { last_success: newest, last_verified: drill } = report;
  if (!report.is_fresh) return {
    state: 'bad',
    sentence: `Not safe: ${report.reasons.join('; ')}.`,
    advice: ADVICE.find(([reason]) => report.reasons.some(text => reason.test(text)))?.[1],
  };
  const old = `the newest backup is ${age(now() - Date.parse(newest.time))} old`;
  if (newest.is_suspicious) return {
    state: 'warn',
    sentence: `Look closer: ${old}, and less than half the usual size.`,
    advice: 'Did something vanish from the database? Compare it with the one before.',
  };
  if (!drill) return { state: 'warn', sentence: `Probably safe: ${old}; no drill has restored one yet.`, advice: 'Verify it: only a drill proves that it restores.' };
  return {
    state: 'good',
    sentence: drill.name === newest.name ? `Safe: ${old} and was restored in a drill ${ago(drill.at)}.` : `Safe: ${old}; one was restored in a drill ${ago(drill.at)}.`,
  };
}
