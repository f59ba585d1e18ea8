// The official SDKs and `scena complete` against the same faults:
//
//   node compare.mjs SCENA [--check DOCUMENT] [CASE...]
//
// Prints a table in Markdown: a row a fault, a column a client. docs/design/sdk-differences.md holds
// what it printed last, and explains the differences. With --check it fails where scena's column is
// another than the document's. Nothing but the fault server is contacted.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";

import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { CohereClientV2 } from "cohere-ai";
import { Ollama } from "ollama";
import OpenAI from "openai";

const SAID = "one two three four";
const LIMIT = 1500; // milliseconds that each client is told, where it can be told
const PATIENCE = 4000; // after which a client is said to hang
const CASES = ["ok", "400", "401", "429@2s", "500", "529", "quota", "context", "refuse", "reset", "cut_after=2", "reset_after=2",
  "stall_head", "stall_after=2", "comments@100ms", "error", "error_after=2", "bad_json_after=2", "bad_utf8_after=2", "empty",
  "wrong_finish", "case=F2cr", "case=F5", "case=F8", "case=F9", "case=F11", "case=F14", "case=D26", "case=no_last_chunk", "case=short_body",
  "case=broken_gzip", "case=redirect"];

const scena = process.argv[2];
const rest = process.argv.slice(3);
const document = rest[0] === "--check" ? rest.splice(0, 2)[1] : null;
const wanted = rest.length > 0 ? rest : CASES;

// What the document says of scena, by client and fault.
function documented() {
  const said = new Map();
  let client = "";
  for (const line of readFileSync(document, "utf8").split("\n")) {
    if (line.startsWith("### ")) client = line.slice(4);
    const cells = line.split(" | ");
    if (line.startsWith("| `") && cells.length === 3) said.set(`${client} ${cells[0].slice(2)}`, cells[2].replace(/ \|$/, ""));
  }
  return said;
}

function startServer() {
  const schedule = JSON.stringify({ instant: true, replies: [SAID] });
  const child = spawn(scena, ["fault-server", "--schedule", schedule], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve({ child, url: line.replace("listening on ", "") }));
  });
}

// Each client: the whole text of a stream and the word for why it ended, or a thrown error.
const CLIENTS = {
  async openai(base) {
    const client = new OpenAI({ apiKey: "key", baseURL: base + "/v1", maxRetries: 0, timeout: LIMIT });
    const stream = await client.chat.completions.create({ model: "m", stream: true, messages: [{ role: "user", content: "Hi" }] });
    const got = { text: "", finish: null };
    for await (const chunk of stream) {
      got.text += chunk.choices?.[0]?.delta?.content ?? "";
      got.finish = chunk.choices?.[0]?.finish_reason ?? got.finish;
      this.partial = got.text;
    }
    return got;
  },
  async responses(base) {
    const client = new OpenAI({ apiKey: "key", baseURL: base + "/v1", maxRetries: 0, timeout: LIMIT });
    const stream = await client.responses.create({ model: "m", stream: true, input: "Hi" });
    const got = { text: "", finish: null };
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") got.text += event.delta;
      if (event.type === "response.completed") got.finish = event.response.status;
      this.partial = got.text;
    }
    return got;
  },
  async anthropic(base) {
    const client = new Anthropic({ apiKey: "key", baseURL: base, maxRetries: 0, timeout: LIMIT });
    const stream = await client.messages.create({ model: "m", max_tokens: 50, stream: true, messages: [{ role: "user", content: "Hi" }] });
    const got = { text: "", finish: null };
    for await (const event of stream) {
      if (event.type === "content_block_delta") got.text += event.delta.text ?? "";
      if (event.type === "message_delta") got.finish = event.delta.stop_reason ?? got.finish;
      this.partial = got.text;
    }
    return got;
  },
  async gemini(base) {
    const client = new GoogleGenAI({ apiKey: "key", httpOptions: { baseUrl: base, timeout: LIMIT, retryOptions: { attempts: 1 } } });
    const stream = await client.models.generateContentStream({ model: "m", contents: "Hi" });
    const got = { text: "", finish: null };
    for await (const chunk of stream) {
      got.text += chunk.text ?? "";
      got.finish = chunk.candidates?.[0]?.finishReason ?? got.finish;
      this.partial = got.text;
    }
    return got;
  },
  async cohere(base) {
    const client = new CohereClientV2({ token: "key", environment: base });
    const options = { maxRetries: 0, timeoutInSeconds: LIMIT / 1000 };
    const stream = await client.chatStream({ model: "m", messages: [{ role: "user", content: "Hi" }] }, options);
    const got = { text: "", finish: null };
    for await (const event of stream) {
      if (event.type === "content-delta") got.text += event.delta?.message?.content?.text ?? "";
      if (event.type === "message-end") got.finish = event.delta?.finishReason ?? event.delta?.finish_reason ?? null;
      this.partial = got.text;
    }
    return got;
  },
  async ollama(base) {
    const client = new Ollama({ host: base });
    const stream = await client.chat({ model: "m", stream: true, messages: [{ role: "user", content: "Hi" }] });
    const got = { text: "", finish: null };
    for await (const part of stream) {
      got.text += part.message?.content ?? "";
      if (part.done) got.finish = part.done_reason ?? "done";
      this.partial = got.text;
    }
    return got;
  },
};

function short(text) {
  return text === SAID ? "whole text" : text === "" ? "no text" : text.startsWith(SAID) ? "whole text and more" : `"${text}"`;
}

async function ask(client, base) {
  const seen = { partial: "" };
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve({ hangs: true }), PATIENCE);
  });
  try {
    const got = await Promise.race([CLIENTS[client].call(seen, base), late]);
    if (got.hangs) return `**hangs** (${short(seen.partial)})`;
    return `ok, ${short(got.text)}, ${got.finish}`;
  } catch (error) {
    const status = error?.status ?? error?.statusCode ?? error?.status_code;
    return `${error?.constructor?.name ?? "error"}${status ? " " + status : ""}${seen.partial ? ", " + short(seen.partial) : ""}`;
  } finally {
    clearTimeout(timer);
  }
}

const PROMPT = join(mkdtempSync(join(tmpdir(), "scena-sdk-")), "prompt.txt");
writeFileSync(PROMPT, "Hi");
const KINDS = { openai: "openai", responses: "openai-responses", anthropic: "anthropic", gemini: "gemini", cohere: "cohere", ollama: "ollama" };

function askScena(client, base) {
  const url = base + (client === "openai" || client === "responses" ? "/v1" : "");
  const args = ["complete", "--provider", KINDS[client], "--base-url", url, "--model", "m", "--prompt-file", PROMPT, "--json", "--timeout-ms",
    String(LIMIT)];
  return new Promise((resolve) => {
    execFile(scena, args, { env: { ...process.env, SCENA_API_KEY: "key" } }, (_, stdout) => {
      const said = JSON.parse(stdout);
      if (!said.error) return resolve(`ok, ${short(said.text)}, ${said.finish_reason}`);
      resolve(`${said.error.kind}${said.error.status ? " " + said.error.status : ""}${said.text ? ", " + short(said.text) : ""}`);
    });
  });
}

const server = await startServer();
process.on("unhandledRejection", () => {}); // some SDKs leave one behind a broken connection
const expected = document ? documented() : new Map();
let differences = 0;
for (const client of Object.keys(CLIENTS)) {
  console.log(`\n### ${client}\n\n| fault | SDK | scena complete |\n| --- | --- | --- |`);
  for (const fault of wanted) {
    if (client === "ollama" && /^case=F(2cr|5|8|9|11)$/.test(fault)) continue; // of events, which it has none of
    const base = server.url + (fault.startsWith("case=") ? "/case/" + fault.slice(5) : "/fault/" + fault);
    const theirs = await ask(client, base);
    const ours = await askScena(client, base);
    console.log(`| \`${fault}\` | ${theirs} | ${ours} |`);
    if (!document || expected.get(`${client} \`${fault}\``) === ours) continue;
    differences += 1;
    console.error(`FAILED: ${client} ${fault}: the document has ${expected.get(`${client} \`${fault}\``)}`);
  }
}
server.child.kill("SIGTERM");
setTimeout(() => process.exit(differences ? 1 : 0), 500); // connections that a client left open
