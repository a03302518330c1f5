// One subject of one scenario in a process of its own: `node child.ts SECTION SCENARIO SUBJECT`, a line of JSON as the answer.
import { loadSection } from './section.ts';

const [sectionName = '', scenarioName = '', subjectName = ''] = process.argv.slice(2);
const section = await loadSection(sectionName);
const subject = section.scenarios.find(({ name }) => name === scenarioName)?.subjects[subjectName];
if (subject === undefined) throw new Error(`${sectionName} has no subject "${subjectName}" in "${scenarioName}".`);

const measured = await subject();
// What the system counted as the highest, in kilobytes on every platform that Node reports it on.
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`\n${JSON.stringify({ peakRssBytes, ...measured })}\n`, () => process.exit(0));
