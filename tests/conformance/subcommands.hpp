#pragma once

#include <cstdint>
#include <string>

namespace scena::conformance {

/// The subcommands of scena_conformance: each puts one part of the engine behind a line on stdin
/// and a line on stdout, and holds no logic of its own. They return the exit status.

int run_sse();   ///< JSON lines of chunks -> JSON lines of events.
int run_json();  ///< One document: 0 accepted, 1 refused.
int run_url();   ///< A URL a line -> "allow" or "deny".
int run_turn();  ///< One JSON line with a provider and a message -> how the turn ended.

/// One engine from open to close; 0 when all went well or every failure was reported as an error.
/// Empty folder: the store is in memory.
int run_torture(const std::string& folder);
int run_store_check(const std::string& folder);

/// Serves appends and logs over HTTP on 127.0.0.1 until the process is ended.
int run_serve_log(const std::string& folder, std::uint16_t port);

}  // namespace scena::conformance
