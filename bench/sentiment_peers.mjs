// The built-in metrics beside two sentiment packages of npm, in one run:
//   npm install --prefix FOLDER vader-sentiment@1.1.3 sentiment@5.0.2
//   node bench/sentiment_peers.mjs FOLDER build/release
// Each of the packages gives one sentiment; scena gives all of its metrics. CPU time of a message, the least of nine rounds.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [folder, build] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), 'package.json'));
const { SentimentIntensityAnalyzer: vader } = require('vader-sentiment');
const Sentiment = require('sentiment');
const sentiment = new Sentiment();

const words = 'I really liked the new team but the meetings were too long and nobody listened . '.repeat(20);
const messages = { 60: words.slice(0, 60), 800: words.slice(0, 800) };
const peers = { 'vader-sentiment': (text) => vader.polarity_scores(text), sentiment: (text) => sentiment.analyze(text) };

function least(measure, text) {
  const rounds = [];
  for (let round = 0; round < 9; round += 1) {
    const before = process.cpuUsage();
    let calls = 0;
    for (const end = Date.now() + 60; Date.now() < end; calls += 20) for (let i = 0; i < 20; i += 1) measure(text);
    const used = process.cpuUsage(before);
    rounds.push((used.user + used.system) / calls);
  }
  return Math.min(...rounds);
}

const ours = JSON.parse(execFileSync(join(build, 'bench/metrics_bench'),
  ['--benchmark_filter=message_of_bytes', '--benchmark_format=json', '--benchmark_min_time=0.2'], { stdio: ['ignore', 'pipe', 'ignore'] }));
for (const [bytes, text] of Object.entries(messages)) {
  const { cpu_time: us } = ours.benchmarks.find(({ name }) => name === `message_of_bytes/${bytes}`);
  console.log(`${bytes} bytes: scena, all metrics ${us.toFixed(1)} us`);
  for (const [name, measure] of Object.entries(peers)) {
    const theirs = least(measure, text);
    console.log(`${bytes} bytes: ${name} ${theirs.toFixed(1)} us, ${(theirs / us).toFixed(2)} times that`);
  }
}
